"""What Terraform tells of each status of the API, through the official SDK's own exceptions: golden texts."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from tests.provider.loopback import Loopback, error
from tests.provider.native.native_direct import Direct, config

from openai_constructs.emulator import Emulator
from openai_constructs.provider.native.diagnostics import TABLE, explain
from openai_constructs.provider.native.problems import COLLECTION, ApiProblem

Make = Callable[..., Direct]
TOO_LONG = (
    "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens."
)
CASES: dict[str, tuple[int, dict[str, Any]]] = {
    "400": (400, {"message": "Invalid value: 'x'.", "param": "messages[0].role", "code": "invalid_value"}),
    "400 too long": (400, {"message": TOO_LONG, "param": "messages", "code": "context_length_exceeded"}),
    "400 max_tokens too large": (
        400,
        {"message": "max_tokens is too large: 99999.", "param": "max_tokens", "code": "invalid_value"},
    ),
    "400 store": (
        400,
        {
            "message": "The 'metadata' parameter is only allowed when 'store' is enabled.",
            "param": "metadata",
        },
    ),
    "400 metadata": (
        400,
        {
            "message": "Invalid 'metadata': too many properties.",
            "param": "metadata",
            "code": "object_above_max_properties",
        },
    ),
    "400 unsupported": (
        400,
        {
            "message": "Unsupported parameter: 'max_tokens' is not supported with this model.",
            "param": "max_tokens",
            "code": "unsupported_parameter",
        },
    ),
    "400 policy": (400, {"message": "Invalid prompt.", "code": "invalid_prompt"}),
    "401": (401, {"message": "Incorrect API key provided: sk-proj-abc***.", "code": "invalid_api_key"}),
    "403": (403, {"message": "Country, region, or territory not supported."}),
    "404 model": (
        404,
        {
            "message": "The model `x` does not exist or you do not have access to it.",
            "code": "model_not_found",
        },
    ),
    "404 url": (404, {"message": "Unknown request URL: POST /v1/chat/completions."}),
    "405": (405, {"message": "Only POST requests are accepted.", "code": "method_not_supported"}),
    "408": (408, {"message": "Request timeout."}),
    "409": (409, {"message": "Conflict."}),
    "413": (413, {"message": "Payload too large."}),
    "418": (418, {"message": "I'm a teapot."}),
    "422": (422, {"message": "Unprocessable."}),
    "429": (429, {"message": "Rate limit reached for gpt-4o.", "code": "rate_limit_exceeded"}),
    "429 quota": (
        429,
        {
            "message": "You exceeded your current quota.",
            "type": "insufficient_quota",
            "code": "insufficient_quota",
        },
    ),
    "500": (500, {"message": "The server had an error.", "type": "server_error"}),
    "503": (503, {"message": "The engine is currently overloaded.", "code": "server_is_overloaded"}),
}


@pytest.mark.parametrize("case", CASES)
def test_each_status(direct: Make, api: Loopback, case: str, snapshot: SnapshotAssertion) -> None:
    """Headline, what the API said, cause and fix; nothing in the state."""
    status, body = CASES[case]
    api.rule = lambda _: (status, error(**body))
    state, problems = direct(api.url).create()
    assert state is None
    assert problems == snapshot
    assert "sk-" not in str(problems)


def test_a_completion_that_is_gone(direct: Make, api: Loopback, snapshot: SnapshotAssertion) -> None:
    """404 at the store."""
    state, _ = direct(api.url).create(store=True)
    api.made.clear()
    assert direct(api.url).read(state)[1] == snapshot


def test_no_connection(direct: Make, snapshot: SnapshotAssertion) -> None:
    """Nobody listens."""
    _, ((severity, summary, detail),) = direct("http://127.0.0.1:1").create()
    assert (severity, summary) == ("error", "Cannot reach OpenAI")
    assert "Check the network, the proxy" in detail


def test_no_answer_in_time(direct: Make, api: Loopback, snapshot: SnapshotAssertion) -> None:
    """The whole of a request may take no longer than the timeout."""
    release = threading.Event()
    api.rule = lambda _: (200 if release.wait(5) else 500, "{}")
    assert direct(api.url, timeout=0.2).create()[1] == snapshot
    release.set()


def test_no_json(direct: Make, api: Loopback, snapshot: SnapshotAssertion) -> None:
    """A login page answers with 200."""
    api.rule = lambda _: (200, "<html>Please log in</html>")
    assert direct(api.url).create()[1] == snapshot


def test_no_key(direct: Make, api: Loopback, snapshot: SnapshotAssertion) -> None:
    """Nothing is sent."""
    assert direct(api.url, api_key="").create()[1] == snapshot
    assert not api.asked


def test_every_row_can_be_met() -> None:
    """No row hides behind one before it, and each has a summary, a cause and a fix."""
    met = {
        explain(ApiProblem(kind="status", status=status, method="POST", path=COLLECTION, **body)).answers
        for status, body in CASES.values()
    }
    others = {
        "no key",
        "interrupted",
        "unknown settings",
        "not sent",
        "no connection",
        "timeout",
        "200, not JSON",
        "200 with an error",
        "404 or 405 from the store",
        "404 naming a stored completion",
    }
    assert met | others == {row.answers for row in TABLE}
    assert all(
        row.summary and row.cause.endswith(".") and row.fix.endswith((".", "billing.")) for row in TABLE
    )


@pytest.mark.parametrize(
    ("status", "times"), [(429, 4), (408, 4), (409, 4), (500, 4), (503, 4), (400, 1), (404, 1)]
)
def test_what_is_asked_again(
    direct: Make, api: Loopback, monkeypatch: pytest.MonkeyPatch, status: int, times: int
) -> None:
    """Limits and failures of the API are, `max_retries` times; what is wrong with the request is not."""
    monkeypatch.setattr("openai_constructs.provider.native.client._FIRST_WAIT", 0.001)
    api.rule = lambda _: (status, error("no"))
    direct(api.url, max_retries=3).create()
    assert len(api.asked) == times


def test_quota_is_not_asked_again(direct: Make, api: Loopback) -> None:
    """Money does not come by waiting."""
    api.rule = lambda _: (429, error("no", type="insufficient_quota", code="credit_balance_exhausted"))
    direct(api.url, max_retries=3).create()
    assert len(api.asked) == 1


def test_retry_after(direct: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The API's own wish is waited for; one of more than two minutes is not."""
    waited: list[float | None] = []

    def note(_retries: int, problem: ApiProblem) -> float:
        waited.append(problem.retry_after)
        return 0

    monkeypatch.setattr("openai_constructs.provider.native.client._wait", note)
    script = tmp_path / "replies.yaml"
    script.write_text(
        "replies:\n"
        "  - {match: {message: soon}, error: {status: 429, retry_after: 7}, times: 1}\n"
        "  - {match: {message: late}, error: {status: 429, retry_after: 500}}\n"
    )
    with Emulator(replies=script) as emulator:
        at = direct(emulator.url, max_retries=2)
        message = config()["messages"][0]
        assert at.create(messages=[{**message, "content": "soon"}])[0]["id"]
        assert at.create(messages=[{**message, "content": "late"}])[0] is None
        assert len(emulator.requests()) == 3
    assert waited == [7.0]


def test_an_interrupt_ends_requests_and_waits(direct: Make, api: Loopback) -> None:
    """Whatever is in progress ends at once, and nothing is begun any more."""
    release, asked = threading.Event(), threading.Event()

    def slow(_: object) -> tuple[int, Any]:
        asked.set()
        release.wait(20)
        return 200, "{}"

    api.rule = slow
    at = direct(api.url)
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(at.create()))
    thread.start()
    asked.wait(10)
    begun = time.monotonic()
    at.servicer.StopProvider(None, None)
    thread.join(10)
    assert time.monotonic() - begun < 5
    release.set()
    ((state, ((_, summary, _),)),) = results
    assert (state, summary) == (None, "Interrupted")
    assert at.create()[1][0][1] == "Interrupted"


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"id": 5, "choices": {}, "usage": []},
        {"id": "c", "choices": [{"message": None}, 7], "created": "x", "usage": {"total_tokens": None}},
        {
            "id": "c",
            "choices": [{"message": {"content": [{"type": "text", "text": "said"}, 1], "tool_calls": [1]}}],
        },
        {"id": "c", "choices": [{"message": {"tool_calls": [{"function": None}], "function_call": 1}}]},
    ],
)
def test_an_answer_is_never_lost(direct: Make, api: Loopback, answer: Any) -> None:
    """Whatever it looks like, it was paid for: it is in the state, and at most a warning tells."""
    api.rule = lambda _: (200, answer)
    state, problems = direct(api.url).create()
    assert state["id"]
    assert json.dumps(state)
    assert all(severity == "warning" for severity, _, _ in problems)


def test_no_room_for_the_tag(direct: Make, api: Loopback) -> None:
    """With 16 pairs of the user's own there is none, a warning says so, and an update stays within 16."""
    full = {f"k{n}": "v" for n in range(16)}
    state, ((severity, summary, _),) = direct(api.url).create(store=True, metadata=full)
    assert (severity, summary) == ("warning", "No room for the request tag")
    assert api.bodies[0]["metadata"] == full
    assert state["request_tag"] is None


def test_a_store_that_cannot_be_searched(direct: Make, api: Loopback) -> None:
    """The completion is still made, once, and a warning says what could not be done."""
    usual = api._by_rule
    api.rule = lambda it: (
        usual(it) if it.method == "POST" else (405, error("Only POST requests are accepted."))
    )
    state, ((severity, summary, detail),) = direct(api.url).create(store=True, idempotency_key="a")
    assert state["id"]
    assert (severity, summary) == ("warning", "Chat Completions Store not enabled")
    assert "Could not check whether this completion already exists." in detail


def test_lookups(direct: Make, api: Loopback) -> None:
    """What is asked for is encoded; an error is an error; a completion that is gone is a warning."""
    at = direct(api.url)
    at.lookup("openai_chat_completions", metadata={"a b": "c&d"}, model="gpt-4o")
    assert api.lines[-1] == (
        "GET /v1/chat/completions?limit=20&order=asc&model=gpt-4o&metadata%5Ba+b%5D=c%26d"
    )
    for name in ("openai_chat_completion", "openai_chat_completion_messages"):
        state, ((severity, _, _),) = at.lookup(name, completion_id="gone")
        assert severity == "warning"
        assert state["id"].startswith("gone")
    api.rule = lambda _: (401, error("no"))
    for name in ("openai_chat_completion", "openai_chat_completion_messages", "openai_chat_completions"):
        state, ((severity, summary, _),) = at.lookup(name, completion_id="c")
        assert (state, severity, summary) == (None, "error", "Invalid API key")
