"""Answers that are none, or not whole ones: warned of, refused or accepted, and never paid for twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.provider.loopback import Loopback, completion, error
from tests.provider.native.managed import Managed, ids, user
from tests.provider.native.native_direct import Direct
from tests.provider.native.store_host import StoreHost, said

Make = Callable[..., Direct]
Finish = tuple[dict[str, Any], str]
ONE: dict[str, Any] = {"store": True, "messages": user("one")}
TWO: dict[str, Any] = {"store": True, "messages": user("two")}
KEY: dict[str, Any] = {"idempotency_key": "a"}
CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a": '}}
INCOMPLETE: dict[str, tuple[Finish, str]] = {
    "length": ((said("half a"), "length"), "was cut at the token limit"),
    "filter": ((said(""), "content_filter"), "was stopped by the content filter"),
    "refusal": ((said(None, refusal="I cannot"), "stop"), "is a refusal of the model"),
    "tool call": ((said(None, tool_calls=[CALL]), "tool_calls"), "calls f with arguments that are not JSON"),
    "function call": (
        (said(None, function_call={"name": "g", "arguments": "{"}), "function_call"),
        "calls g with arguments that are not JSON",
    ),
    "nothing": ((said(None), "stop"), "has neither text nor calls"),
    "failed": ((said("half"), "error"), "failed half way"),
}


def cut(body: dict[str, Any]) -> Finish:
    return (said("half"), "length") if body["messages"][-1]["content"] == "two" else (said("whole"), "stop")


@pytest.mark.parametrize("case", INCOMPLETE)
@pytest.mark.parametrize("policy", ["warn", "accept", None])
def test_it_is_told(managed: Managed, host: StoreHost, case: str, policy: str | None) -> None:
    """By default a warning names what is wrong, with the choices there are; "accept" says nothing."""
    finish, reason = INCOMPLETE[case]
    host.finish = lambda _: finish
    managed.apply(**ONE, on_incomplete=policy)
    assert managed.errors == []
    assert managed.state
    assert managed.state["choices"][0]["finish_reason"] == finish[1]
    assert managed.is_planned_empty(**ONE, on_incomplete=policy)
    managed.state = None
    managed.apply(**ONE, on_incomplete=policy)
    if policy == "accept":
        assert managed.warnings == []
    else:
        (warning,) = managed.warnings
        assert f"choices[0] {reason}" in warning
        assert 'on_incomplete = "error"' in warning


@pytest.mark.parametrize("choices", [[], None, {}, "no"])
def test_no_choices(managed: Managed, host: StoreHost, api: Loopback, choices: Any) -> None:
    """An object without choices is told as well."""
    api.rule = lambda _: (200, {**completion("c", {}), "choices": choices})
    managed.apply(messages=user("one"))
    (warning,) = managed.warnings
    assert "It has no choices." in warning


@pytest.mark.parametrize("store", [True, False])
@pytest.mark.parametrize("key", [{}, KEY])
@pytest.mark.parametrize("case", INCOMPLETE)
def test_a_refused_edit(
    managed: Managed, host: StoreHost, case: str, store: bool, key: dict[str, Any]
) -> None:
    """The old answer stays, in the state and alone in the store; each later apply fails and pays nothing."""
    arguments = {**key, "on_incomplete": "error"}
    one, two = {**ONE, **arguments, "store": store}, {**TWO, **arguments, "store": store}
    managed.apply(**one)
    old = dict(managed.state or {})
    finish, reason = INCOMPLETE[case]
    host.finish = lambda _: finish
    for _ in range(3):
        managed.apply(**two)
        (message,) = managed.errors
        assert f"choices[0] {reason}" in message
        assert managed.state == old
        assert list(host.stored) == ([old["id"]] if store else [])
    assert len(host.created) == 2
    assert managed.asks(**two)
    assert "without sending a request" in managed.warnings[0]
    assert managed.is_planned_empty(**one)


@pytest.mark.parametrize(
    "change",
    [{"messages": user("three")}, {"idempotency_key": "b"}, {"max_completion_tokens": 9}],
)
def test_another_try_after_a_refused_edit(managed: Managed, host: StoreHost, change: dict[str, Any]) -> None:
    """Another request, or another key, is sent; what it replaces goes."""
    arguments = {**KEY, "on_incomplete": "error"}
    managed.apply(**ONE, **arguments)
    host.finish = cut
    managed.apply(**TWO, **arguments)
    host.finish = lambda _: (said("whole"), "stop")
    managed.apply(**{**TWO, **arguments, **change})
    assert (managed.content, managed.told) == ("whole", [])
    assert len(host.created) == 3
    assert list(host.stored) == ids(managed)
    assert managed.is_planned_empty(**{**TWO, **arguments, **change})


@pytest.mark.parametrize("policy", ["warn", "accept", None])
@pytest.mark.parametrize("store", [True, False])
def test_a_refused_edit_is_accepted(
    managed: Managed, host: StoreHost, api: Loopback, policy: str | None, store: bool
) -> None:
    """The answer that was paid for is taken, and nothing is sent for it, then or later."""
    one, two = {**ONE, "store": store}, {**TWO, "store": store}
    managed.apply(**one, on_incomplete="error")
    host.finish = cut
    managed.apply(**two, on_incomplete="error")
    managed.apply(**two, on_incomplete=policy)
    assert (managed.content, managed.errors) == ("half", [])
    assert (len(host.created), host.stored) == (2, {})
    api.asked.clear()
    assert managed.is_planned_empty(**two, on_incomplete=policy)
    managed.apply(**two, on_incomplete=policy, metadata={"k": "v"})
    assert (managed.told, api.lines) == ([], [])
    managed.destroy()
    assert (managed.state, managed.told) == (None, [])


def test_a_refused_edit_replaced(managed: Managed, host: StoreHost) -> None:
    """`-replace` asks anew."""
    arguments = {**KEY, "on_incomplete": "error"}
    managed.apply(**ONE, **arguments)
    host.finish = cut
    managed.apply(**TWO, **arguments)
    host.finish = lambda _: (said("whole"), "stop")
    managed.apply(replace=True, **TWO, **arguments)
    assert (managed.content, managed.errors, len(host.created)) == ("whole", [], 3)
    assert "-replace=ADDRESS` sends the request again" in managed.warnings[0]
    assert list(host.stored) == ids(managed)


def test_a_refused_edit_destroyed(managed: Managed, host: StoreHost) -> None:
    """Nothing is left in the store."""
    managed.apply(**ONE, on_incomplete="error")
    host.finish = cut
    managed.apply(**TWO, on_incomplete="error")
    managed.destroy()
    assert (managed.state, host.stored, managed.told) == (None, {}, [])


def test_a_refused_answer_that_cannot_be_deleted(managed: Managed, host: StoreHost) -> None:
    """A warning names it."""
    managed.apply(**ONE, on_incomplete="error")
    host.finish = cut
    host.fault = lambda asked: (500, error("no")) if asked.method == "DELETE" else ""
    managed.apply(**TWO, on_incomplete="error")
    assert "chatcmpl-2 is still in the store" in managed.warnings[0]


@pytest.mark.parametrize("store", [True, False])
@pytest.mark.parametrize("key", [{}, KEY])
def test_a_refused_creation(managed: Managed, host: StoreHost, store: bool, key: dict[str, Any]) -> None:
    """Terraform has it tainted; each further apply fails and pays nothing; the store has no other."""
    arguments = {**TWO, **key, "store": store, "on_incomplete": "error"}
    host.finish = cut
    for _ in range(3):
        managed.apply(**arguments)
        assert ["was cut at the token limit" in it for it in managed.errors] == [True]
        assert managed.is_tainted
        assert list(host.stored) == (ids(managed) if store else [])
    assert len(host.created) == 1
    managed.apply(**{**arguments, "on_incomplete": "warn"})
    assert (managed.content, managed.errors, managed.is_tainted) == ("half", [], False)
    assert len(host.created) == 1
    assert list(host.stored) == (ids(managed) if store else [])
    assert managed.is_planned_empty(**{**arguments, "on_incomplete": "warn"})
    managed.destroy()
    assert (managed.state, host.stored) == (None, {})


@pytest.mark.parametrize("change", [{"messages": user("three")}, {"idempotency_key": "b"}])
def test_another_try_after_a_refused_creation(
    managed: Managed, host: StoreHost, change: dict[str, Any]
) -> None:
    """Another request, or another key, is sent, and the refused one goes."""
    arguments = {**TWO, **KEY, "on_incomplete": "error"}
    host.finish = cut
    managed.apply(**arguments)
    host.finish = lambda _: (said("whole"), "stop")
    managed.apply(**{**arguments, **change})
    assert (managed.content, managed.told, managed.is_tainted) == ("whole", [], False)
    assert list(host.stored) == ids(managed)


def test_a_refused_creation_destroyed(managed: Managed, host: StoreHost) -> None:
    """Nothing is left in the store."""
    host.finish = cut
    managed.apply(**TWO, **KEY, on_incomplete="error")
    managed.destroy()
    assert (managed.state, host.stored) == (None, {})


def test_a_refused_creation_untainted(managed: Managed, host: StoreHost) -> None:
    """`terraform untaint` accepts it; a later `-replace` asks anew."""
    arguments = {**TWO, "on_incomplete": "error"}
    host.finish = cut
    managed.apply(**arguments)
    managed.is_tainted = False
    assert managed.is_planned_empty(**arguments)
    host.finish = lambda _: (said("whole"), "stop")
    managed.apply(replace=True, **arguments)
    assert (managed.content, len(host.created)) == ("whole", 2)


@pytest.mark.parametrize("code", [502, "502", 429, "server_error", "rate_limit_exceeded", 503, 500])
def test_an_error_with_status_200_is_retried(
    managed: Managed, host: StoreHost, api: Loopback, monkeypatch: pytest.MonkeyPatch, code: Any
) -> None:
    """Its code decides, as the status would."""
    monkeypatch.setattr("openai_constructs.provider.native.client._FIRST_WAIT", 0.001)
    api.scripted = [(200, {"error": {"message": "Upstream failed", "code": code}})] * 2
    managed.at = type(managed.at)(api.url, max_retries=2)
    managed.apply(messages=user("one"))
    assert (managed.content, managed.told, len(api.asked)) == ("You said: one", [], 3)
    managed.at.provider.session.api.close()


@pytest.mark.parametrize(
    ("body", "summary", "message"),
    [
        ({"error": {"message": "Upstream failed", "code": 502}}, "OpenAI failed", "Upstream failed"),
        ({"error": {"message": "No", "code": 400}}, "Request refused", "200 and the error 400: No"),
        ({"error": {"message": "No", "code": "insufficient_quota"}}, "Out of quota", "No"),
        ({"error": {"message": "Odd"}}, "Error instead of an answer", "200 and the error object: Odd"),
        ({"error": "Odd"}, "Error instead of an answer", "Odd"),
        ({"error": {"message": "Odd"}, "choices": []}, "Error instead of an answer", "Odd"),
        ({"error": {"code": 402}, "choices": None}, "Request failed", "402"),
    ],
)
def test_an_error_with_status_200(
    managed: Managed, api: Loopback, body: Any, summary: str, message: str
) -> None:
    """It is an error with its message, and nothing is in the state."""
    api.rule = lambda _: (200, body)
    managed.apply(messages=user("one"))
    ((severity, headline, detail),) = managed.told
    assert (managed.state, severity, headline) == (None, "error", summary)
    assert message in detail


def test_an_answer_with_an_empty_error_is_one(managed: Managed, api: Loopback) -> None:
    """`error: null`, or an error beside choices, is no reason to lose the answer."""
    for more in ({"error": None}, {"error": {}}, {"error": {"message": "odd"}}):
        api.rule = lambda _, more=more: (200, completion("c", said("text"), **more))  # type: ignore[misc]
        managed.state = None
        managed.apply(messages=user("one"))
        assert (managed.content, managed.errors) == ("text", [])


@pytest.mark.parametrize(
    ("raw", "content"),
    [
        (r"a\ud83dz", "a\ufffdz"),
        (r"\udc00", "\ufffd"),
        (r"\ud83d\ud83d\ude00", "\ufffd\U0001f600"),
        (r"\ud83d\ude00", "\U0001f600"),
        (r"\\ud83d", r"\ud83d"),
        ("\u4f60", "\u4f60"),
    ],
)
def test_lone_surrogates(managed: Managed, api: Loopback, raw: str, content: str) -> None:
    """U+FFFD stands in their place; pairs are what they mean."""
    body = json.dumps(completion("c", said("RAW"))).replace("RAW", raw)
    api.rule = lambda _: (200, body.encode())
    managed.apply(messages=user("one"))
    assert (managed.content, managed.told) == (content, [])


def test_surrogates_anywhere(managed: Managed, api: Loopback) -> None:
    """Ids, models, names and labels of an answer are cleaned as well."""
    call = {"id": "\ud800", "type": "function", "function": {"name": "\udfff", "arguments": '"\ud800"'}}
    api.rule = lambda _: (200, completion("c\ud83d", said(None, tool_calls=[call]), model="m\ud83d"))
    managed.apply(messages=user("one"))
    assert managed.state
    assert (managed.state["id"], managed.state["model_used"], managed.errors) == ("c\ufffd", "m\ufffd", [])


@pytest.mark.parametrize("encode", ["utf-8-sig", "utf-8"])
def test_a_byte_order_mark(managed: Managed, api: Loopback, encode: str) -> None:
    """It is no part of the JSON."""
    api.rule = lambda _: (200, json.dumps(completion("c", said("text"))).encode(encode))
    managed.apply(messages=user("one"))
    assert (managed.content, managed.told) == ("text", [])


@pytest.mark.parametrize(
    "number", ["1" + "0" * 30, "9223372036854775808", "-1" + "0" * 5000, "1e400", "1.5", "NaN", "true", '"1"']
)
def test_numbers_of_any_size(managed: Managed, api: Loopback, number: str) -> None:
    """The answer is kept; a count that is none is 0."""
    body = json.dumps(completion("c", said("text"), created=424242)).replace("424242", number)
    body = body.replace('"total_tokens": 7', f'"total_tokens": {number}')
    api.rule = lambda _: (200, body)
    managed.apply(messages=user("one"))
    assert managed.state
    assert (managed.content, managed.told) == ("text", [])
    assert managed.state["created"] == (1 if number == "1.5" else 0)
    assert managed.is_planned_empty(messages=user("one"))


def test_deep_nesting(managed: Managed, api: Loopback) -> None:
    """What nobody can read is told as that."""
    body = json.dumps(completion("c", said("text"), odd="DEEP"))
    api.rule = lambda _: (200, body.replace('"DEEP"', "[" * 100_000 + "]" * 100_000))
    managed.apply(messages=user("one"))
    ((_, summary, detail),) = managed.told
    assert summary == "Unreadable response"
    assert "nested too deeply" in detail
    api.rule = lambda _: (200, body.replace('"DEEP"', "[" * 100 + "]" * 100))
    managed.apply(messages=user("one"))
    assert (managed.content, managed.told) == ("text", [])


def test_a_bug_loses_no_paid_answer(
    managed: Managed, host: StoreHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exception after the answer is a diagnostic; the answer is kept, and the next release finds it."""
    module = "openai_constructs.provider.native.answering.answer_state"

    def fail(_: Any) -> Any:
        raise KeyError("bug")

    for step in (ONE, TWO):
        before = managed.state
        with monkeypatch.context() as broken:
            broken.setattr(module, fail)
            managed.apply(**step, idempotency_key="a")
            ((severity, summary, detail),) = managed.told
            assert (severity, summary) == ("error", "Unexpected error in the provider")
            assert "applying a change of openai_chat_completion: KeyError: 'bug'" in detail
            assert "test_native_incomplete.py" in detail
        assert managed.state
        assert managed.state["id"] == (before["id"] if before else "chatcmpl-1")
        managed.apply(**step, idempotency_key="a")
        assert managed.content == f"You said: {step['messages'][0]['content']}"
        assert (managed.errors, managed.is_tainted) == ([], False)
        assert list(host.stored) == ids(managed)
    assert len(host.created) == 2


def test_a_state_that_cannot_be_encoded(
    managed: Managed, host: StoreHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same where the new state does not go over the wire."""
    from openai_constructs.provider.native import answering

    usual = answering.answer_state
    with monkeypatch.context() as broken:
        broken.setattr(answering, "answer_state", lambda it: {**usual(it), "created": object()})
        managed.apply(**ONE)
        assert [it[1] for it in managed.told] == ["Unexpected error in the provider"]
    managed.apply(**ONE)
    assert (managed.content, managed.errors, len(host.created)) == ("You said: one", [], 1)
