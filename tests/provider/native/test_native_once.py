"""Nothing is asked twice and nothing is lost, whatever fails on the way."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.provider.native.native_support import NativeWorkspace, killed_apply, workspace_of
from tests.support import Served, sized

from openai_constructs.emulator import Emulator

MANY = sized(500, 40)
FIRST = "openai_chat_completion.a[0]"
FAULTS = "429:0.06,500:0.06,503:0.06,drop:0.06,drop-after:0.06"

pytestmark = pytest.mark.terraform


def completions(count: int) -> str:
    return f"""
resource "openai_chat_completion" "a" {{
  count           = {count}
  model           = "gpt-4o"
  store           = true
  metadata        = {{ suite = "many" }}
  idempotency_key = "a[${{count.index}}]"
  messages {{
    role    = "user"
    content = "Prompt ${{count.index % {count // 2}}}"
  }}
}}
"""


def one(more: str) -> str:
    block = completions(2).replace("count           = 2", "count = 1")
    return block.replace("  messages {", f"  {more}\n  messages {{")


def check_exactly_once(here: NativeWorkspace, count: int) -> None:
    """Every completion in the state, each with one of the store, no other in the store."""
    resources = here.shown()["values"]["root_module"]["resources"]
    ids = [it["values"]["id"] for it in resources]
    stored = here.stored()
    assert len(ids) == count
    assert sorted(ids) == sorted(it.id for it in stored)
    said = {it.id: it.choices[0].message.content for it in stored}
    for it in resources:
        values = it["values"]
        assert values["choices"][0]["message"][0]["content"] == said[values["id"]]
        assert values["messages"][0]["content"] in said[values["id"]]


def answered(here: NativeWorkspace) -> Counter[str]:
    """How often each prompt was answered and the answer heard."""
    return Counter(
        it["body"]["metadata"]["openai_constructs_request"]
        for it in here.requests
        if (it["method"], it["path"], it["status"]) == ("POST", "/v1/chat/completions", 200)
    )


def apply_until_done(here: NativeWorkspace) -> None:
    for _ in range(6):
        if here.apply("-parallelism=30").code == 0:
            return
    pytest.fail("it does not apply, however often")


@pytest.mark.proof
def test_faults(tmp_path: Path, served: Served, record_property: Any) -> None:
    """30 % of requests fail, in one of five ways: each completion ends up stored and answered once."""
    with Emulator(fail=FAULTS, seed=7) as emulator:
        here = workspace_of(tmp_path, served, emulator)
        here.set_up(completions(MANY), "max_retries = 8")
        apply_until_done(here)
        check_exactly_once(here, MANY)
        assert set(answered(here).values()) == {1}
        posted = [it for it in here.requests if it["path"] == "/v1/chat/completions"]
        failed = [it for it in posted if it["status"] != 200]
        assert {429, 500, 503, 0} <= {it["status"] for it in failed}
        assert here.plan(OPENAI_TIMEOUT="60").code == 0
        record_property("completions created while 30 % of requests fail", MANY)


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(sized(2, 1)))
def test_kills(tmp_path: Path, cli_configuration: Path, seed: int, record_property: Any) -> None:
    """Terraform and its provider are killed again and again; each completion is created once."""
    chance = random.Random(seed)
    with Emulator() as emulator:
        here = workspace_of(tmp_path, cli_configuration, emulator)
        here.set_up(completions(MANY))
        kills = sum(_killed_apply(here, chance.randrange(1, 9)) for _ in range(sized(50, 2)))
        apply_until_done(here)
        check_exactly_once(here, MANY)
        assert set(answered(here).values()) == {1}
        record_property("kills between the first and the last answer", kills)


def _killed_apply(here: NativeWorkspace, answers: int) -> bool:
    """Start an apply, wait until it has that many more answers, and kill all of it."""
    until = answered(here).total() + answers
    return killed_apply(here, lambda: answered(here).total() >= until)


@pytest.mark.proof
def test_kills_at_the_start_and_at_the_end(
    tmp_path: Path, cli_configuration: Path, record_property: Any
) -> None:
    """Killed while Terraform starts or plans, and after the last answer; each is created once."""
    chance = random.Random(11)
    count = 6
    moments: Counter[str] = Counter()

    def kill(before: int, most_seconds: float) -> None:
        """Kill an apply after some time, or as soon as every completion is answered."""
        end = time.monotonic() + chance.uniform(0, most_seconds)
        if killed_apply(here, lambda: time.monotonic() >= end or answered(here).total() == before + count):
            answers = answered(here).total() - before
            moment = {0: "before the first", count: "after the last"}
            moments[moment.get(answers, "between the first and the last")] += 1

    with Emulator() as emulator:
        here = workspace_of(tmp_path, cli_configuration, emulator)
        here.set_up(completions(count))
        for _ in range(sized(20, 1)):
            before = answered(here).total()
            for most_seconds in (0.2, 0.6, 1.2, 60):
                kill(before, most_seconds)
            apply_until_done(here)
            check_exactly_once(here, count)
            assert answered(here).total() == before + count
            here.good(here.run("destroy", "-auto-approve", "-input=false", "-no-color"))
            assert here.stored() == []
    for moment, kills in moments.items():
        record_property(f"kills {moment} answer", kills)


@pytest.mark.parametrize("more", ["", 'on_destroy = "keep"'])
def test_replacing_without_an_edit(here: NativeWorkspace, more: str) -> None:
    """`-replace` asks anew: what is replaced is not found again, also where it stays in the store."""
    here.good(here.set_up(one(more)).apply())
    before = here.state(FIRST)["id"]
    here.good(here.apply(f"-replace={FIRST}"))
    after = here.state(FIRST)["id"]
    assert after != before
    assert {it.id for it in here.stored()} == ({before, after} if more else {after})


def test_replacing_before_destroying(here: NativeWorkspace) -> None:
    """What comes first finds what it replaces by the same key; then it is not deleted, and that is said."""
    here.good(here.set_up(one("lifecycle {\n create_before_destroy = true\n }")).apply())
    before = here.state(FIRST)["id"]
    ran = here.good(here.apply(f"-replace={FIRST}"))
    assert "Existing completion reused" in ran
    assert [it.id for it in here.stored()] == [here.state(FIRST)["id"]] == [before]


def test_the_same_request_twice_without_a_key(here: NativeWorkspace) -> None:
    """Two resources that ask the same have two answers, and each keeps its own."""
    block = completions(2).replace('  idempotency_key = "a[${count.index}]"\n', "")
    here.good(here.set_up(block).apply())
    check_exactly_once(here, 2)
    state = json.loads((here.folder / "terraform.tfstate").read_text())
    del state["resources"][0]["instances"][1]
    (here.folder / "terraform.tfstate").write_text(json.dumps(state))
    here.good(here.apply())
    assert len({it["values"]["id"] for it in here.shown()["values"]["root_module"]["resources"]}) == 2
    assert len(here.stored()) == 3
