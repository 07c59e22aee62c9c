"""Nothing that was acknowledged is lost when the emulator is killed."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sqlite3
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from openai_constructs.emulator import Emulator

from .conftest import plain

POST = "/v1/chat/completions"
SERVE = """
import sys
from openai_constructs.emulator import serve
serve(db=sys.argv[1], on_start=lambda url: print(url, flush=True))
"""
WRITERS = 16


async def _write(client: httpx.AsyncClient, marks: list[int], acknowledged: dict[str, str]) -> None:
    """Store completions until there is nothing left to store, or nobody to store it."""
    while marks:
        mark = str(marks.pop())
        body = {"model": "gpt-4o", "messages": [{"role": "user", "content": mark}], "store": True}
        answer = await client.post(POST, json=body)
        acknowledged[answer.json()["id"]] = mark


async def _load(
    url: str, marks: list[int], acknowledged: dict[str, str], run: subprocess.Popen[str], kill_at: int
) -> None:
    headers = {"Authorization": "Bearer local"}
    limits = httpx.Limits(max_connections=WRITERS)
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, limits=limits) as client:
        writers = [asyncio.create_task(_write(client, marks, acknowledged)) for _ in range(WRITERS)]
        while len(acknowledged) < kill_at and not all(it.done() for it in writers):
            await asyncio.sleep(0.001)
        run.kill()
        for it in writers:
            with contextlib.suppress(httpx.TransportError):
                await it


def _killed_again_and_again(file: Path, total: int, kills: int) -> None:
    chance = random.Random(20)
    marks = list(range(total))
    acknowledged: dict[str, str] = {}
    for kill in range(kills):
        command = [sys.executable, "-c", SERVE, str(file)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
            assert run.stdout is not None
            url = run.stdout.readline().strip()
            share = total * (kill + 1) // kills
            kill_at = max(len(acknowledged) + 1, share - chance.randrange(total // kills // 2))
            if kill == kills - 1:
                kill_at = total - chance.randrange(WRITERS, total // kills // 2)
            asyncio.run(_load(url, marks, acknowledged, run, kill_at))
        assert run.returncode == -9
    assert len(acknowledged) > total * 0.8
    with Emulator(db=file) as emulator, plain(emulator) as http:
        some = chance.sample(sorted(acknowledged), 20)
        assert all(http.get(f"{POST}/{it}").json()["id"] == it for it in some)
    db = sqlite3.connect(file)
    kept = dict(db.execute("SELECT id, messages ->> '$[0].content' FROM completions"))
    assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    db.close()
    assert acknowledged.items() <= kept.items()


def test_killed_under_load(tmp_path: Path) -> None:
    """Killed three times at random moments under load, every acknowledged completion is there afterwards."""
    _killed_again_and_again(tmp_path / "store.db", 600, 3)


@pytest.mark.slow
def test_ten_thousand_completions_and_ten_kills(tmp_path: Path) -> None:
    """The same with ten thousand completions and ten kills."""
    _killed_again_and_again(tmp_path / "store.db", 10_000, 10)
