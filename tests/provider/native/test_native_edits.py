"""An edit keeps the old answer until the new one is there, in the state and in the store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.provider.loopback import Asked, Loopback, error
from tests.provider.native.managed import Managed, ids, user
from tests.provider.native.native_direct import NAME, Direct, config
from tests.provider.native.store_host import COLLECTION, StoreHost, said
from tf.gen import tfplugin_pb2 as pb
from tf.types import Unknown
from tf.utils import read_dynamic_value, to_dynamic_value

Make = Callable[..., Direct]
ONE: dict[str, Any] = {"store": True, "messages": user("one")}
TWO: dict[str, Any] = {"store": True, "messages": user("two")}
KEY: dict[str, Any] = {"idempotency_key": "a"}


def created(api: Loopback) -> int:
    """How many completions were requested."""
    return len([it for it in api.asked if (it.method, it.target) == ("POST", COLLECTION)])


@pytest.mark.parametrize("store", [True, False])
def test_an_edit(managed: Managed, host: StoreHost, api: Loopback, store: bool) -> None:
    """The plan shows that it asks, the apply does so once, the old one goes, the next plan is empty."""
    one, two = {**ONE, "store": store}, {**TWO, "store": store}
    managed.apply(**one)
    assert managed.content == "You said: one"
    assert managed.is_planned_empty(**one)
    assert managed.asks(**two)
    api.asked.clear()
    managed.apply(**two)
    assert (managed.content, managed.told) == ("You said: two", [])
    assert managed.is_planned_empty(**two)
    assert created(api) == 1
    assert list(host.stored) == (ids(managed) if store else [])
    deletions = [it for it in api.lines if it.startswith("DELETE")]
    assert len(deletions) == store
    if store:
        assert api.lines.index(f"POST {COLLECTION}") < api.lines.index(deletions[0])


@pytest.mark.parametrize(
    "change",
    [
        {"metadata": {"k": "2"}},
        {"idempotency_key": "b"},
        {"on_destroy": "keep"},
        {"on_missing": "recreate"},
        {"on_incomplete": "error"},
    ],
)
def test_what_only_relabels(managed: Managed, host: StoreHost, api: Loopback, change: dict[str, Any]) -> None:
    """Labels and settings are no part of the request: the plan knows the answer, and nothing is asked."""
    before = {**ONE, **KEY, "metadata": {"k": "1"}}
    managed.apply(**before)
    answer = managed.state["id"] if managed.state else ""
    assert not managed.asks(**{**before, **change})
    managed.apply(**{**before, **change})
    assert (created(api), ids(managed), managed.told) == (1, [answer], [])


def faults() -> dict[str, Any]:
    return {
        "500": (500, error("no")),
        "429": (429, error("no")),
        "quota": (429, error("no", code="insufficient_quota")),
        "400": (400, error("no")),
        "cut": "cut before",
        "200 with an error": (200, {"error": {"message": "Upstream failed", "code": 502}}),
        "no JSON": (200, "<html>"),
    }


@pytest.mark.parametrize("fault", faults())
@pytest.mark.parametrize("key", [{}, KEY])
def test_an_edit_that_fails(
    managed: Managed, host: StoreHost, api: Loopback, fault: str, key: dict[str, Any]
) -> None:
    """The old answer stays in the state and in the store, and the next plan shows the edit again."""
    managed.apply(**ONE, **key)
    old = dict(managed.state or {})
    host.fault = lambda asked: faults()[fault] if asked.method == "POST" else ""
    managed.apply(**TWO, **key)
    assert len(managed.errors) == 1
    assert "The old answer stays in the state and in the store" in managed.errors[0]
    assert managed.state == old
    assert list(host.stored) == [old["id"]]
    assert managed.asks(**TWO, **key)
    host.fault = lambda _: ""
    managed.apply(**TWO, **key)
    assert (managed.content, managed.told) == ("You said: two", [])
    assert list(host.stored) == ids(managed)
    assert len(host.created) == 2


@pytest.mark.parametrize("key", [{}, KEY])
def test_a_new_answer_that_is_lost(managed: Managed, host: StoreHost, key: dict[str, Any]) -> None:
    """Killed after the API answered: the next apply finds the new answer, key or not, and pays no more."""
    managed.apply(**ONE, **key)
    before = (managed.state, managed.private)
    managed.apply(**TWO, **key)
    managed.state, managed.private = before  # Terraform was killed: the state is the old one
    managed.apply(**TWO, **key)
    assert managed.content == "You said: two"
    assert len(host.created) == 2
    assert list(host.stored) == ids(managed)


def test_a_lost_answer_of_a_replacement_on_missing(managed: Managed, host: StoreHost) -> None:
    """The same where a refresh finds the old one gone and has it recreated."""
    arguments = {**KEY, "on_missing": "recreate"}
    managed.apply(**ONE, **arguments)
    before = (managed.state, managed.private)
    managed.apply(**TWO, **arguments)
    managed.state, managed.private = before
    managed.apply(**TWO, **arguments)
    assert (managed.content, len(host.created)) == ("You said: two", 2)


def test_an_old_completion_that_cannot_be_deleted(managed: Managed, host: StoreHost) -> None:
    """The new answer is in the state, a warning names what is left over, and the next apply deletes that."""
    managed.apply(**ONE)
    (old,) = ids(managed)
    host.fault = lambda asked: (500, error("no")) if asked.method == "DELETE" else ""
    managed.apply(**TWO)
    assert (managed.content, managed.errors) == ("You said: two", [])
    (warning,) = managed.warnings
    assert f"{old} is still in the store" in warning
    (new,) = ids(managed)
    managed.apply(**TWO)
    assert {it[1] for it in managed.told} == {"A completion is left over in the store", "OpenAI failed"}
    host.fault = lambda _: ""
    assert not managed.is_planned_empty(**TWO)
    managed.apply(**TWO)
    assert (list(host.stored), ids(managed), len(host.created)) == ([new], [new], 2)
    assert managed.is_planned_empty(**TWO)
    assert managed.told == []


def test_keeping_the_old_completion(managed: Managed, host: StoreHost) -> None:
    """`on_destroy = "keep"` leaves it in the store."""
    managed.apply(**ONE, on_destroy="keep")
    managed.apply(**TWO, on_destroy="keep")
    assert (len(host.stored), managed.told) == (2, [])


def test_the_old_completion_goes_by_its_own_project(managed: Managed, api: Loopback) -> None:
    """Each request about a completion has the same headers; an edit of the project asks in the new one."""
    managed.apply(**ONE, project_id="p1")
    managed.apply(**ONE, project_id="p1", metadata={"k": "1"})
    projects = {it.headers.get("openai-project") for it in api.asked}
    assert projects == {"p1"}
    api.asked.clear()
    managed.apply(**ONE, project_id="p2")
    by_method = [(it.method, it.headers.get("openai-project")) for it in api.asked]
    assert by_method[-3:] == [("GET", "p2"), ("POST", "p2"), ("DELETE", "p1")]
    assert managed.content == "You said: one"


def test_the_old_completion_is_no_answer_to_an_edit(managed: Managed, host: StoreHost) -> None:
    """Where a host ignores projects, the old completion has the tag of the new request: it still asks."""
    managed.apply(**ONE, **KEY, project_id="p1")
    managed.apply(**ONE, **KEY, project_id="p2")
    assert (len(host.created), managed.told) == (2, [])
    assert list(host.stored) == ids(managed)


def test_replacing_on_demand(managed: Managed, host: StoreHost) -> None:
    """`-replace` deletes the old completion first and asks anew, with the same key and request."""
    managed.apply(**ONE, **KEY)
    old = ids(managed)
    managed.apply(replace=True, **ONE, **KEY)
    assert (len(host.created), managed.told) == (2, [])
    assert list(host.stored) == ids(managed) != old


def test_a_value_known_only_after_apply(direct: Make, api: Loopback, host: StoreHost) -> None:
    """An upstream answer that turns out to be the same leads to no request, which no plan could know."""
    at = direct(api.url)
    state, _ = at.create(**ONE)
    planned = at.plan(state, config(store=True, messages=user(Unknown)))  # type: ignore[arg-type]
    assert read_dynamic_value(planned.planned_state)["id"] is Unknown
    request = pb.ApplyResourceChange.Request(
        type_name=NAME,
        prior_state=to_dynamic_value(state),
        planned_state=planned.planned_state,
        config=to_dynamic_value(config(**ONE)),
    )
    answer = at.servicer.ApplyResourceChange(request, None)
    new = read_dynamic_value(answer.new_state)
    assert (new["id"], new["choices"], len(host.created)) == (state["id"], state["choices"], 1)


def test_an_answer_that_is_found_is_ours(managed: Managed, host: StoreHost, api: Loopback) -> None:
    """A host that ignores the filter lists the completions of others: none of them is adopted."""
    stranger = {"id": "chatcmpl-stranger", "metadata": {}, "choices": []}
    host.stored["chatcmpl-stranger"] = {**stranger, "choices": [{"message": said("theirs")}]}
    everything = (200, {"object": "list", "data": [stranger], "has_more": False})
    host.fault = lambda asked: everything if asked.target.startswith(f"{COLLECTION}?") else ""
    managed.apply(**ONE, **KEY)
    assert (managed.content, len(host.created)) == ("You said: one", 1)


def test_a_found_completion_that_cannot_be_fetched(managed: Managed, host: StoreHost, api: Loopback) -> None:
    """That it cannot be fetched now does not mean that it is not there: nothing is requested."""
    managed.apply(**ONE, **KEY)
    (existing,) = ids(managed)
    managed.state = None

    def fault(asked: Asked) -> Any:
        return (500, error("no")) if asked.target == f"{COLLECTION}/{existing}" else ""

    host.fault = fault
    managed.apply(**ONE, **KEY)
    assert (managed.state, len(managed.errors), len(host.created)) == (None, 1, 1)
    host.fault = lambda _: ""
    managed.apply(**ONE, **KEY)
    assert (ids(managed), len(host.created)) == ([existing], 1)


def test_no_more_room_for_the_tag(managed: Managed, host: StoreHost) -> None:
    """The 16th pair of the user's takes the place of the tag, with a warning; then there is no tag."""
    pairs = {f"k{n}": "v" for n in range(16)}
    managed.apply(**ONE, metadata=dict(list(pairs.items())[:15]))
    assert managed.state
    assert managed.state["request_tag"]
    managed.apply(**ONE, metadata=pairs)
    assert ["loses its tag" in it for it in managed.warnings] == [True]
    assert managed.state["request_tag"] is None
    (stored,) = host.stored.values()
    assert stored["metadata"] == pairs
    assert managed.is_planned_empty(**ONE, metadata=pairs)
