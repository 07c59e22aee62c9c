"""Nothing that was acknowledged is lost when the emulator is killed, or when its disk fails."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.support import sized

from openai_constructs.emulator import Emulator, store

from .conftest import HELLO, plain

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


@pytest.mark.proof
def test_killed_under_load(tmp_path: Path, record_property: Any) -> None:
    """Killed at random moments under load, the emulator keeps every acknowledged completion."""
    total, kills = sized(10_000, 1_000), sized(50, 3)
    _killed_again_and_again(tmp_path / "store.db", total, kills)
    record_property("kills of the emulator under load", kills)


class FailingDisk(sqlite3.Connection):
    """A database on a disk that fails at some statements."""

    failing: tuple[str, ...] = ()

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        if sql.startswith(self.failing):
            raise sqlite3.OperationalError("disk I/O error")
        return super().execute(sql, *values)


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FailingDisk]:
    """The database of the next emulator, whose file is ``tmp_path / "store.db"``."""
    path = tmp_path / "store.db"
    with Emulator(db=path):
        pass  # makes the tables
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=FailingDisk)
    monkeypatch.setattr(store, "connect", lambda _: connection)
    yield connection
    connection.close()


FAILING = [
    ("BEGIN",),
    ("SAVEPOINT",),
    ("INSERT INTO completions",),
    ("INSERT INTO occurrences",),
    ("INSERT", "ROLLBACK TO"),
    ("RELEASE",),
    ("COMMIT",),
]


@pytest.mark.parametrize("failing", FAILING, ids=" and ".join)
def test_a_failed_write_is_not_acknowledged(
    tmp_path: Path, disk: FailingDisk, failing: tuple[str, ...]
) -> None:
    """A write that fails at any of its statements is an error for the client; the emulator goes on."""
    body = {**HELLO, "store": True}
    with Emulator() as emulator, plain(emulator) as http:
        before = http.post(POST, json=body).json()["id"]
        disk.failing = failing
        assert http.post(POST, json=body).status_code == 500
        disk.failing = ()
        after = http.post(POST, json=body).json()["id"]
        assert [it["id"] for it in http.get(POST).json()["data"]] == [before, after]
    with contextlib.closing(sqlite3.connect(tmp_path / "store.db")) as file:
        assert file.execute("SELECT id FROM completions ORDER BY seq").fetchall() == [(before,), (after,)]


@pytest.mark.parametrize("failing", ["UPDATE", "DELETE", "COMMIT"])
def test_a_failed_change_is_not_acknowledged(disk: FailingDisk, failing: str) -> None:
    """Nor is an update or a deletion that fails: the completion stays as it was."""
    with Emulator() as emulator, plain(emulator) as http:
        key = http.post(POST, json={**HELLO, "store": True, "metadata": {"a": "1"}}).json()["id"]
        disk.failing = (failing,)
        if failing != "DELETE":
            changed = http.post(f"{POST}/{key}", json={"metadata": {"a": "2"}})
            assert changed.status_code == 500
        if failing != "UPDATE":
            assert http.delete(f"{POST}/{key}").status_code == 500
        disk.failing = ()
        assert http.get(f"{POST}/{key}").json()["metadata"] == {"a": "1"}


def test_a_failed_commit_fails_all_that_shared_it(disk: FailingDisk) -> None:
    """Writes that were to reach the disk by one sync all fail with it, and none is there."""

    async def write(url: str) -> list[int]:
        headers = {"Authorization": "Bearer local"}
        async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False) as client:
            bodies = [{**HELLO, "store": True, "user": f"{number}"} for number in range(WRITERS)]
            answers = await asyncio.gather(*(client.post(POST, json=it) for it in bodies))
        return [it.status_code for it in answers]

    with Emulator() as emulator, plain(emulator) as http:
        disk.failing = ("COMMIT",)
        assert asyncio.run(write(emulator.url)) == [500] * WRITERS
        disk.failing = ()
        assert http.get(POST).json()["data"] == []
