"""Many edits at once under faults, and edits that are killed: nothing is lost, nothing is there twice."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests.provider.loopback import Asked, Loopback, error
from tests.provider.native.managed import Managed, ids, user
from tests.provider.native.native_direct import Direct
from tests.provider.native.native_support import HEAD, killed_apply
from tests.provider.native.store_host import StoreHost, said
from tests.support import Workspace, sized

Make = Callable[..., Direct]
FAULTS: tuple[Any, ...] = (
    (429, error("slow down")),
    (500, error("no")),
    (503, error("overloaded")),
    "cut before",
    "cut after",
    (200, {"error": {"message": "Upstream failed", "code": 502}}),
)


def under_faults(host: StoreHost, rate: float, seed: int) -> None:
    """Some of all requests fail, and some of the edited prompts get an answer that is cut."""
    chance = random.Random(seed)
    host.fault = lambda _: chance.choice(FAULTS) if chance.random() < rate else ""

    def finish(body: dict[str, Any]) -> tuple[dict[str, Any], str]:
        prompt = body["messages"][-1]["content"]
        is_cut = prompt.startswith("edited") and int(prompt.split()[-1]) % 7 == 3
        return said(f"You said: {prompt}"), "length" if is_cut else "stop"

    host.finish = finish


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(sized(10, 2)))
@pytest.mark.parametrize("keyed", [True, False])
def test_edits_under_faults(
    direct: Make,
    api: Loopback,
    host: StoreHost,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
    keyed: bool,
    record_property: Any,
) -> None:
    """50 edits at once, 30 % of requests fail: after at most three applies, each is stored once."""
    monkeypatch.setattr("openai_constructs.provider.native.client._FIRST_WAIT", 0.001)
    at = direct(api.url, max_retries=5)
    many = [Managed(at) for _ in range(50)]

    def arguments(number: int, prompt: str) -> dict[str, Any]:
        key = {"idempotency_key": f"a[{number}]"} if keyed else {}
        messages = user(f"{prompt} {number}")
        return {"store": True, "on_incomplete": "error", "messages": messages, **key}

    def apply_all(prompt: str) -> None:
        many[0].restart()
        with ThreadPoolExecutor(10) as pool:
            list(pool.map(lambda it: it[1].apply(alone=False, **arguments(it[0], prompt)), enumerate(many)))

    apply_all("first")
    assert len(host.stored) == 50
    paid = len(host.created)
    under_faults(host, 0.3, seed)
    for _ in range(3):
        apply_all("edited")
    assert sorted(host.stored) == sorted(ids(it)[0] for it in many)
    for number, it in enumerate(many):
        is_cut = number % 7 == 3
        assert it.content == f"You said: {'first' if is_cut else 'edited'} {number}"
    assert len(host.created) - paid == 50
    host.fault = lambda _: ""
    apply_all("edited")
    assert [bool(it.errors) for it in many] == [number % 7 == 3 for number in range(50)]
    assert len(host.created) - paid == 50
    assert all(it.is_planned_empty(**arguments(n, "edited")) for n, it in enumerate(many) if n % 7 != 3)
    record_property("edits while 30 % of requests fail", len(many))


def edited(count: int, prompt: str) -> str:
    return (
        HEAD.replace("SETTINGS", "max_retries = 2")
        + f"""
resource "openai_chat_completion" "a" {{
  count           = {count}
  model           = "gpt-4o"
  store           = true
  idempotency_key = "a[${{count.index}}]"
  messages {{
    role    = "user"
    content = "{prompt} ${{count.index}}"
  }}
}}
"""
    )


@pytest.mark.terraform
@pytest.mark.proof
def test_edits_that_are_killed(
    installed: Workspace, api: Loopback, host: StoreHost, record_property: Any
) -> None:
    """Terraform and its provider are killed during an edit; each new completion is created once."""
    count, kills = sized(300, 12), sized(50, 2)
    chance = random.Random(5)
    here = installed.write(edited(count, "first")).init()
    assert here.apply("-parallelism=20").code == 0

    def slowly(asked: Asked) -> Any:
        if asked.method != "GET":
            time.sleep(chance.uniform(0, 0.03))
        return ""

    host.fault = slowly
    here.write(edited(count, "edited"))
    killed = sum(_killed_apply(here, api, chance.randrange(1, 5)) for _ in range(kills))
    host.fault = lambda _: ""
    done = here.apply("-parallelism=20")
    assert done.code == 0, done.text
    resources = here.shown()["values"]["root_module"]["resources"]
    assert sorted(it["values"]["id"] for it in resources) == sorted(host.stored)
    for it in resources:
        content = it["values"]["choices"][0]["message"][0]["content"]
        assert content == f"You said: edited {it['index']}"
    assert len(host.created) == 2 * count
    assert here.plan().code == 0
    record_property("kills during an edit", killed)


def _killed_apply(here: Workspace, api: Loopback, changes: int) -> bool:
    """Start an apply, wait for that many changes in the store, and kill all of it."""

    def count() -> int:
        return sum(it.method != "GET" for it in api.asked)

    until = count() + changes
    return killed_apply(here, lambda: count() >= until)
