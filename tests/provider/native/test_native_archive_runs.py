"""An archive under the real Terraform: where its file is, kills, processes at once, and local runs."""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from tests.archive.conftest import new_database, postgres
from tests.engine import TerraformStack
from tests.provider.native.native_support import NativeWorkspace, killed_apply, workspace_of
from tests.support import ROOT, sized

from openai_constructs import BasicChat, Budget, OpenaiProvider
from openai_constructs.archive import Archive
from openai_constructs.archive.query import Filter, rows
from openai_constructs.emulator import Emulator
from openai_constructs.testing import LocalApply

__all__ = ["postgres"]

COMPLETIONS, PARALLEL, ROUND = 20, 10, 10
PROCESSES, EACH, THREADS = 4, sized(100, 15), 5


def completions(count: int) -> str:
    return f"""
resource "openai_chat_completion" "a" {{
  count           = {count}
  model           = "gpt-4o"
  idempotency_key = "stack/a[${{count.index}}]"
  messages {{
    role    = "user"
    content = "Prompt ${{count.index}}"
  }}
}}
"""


def archived(address: str) -> list[dict[str, Any]]:
    with Archive.open(address) as archive:
        return list(rows(archive, Filter()))


@pytest.mark.terraform
@pytest.mark.parametrize("layout", ["cdktf deploy", "plain terraform"])
def test_a_relative_path_under_terraform(tmp_path: Path, cli_configuration: Path, layout: str) -> None:
    """It means the file beside the cdktf.json, and without one the file in the root module."""
    folder = tmp_path / "project"
    if layout == "cdktf deploy":
        folder = tmp_path / "project" / "cdktf.out" / "stacks" / "app"
    folder.mkdir(parents=True)
    if layout == "cdktf deploy":
        (tmp_path / "project" / "cdktf.json").write_text("{}")
        (folder / "cdk.tf.json").write_text("{}")
    with Emulator() as emulator:
        here = workspace_of(folder, cli_configuration, emulator)
        here.set_up(completions(1), 'archive = "sqlite:///answers.db"')
        here.run("workspace", "new", "staging")
        here.good(here.apply())
        (row,) = archived(f"sqlite:///{tmp_path / 'project' / 'answers.db'}")
        assert (row["workspace"], row["path"], row["status"]) == ("staging", "a[0]", "answered")
        assert here.plan().code == 0
        (row,) = archived(f"sqlite:///{tmp_path / 'project' / 'answers.db'}")
        assert row["status"] == "acknowledged"


@pytest.mark.terraform
def test_an_archive_that_cannot_be_written_ends_the_apply_first(
    tmp_path: Path, cli_configuration: Path
) -> None:
    """No request was sent, and the error says why."""
    with Emulator() as emulator:
        here = workspace_of(tmp_path, cli_configuration, emulator)
        here.set_up(completions(1), 'archive = "sqlite:////nowhere/answers.db"')
        ran = here.apply()
        assert ran.code == 1
        assert "the file cannot be written: No such file or directory" in ran
        assert here.requests == []


@pytest.mark.terraform
@pytest.mark.proof
def test_kills(tmp_path: Path, cli_configuration: Path, record_property: Any) -> None:
    """Killed again and again, no archived answer is lost or requested twice, though none is stored.

    A request that was under way when its process was killed is the one thing that no archive can know of.
    """
    chance = random.Random(5)
    address = f"sqlite:///{tmp_path / 'answers.db'}"
    kills = sized(100, 2)
    killed = lost = adoptable = 0
    with Emulator() as emulator:
        here = workspace_of(tmp_path, cli_configuration, emulator)
        here.set_up(completions(COMPLETIONS), f'archive = "{address}"')
        for number in range(kills):
            killed += _killed_apply(here, tmp_path / "answers.db", chance.randrange(1, 12))
            recorded = archived(address)
            lost = sum(answers(here).values()) - len(recorded)
            adoptable = max(adoptable, sum(row["status"] == "answered" for row in recorded))
            if number % ROUND == ROUND - 1:  # begin again: nothing is left to be killed
                here.good(here.apply("-lock=false"))
                here.good(here.run("destroy", "-auto-approve", "-input=false", "-no-color", "-lock=false"))
        here.good(here.apply("-lock=false"))
        final = archived(address)
        resources = here.shown()["values"]["root_module"]["resources"]
        assert len(resources) == COMPLETIONS
        # Each round ends with a destroy, and asks for every completion once.
        assert set(Counter(row["key"] for row in final).values()) == {kills // ROUND + 1}
        newest = {row["key"]: row for row in final}
        for resource in resources:
            values = resource["values"]
            row = newest[values["idempotency_key"]]
            assert (row["completion_id"], row["status"]) in {
                (values["id"], "answered"),
                (values["id"], "acknowledged"),
            }
        assert here.plan().code == 0
        assert adoptable
        assert lost <= kills * PARALLEL
        record_property("kills with an archive and nothing stored", killed)


def answers(here: NativeWorkspace) -> Counter[str]:
    return Counter(
        it["body"]["messages"][0]["content"]
        for it in here.requests
        if (it["method"], it["status"]) == ("POST", 200)
    )


def _count(file: Path) -> int:
    """Rows of an archive, also while it is being made."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        return int(connection.execute("SELECT count(*) FROM openai_constructs_completions").fetchone()[0])
    return 0


def _killed_apply(here: NativeWorkspace, file: Path, answers: int) -> bool:
    """Start an apply, and kill all of it when so many more answers are archived."""
    until = _count(file) + answers
    return killed_apply(here, lambda: _count(file) >= until)


_PROGRAM = """
import sys
from concurrent.futures import ThreadPoolExecutor
sys.path.insert(0, sys.argv[1])
from tests.provider.native.native_direct import Direct, config, NULL
from openai_constructs.archive import Archive
from openai_constructs.provider.native.ledger import Budget, Ledger
url, address, process, count, threads, usd = sys.argv[2:]
direct = Direct(url)
budget = None if usd == "none" else Budget(usd=float(usd))
direct.provider.session.ledger = Ledger(Archive.open(address, create=True), budget=budget)
def create(number):
    return direct.create(idempotency_key=f"stack/{process}-{number}")[1]
with ThreadPoolExecutor(int(threads)) as pool:
    told = list(pool.map(create, range(int(count))))
direct.provider.close()
print(sum(1 for it in told if not it))
"""


def _processes(emulator: Emulator, address: str, usd: str) -> list[int]:
    """Run processes that each create completions in threads; how many each created."""
    running = [
        subprocess.Popen(
            [
                *(sys.executable, "-c", _PROGRAM, str(ROOT), emulator.url, address),
                *(str(number), str(EACH), str(THREADS), usd),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(PROCESSES)
    ]
    ended = [process.communicate() for process in running]
    assert [process.returncode for process in running] == [0] * PROCESSES, ended
    return [int(out) for out, _ in ended]


@pytest.mark.proof
@pytest.mark.parametrize("database", ["postgresql", "sqlite"])
def test_processes_share_an_archive(
    request: pytest.FixtureRequest, tmp_path: Path, database: str, record_property: Any
) -> None:
    """Every answer of every process is archived once."""
    address = f"sqlite:///{tmp_path / 'answers.db'}"
    if database == "postgresql":
        address = new_database(request.getfixturevalue("postgres"))
    with Emulator() as emulator:
        assert _processes(emulator, address, "none") == [EACH] * PROCESSES
    keys = Counter(row["key"] for row in archived(address))
    assert keys == {f"stack/{process}-{number}": 1 for process in range(PROCESSES) for number in range(EACH)}
    record_property(f"answers that {PROCESSES} processes archive at once", sum(keys.values()))


@pytest.mark.proof
def test_processes_share_a_budget(postgres: Any) -> None:
    """Together they exceed it by no more than what was under way when it was reached."""
    address = new_database(postgres)
    with Emulator() as emulator:
        price = _price_of_one(emulator, postgres)
        allowed = PROCESSES * EACH // 3
        _processes(emulator, address, str(price * allowed))
    count = len(archived(address))
    assert allowed <= count <= allowed + PROCESSES * THREADS


def _price_of_one(emulator: Emulator, postgres: Any) -> float:
    from tests.provider.native.native_direct import Direct

    from openai_constructs.provider.native.ledger import Ledger

    address = new_database(postgres)
    direct = Direct(emulator.url)
    direct.provider.session.ledger = Ledger(Archive.open(address, create=True))
    direct.create()
    direct.provider.close()
    (row,) = archived(address)
    return float(row["nano_usd"]) / 1e9


@pytest.mark.terraform
def test_a_local_run_has_an_archive_of_its_own(
    stack: TerraformStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that the stack or the environment names is neither made nor read; the budget counts there."""
    monkeypatch.setenv("OPENAI_CONSTRUCTS_ARCHIVE", f"sqlite:///{tmp_path / 'env.db'}")
    named = tmp_path / "named.db"
    OpenaiProvider(stack, "openai", native=True, archive=f"sqlite:///{named}", budget=Budget(usd=0.000001))
    BasicChat(stack, "faq", model="gpt-4o", prompt="What is state?")
    world = tmp_path / "world"
    assert LocalApply(world)(stack).second_plan == {}
    (row,) = archived(f"sqlite:///{world / '.openai-constructs/local/archive.db'}")
    assert (row["key"], json.loads(row["request"])["model"]) == ("stack/faq", "gpt-4o")
    assert not named.exists()
    assert not (tmp_path / "env.db").exists()
    BasicChat(stack, "more", model="gpt-4o", prompt="And what is drift?")
    with pytest.raises(Exception, match="Over budget"):
        LocalApply(world)(stack)
