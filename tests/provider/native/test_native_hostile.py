"""Hostile servers: each ends in an error or a state of the right types, without a traceback or a hang."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.provider.loopback import Answer, Asked, Loopback, completion
from tests.provider.native.native_direct import Direct
from tests.provider.native.store_host import said
from tests.support import sized

pytestmark = pytest.mark.proof

Send = Callable[[socket.socket], None]
Make = Callable[..., Direct]
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
ANSWER = json.dumps(completion("chatcmpl-1", said("hi"))).encode()


def whole(head: bytes, body: bytes = b"") -> Send:
    return lambda connection: connection.sendall(head + b"\r\n" + body)


def json_body(body: bytes) -> Send:
    return whole(OK + b"Content-Length: %d\r\n" % len(body), body)


def trickle(connection: socket.socket) -> None:
    connection.sendall(OK + b"Content-Length: 1000000\r\n\r\n")
    while True:
        connection.sendall(b" ")
        time.sleep(0.05)


def trickled_headers(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"x: y\r\n")
        time.sleep(0.02)


def endless(start: bytes, piece: bytes) -> Send:
    def send(connection: socket.socket) -> None:
        connection.sendall(start)
        while True:
            connection.sendall(piece)

    return send


def bomb(connection: socket.socket) -> None:
    body = gzip.compress(b" " * 2**22, 9)
    connection.sendall(OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def nothing(connection: socket.socket) -> None:
    connection.recv(1)  # until the client gives up


HOSTILE: dict[str, tuple[Send, str]] = {
    "silence": (nothing, "No answer in time"),
    "trickled body": (trickle, "No answer in time"),
    "trickled headers": (trickled_headers, ""),
    "gzip bomb": (bomb, "larger than"),
    "endless body": (endless(OK + b"\r\n", b" " * 65_536), "larger than"),
    "endless chunks": (
        endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b" " * 65_536 + b"\r\n"),
        "larger than",
    ),
    "endless headers": (endless(b"HTTP/1.1 200 OK\r\n", b"x-more: " + b"y" * 4_096 + b"\r\n"), ""),
    "endless error": (endless(b"HTTP/1.1 500 No\r\n\r\n", b"no " * 20_000), "larger than"),
    "one long header": (endless(b"HTTP/1.1 200 OK\r\nx: ", b"y" * 65_536), ""),
    "not gzip": (whole(OK + b"Content-Encoding: gzip\r\nContent-Length: 9\r\n", b"not gzip!"), ""),
    "too short": (whole(OK + b"Content-Length: 99999\r\n", ANSWER), ""),
    "too long": (whole(OK + b"Content-Length: 10\r\n", ANSWER), ""),
    "two lengths": (whole(OK + b"Content-Length: 10\r\nContent-Length: 20\r\n", ANSWER), ""),
    "no number": (whole(OK + b"Content-Length: many\r\n", ANSWER), ""),
    "garbled chunks": (whole(OK + b"Transfer-Encoding: chunked\r\n", b"zz\r\n{}\r\n0\r\n\r\n"), ""),
    "cut chunks": (whole(OK + b"Transfer-Encoding: chunked\r\n", b"5\r\n{}"), ""),
    "not HTTP": (whole(b"SSH-2.0-OpenSSH_9.9\r\n"), ""),
    "HTTP/9": (whole(b"HTTP/9.0 200 OK\r\n"), ""),
    "bytes": (lambda connection: connection.sendall(bytes(range(256)) * 40), ""),
    "status 99999": (whole(b"HTTP/1.1 99999 OK\r\nContent-Length: 0\r\n"), ""),
    "status 100 forever": (endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), ""),
    "status 204": (whole(b"HTTP/1.1 204 No Content\r\n"), ""),
    "truncated JSON": (json_body(ANSWER[:-20]), "is not JSON"),
    "deep JSON": (json_body(b"[" * 200_000 + b"]" * 200_000), "nested too deeply"),
    "UTF-16": (json_body(ANSWER.decode().encode("utf-16")), ""),
    "zeros": (json_body(b"\0" * 5_000), "is not JSON"),
    "redirects to itself": (
        whole(b"HTTP/1.1 307 Again\r\nLocation: /v1/chat/completions\r\nContent-Length: 0\r\n"),
        "",
    ),
    "redirect to a file": (
        whole(b"HTTP/1.1 307 A\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n"),
        "",
    ),
    "redirect to nonsense": (whole(b"HTTP/1.1 307 A\r\nLocation: http://[::z\r\nContent-Length: 0\r\n"), ""),
    "waits for a year": (
        whole(b"HTTP/1.1 429 No\r\nRetry-After: 31536000\r\nContent-Length: 2\r\n", b"{}"),
        "",
    ),
    "waits for ever": (whole(b"HTTP/1.1 503 No\r\nRetry-After: inf\r\nContent-Length: 2\r\n", b"{}"), ""),
    "waits since 1970": (
        whole(
            b"HTTP/1.1 400 No\r\nRetry-After: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Length: 2\r\n", b"{}"
        ),
        "",
    ),
}


@pytest.fixture
def hostile() -> Iterator[Callable[[Send], str]]:
    """A function that starts a server with one behaviour, and returns its address."""
    server = socket.create_server(("127.0.0.1", 0))
    behaviour: list[Send] = []

    def answer(connection: socket.socket) -> None:
        with suppress(OSError), connection:
            connection.recv(65_536)
            behaviour[0](connection)

    def serve() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=answer, args=(server.accept()[0],), daemon=True).start()

    def start(send: Send) -> str:
        behaviour.append(send)
        threading.Thread(target=serve, daemon=True).start()
        return f"http://127.0.0.1:{server.getsockname()[1]}"

    yield start
    server.shutdown(socket.SHUT_RDWR)
    server.close()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_server(
    direct: Make,
    api: Loopback,
    hostile: Callable[[Send], str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    record_property: Any,
) -> None:
    """A create, a refresh, a lookup and an import end in an error of ours, whatever bytes a server sends."""
    monkeypatch.setattr("openai_constructs.provider.native.client.LARGEST_BODY", 2**20)
    send, message = HOSTILE[name]
    before, _ = direct(api.url).create(store=True)
    at = direct(hostile(send), timeout=0.3)
    state, diagnostics = at.create(store=True)
    assert state is None
    check(diagnostics, message)
    after, diagnostics = at.read(before)
    assert after == before
    check(diagnostics, message)
    check(at.lookup("openai_chat_completion", completion_id="chatcmpl-1")[1], message)
    check(at.imports("chatcmpl-1")[1], message)
    record_property("hostile answers of a server", 4)


def check(diagnostics: list[tuple[str, str, str]], message: str) -> None:
    errors = [f"{summary}: {detail}" for severity, summary, detail in diagnostics if severity == "error"]
    assert errors
    for text in errors:
        assert "Unexpected error" not in text
        assert "Traceback" not in text
        assert message in text
        assert len(text) < 3_000


ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**400)
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.sampled_from(["\ud800", "x" * 10_000, "${x}"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
CITED = {"start_index": 0, "end_index": 1, "title": "t", "url": "https://example.com"}
GOOD = {
    **completion(
        "chatcmpl-1",
        said(
            "hi",
            tool_calls=[CALL, {"id": "call_2", "type": "custom", "custom": {"name": "c", "input": "x"}}],
            function_call=CALL["function"],
            annotations=[{"type": "url_citation", "url_citation": CITED}],
        ),
    ),
    "data": [
        {
            "id": "message-1",
            "role": "user",
            "content": "hi",
            "content_parts": [
                {"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": "low"}},
                {"type": "file", "file": {"file_id": "file-1", "filename": "a.pdf"}},
            ],
        },
        {"id": "message-2", "role": "assistant", "content": None, "tool_calls": [CALL]},
    ],
    "last_id": "message-2",
    "has_more": False,
    "metadata": {"a": "b"},
    "service_tier": "default",
    "temperature": 1,
    "seed": 5,
    "tools": [
        {
            "type": "function",
            "function": {"name": "f", "description": "d", "strict": True, "parameters": {}},
        },
        {
            "type": "custom",
            "custom": {
                "name": "c",
                "format": {"type": "grammar", "grammar": {"syntax": "lark", "definition": "x"}},
            },
        },
    ],
    "tool_choice": {"type": "function", "function": {"name": "f"}},
    "response_format": {"type": "json_schema", "json_schema": {"name": "s", "strict": True, "schema": {}}},
}


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield from places(inner, (*path, key))


def with_odd(value: Any, path: tuple[Any, ...], odd: Any) -> Any:
    if not path:
        return odd
    key, *rest = path
    changed = dict(value) if isinstance(value, dict) else list(value)
    changed[key] = with_odd(value[key], tuple(rest), odd)
    return changed


def test_fields_of_any_type(direct: Make, api: Loopback, record_property: Any) -> None:
    """With a field of any type in an answer, a state or an error results, and never an unexpected one."""
    tried = 0
    at = direct(api.url)

    @settings(
        max_examples=sized(3_000, 20),
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    @given(st.lists(st.tuples(st.sampled_from([*places(GOOD)]), ODD), min_size=1, max_size=3))
    def run(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
        nonlocal tried
        answer: Any = GOOD
        for path, odd in changes:
            with suppress(KeyError, IndexError, TypeError):  # an earlier change has removed the place
                answer = with_odd(answer, path, odd)
        api.rule = lambda _: (200, answer)
        api.asked.clear()
        state, diagnostics = at.create(store=True)
        assert (state is None) == any(severity == "error" for severity, *_ in diagnostics)
        assert not any("Unexpected error" in summary for _, summary, _ in diagnostics), diagnostics
        for read in (
            at.lookup("openai_chat_completion", completion_id="chatcmpl-1"),
            at.lookup("openai_chat_completions"),
            at.lookup("openai_chat_completion_messages", completion_id="chatcmpl-1"),
            at.imports("chatcmpl-1"),
        ):
            assert not any("Unexpected error" in summary for _, summary, _ in read[1]), read[1]
        tried += 5

    run()
    record_property("answers with fields of random types", tried)


def test_a_clock_that_jumps(direct: Make, api: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dates in the past or the far future of a clock that jumps change no result."""
    for now in (0.0, 4_102_444_800.0, 1e11):
        monkeypatch.setattr("openai_constructs.provider.native.problems.time", lambda now=now: now)
        at = direct(api.url, max_retries=1)
        api.scripted = [(429, {}, {"Retry-After": "Fri, 27 Nov 2026 06:00:00 GMT"})]
        state, diagnostics = at.create()
        if now:  # the date is in the past
            assert state["choices"]
        else:  # it is decades away, which no retry waits for
            assert state is None
            assert diagnostics[0][0] == "error"
        api.scripted.clear()


def test_pages_that_never_end(direct: Make, api: Loopback) -> None:
    """An import ends if the pages of messages lead in a circle."""

    def rule(asked: Asked) -> Answer:
        if "/messages" not in asked.target:
            return 200, GOOD
        last = "b" if "after=a" in asked.target else "a"
        return 200, {"data": [{"role": "user", "content": last}], "last_id": last, "has_more": True}

    api.rule = rule
    state, _ = direct(api.url).imports("chatcmpl-1")
    assert [it["content"] for it in state["messages"]] == ["a", "b", "a"]


def test_an_import_ignores_values_of_other_types(direct: Make, api: Loopback) -> None:
    """A field of a block that has another type than the table's is null, and the others stay."""
    function = {"name": -(2**63) - 1, "description": ["d"], "strict": "yes", "parameters": {}}
    answer = {**GOOD, "tools": [{"type": "function", "function": function}]}
    api.rule = lambda _: (200, {**answer, "response_format": {"type": "json_schema", "json_schema": ["s"]}})
    state, diagnostics = direct(api.url).imports("chatcmpl-1")
    assert diagnostics == []
    (tool,) = state["tools"]
    assert {name: it for name, it in tool.items() if it is not None} == {"parameters": "{}"}
    (shape,) = state["response_format"]
    assert {name: it for name, it in shape.items() if it is not None} == {"type": "json_schema"}
