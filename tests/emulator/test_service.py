"""What the emulator offers besides completions: models, health, a line per request, and who may ask."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from openai_constructs.emulator import Emulator
from openai_constructs.emulator.models import listed_models
from openai_constructs.emulator.replies_file import read_replies
from openai_constructs.errors import EmulatorError
from openai_constructs.values.models import SHUTDOWN_DATES

from .conftest import HELLO, plain


def test_models_are_listed_with_their_shutdown_date(http: httpx.Client) -> None:
    """The list has OpenAI's models that are not shut down; an id that looks like OpenAI's is found."""
    listed = http.get("/v1/models").json()
    assert listed["object"] == "list"
    for it in listed["data"]:
        day = SHUTDOWN_DATES.get(it["id"])
        assert it["shutdown_date"] == (None if day is None else day.isoformat())
        assert http.get(f"/v1/models/{it['id']}").json() == it
    one = http.get("/v1/models/gpt-4o").json()
    assert (one["id"], one["object"], one["shutdown_date"]) == ("gpt-4o", "model", "2027-01-14")
    assert http.get("/v1/models/ft:gpt-4o:acme::abc").json()["shutdown_date"] is None
    missing = http.get("/v1/models/claude-x")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "model_not_found")


def test_models_leave_the_list_on_their_day() -> None:
    """A model is listed until the day of its shutdown; models of scripted replies always are."""
    before = {it["id"] for it in listed_models(["mine"], date(2027, 1, 13))}
    after = {it["id"] for it in listed_models(["mine"], date(2027, 1, 14))}
    assert {"gpt-4o", "mine"} <= before
    assert "mine" in after
    assert "gpt-4o" not in after


def test_models_need_a_key_and_meet_no_faults() -> None:
    """The API has no list for strangers; faults are for requests of completions."""
    with Emulator(fail="500:1.0") as emulator, plain(emulator) as client:
        assert httpx.get(f"{emulator.url}/v1/models", trust_env=False).status_code == 401
        assert client.get("/v1/models").status_code == 200
        assert client.post("/v1/chat/completions", json=HELLO).status_code == 500


def test_health(emulator: Emulator) -> None:
    """A script can wait for it without a key; it is in no log."""
    answer = httpx.get(f"{emulator.url}/health", trust_env=False)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert emulator.requests() == []


PATHS = ["/health", "/_emulator/requests", "/v1/models", "/v1/chat/completions", "/v1/x"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example:4010"},
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "192.168.0.5:4010"},
        {"Host": "[2001:db8::1]:4010"},
        {"Host": ""},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
    ],
    ids=str,
)
def test_web_pages_are_refused_everywhere(
    http: httpx.Client, emulator: Emulator, path: str, headers: dict[str, str]
) -> None:
    """A page that rebinds its name to loopback has its own Host; any page's Origin is refused too."""
    for method in ("GET", "POST", "DELETE"):
        answer = http.request(method, path, headers=headers)
        assert answer.status_code == 403
        assert "programs of this machine" in answer.json()["error"]["message"]
    assert emulator.requests() == []


@pytest.mark.parametrize(
    "host", ["localhost:4010", "LOCALHOST", "127.0.0.1", "127.0.0.9:80", "[::1]:4010", "[::1]"]
)
def test_names_of_this_machine_are_taken(http: httpx.Client, host: str) -> None:
    """localhost and loopback addresses are names of this machine, with any port."""
    assert http.get("/v1/chat/completions", headers={"Host": host}).status_code == 200


def test_an_open_emulator_takes_any_host() -> None:
    """Other machines know an emulator on all addresses by names of their own; web pages stay out."""
    emulator = Emulator(host="0.0.0.0", allow_remote=True)
    with pytest.warns(UserWarning, match="whoever reaches it"):
        emulator.__enter__()
    try:
        url = emulator.url.replace("0.0.0.0", "127.0.0.1")
        headers = {"Host": "openai.internal:4010"}
        assert httpx.get(f"{url}/health", headers=headers, trust_env=False).status_code == 200
        headers["Origin"] = "http://openai.internal:4010"
        assert httpx.get(f"{url}/health", headers=headers, trust_env=False).status_code == 403
    finally:
        emulator.__exit__(None, None, None)


def test_each_request_is_told() -> None:
    """A callback gets each request of the API with its status, also one that is dropped."""
    lines: list[str] = []
    with (
        Emulator(
            fail="drop:x1", on_request=lambda entry, _seconds: lines.append(entry.line(0.0123))
        ) as emulator,
        plain(emulator) as client,
    ):
        with pytest.raises(httpx.RemoteProtocolError):
            client.post("/v1/chat/completions", json=HELLO)
        client.post("/v1/chat/completions", json=HELLO)
        client.get("/v1/chat/completions?limit=2")
        client.get("/v1/%1b%0a")
        client.get("/health")
    assert lines == [
        "POST /v1/chat/completions dropped 12 ms",
        "POST /v1/chat/completions 200 12 ms",
        "GET /v1/chat/completions?limit=2 200 12 ms",
        "GET /v1/\\x1b\\n 404 12 ms",
    ]


@pytest.mark.parametrize("quiet", [False, True])
def test_the_command_prints_a_line_per_request(quiet: bool) -> None:
    """In the foreground each request is a line on stderr, unless -q silences them."""
    command = [
        sys.executable,
        "-m",
        "openai_constructs",
        "emulator",
        "--port",
        "0",
        *(["-q"] if quiet else []),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[2]
        httpx.get(f"{url}/v1/models", trust_env=False)
        process.terminate()
        _, told = process.communicate(timeout=30)
    assert ("GET /v1/models 401" in told) == (not quiet)


ALIASES = "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(8))
BAD_REPLIES: dict[str, str] = {
    "replies: " + "[" * 900 + "]" * 900: ":1: values are nested more than 50 levels deep",
    "replies: " + "[" * 20000 + "]" * 20000: ":1: values are nested more than 50 levels deep",
    f"a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]\n{ALIASES}": "there are more than 100,000 values",
    "replies: &a [*a]": "an alias is inside of itself",
    "replies:\n- answer: 2026-13-45\n": "this is not YAML: month must be in 1..12",
    "replies:\n- answer: hi\n  times: !!int abc\n": "this is not YAML: invalid literal",
    "replies:\n- answer: hi\n  match: {message: 'a{99999999999}'}\n": "`message` is not a regular expression",
    f"replies:\n- answer: hi\n  times: 1{'0' * 400}\n": ":3: `times` must be a whole number from 1",
    f"replies:\n- answer: hi\n  times: 1{'0' * 5000}\n": "this is not YAML: Exceeds the limit",
    "#" * (4 << 20) + "#": "the replies have more than 4 MiB",
}


@pytest.mark.parametrize(("text", "message"), BAD_REPLIES.items(), ids=lambda it: it[:30])
def test_replies_are_bounded(tmp_path: Path, text: str, message: str) -> None:
    """Replies that are nested without end, or made of aliases of aliases, are refused at once."""
    file = tmp_path / "replies.yaml"
    file.write_text(text)
    with pytest.raises(EmulatorError) as error:
        read_replies(file)
    assert message in str(error.value)
    assert str(file) in str(error.value)


def test_a_required_call_goes_on_to_the_next_tool(http: httpx.Client) -> None:
    """Under `required`, tools not called since the user's message come first, so output tools are reached."""
    tools = [{"type": "function", "function": {"name": it}} for it in ("weather", "time", "final_result")]
    allowed = {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": tools}}
    for choice in ("required", allowed):
        messages: list[Any] = [{"role": "user", "content": "What is the weather?"}]
        called = []
        for _ in range(4):
            body = {"model": "gpt-4o", "messages": messages, "tools": tools, "tool_choice": choice}
            message = http.post("/v1/chat/completions", json=body).json()["choices"][0]["message"]
            (call,) = message["tool_calls"]
            called.append(call["function"]["name"])
            messages += [message, {"role": "tool", "tool_call_id": call["id"], "content": "Sunny."}]
        assert called[0] == "weather"
        assert sorted(called[:3]) == ["final_result", "time", "weather"]
        messages.append({"role": "user", "content": "And the weather now?"})
        body = {"model": "gpt-4o", "messages": messages, "tools": tools, "tool_choice": choice}
        message = http.post("/v1/chat/completions", json=body).json()["choices"][0]["message"]
        assert message["tool_calls"][0]["function"]["name"] == "weather"


def test_a_refused_request_uses_no_reply(tmp_path: Path) -> None:
    """A rule for one request is still there after a request that was refused, whatever was in it."""
    file = tmp_path / "replies.yaml"
    file.write_text("replies:\n- match: {message: Hello}\n  answer: Once.\n  times: 1\n")
    with Emulator(replies=file) as emulator, plain(emulator) as client:
        for changes in ({"messages": [1]}, {"temperature": 9}, {"messages": [{"role": "user"}]}):
            assert client.post("/v1/chat/completions", json={**HELLO, **changes}).status_code == 400
        answer = client.post("/v1/chat/completions", json=HELLO).json()
        assert answer["choices"][0]["message"]["content"] == "Once."


def test_headers_are_bounded(emulator: Emulator) -> None:
    """A request with a megabyte of headers gets status 431, and others are still answered."""
    address = emulator.url.removeprefix("http://").split(":")
    with socket.create_connection((address[0], int(address[1])), timeout=10) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 2**20)
        assert connection.recv(4_096).startswith(b"HTTP/1.1 431 ")
    assert httpx.get(f"{emulator.url}/health", trust_env=False).status_code == 200


def test_large_bodies_are_no_headers(http: httpx.Client) -> None:
    """The limit is for headers: bodies of a megabyte pass, one after the other on one connection."""
    body = {**HELLO, "messages": [{"role": "user", "content": "x" * 2**20}]}
    for _ in range(3):
        assert http.post("/v1/chat/completions", json=body).status_code == 200
        assert http.get("/health").status_code == 200


def test_it_ends_in_silence_whatever_clients_do(tmp_path: Path) -> None:
    """SIGTERM ends it without a traceback, even if clients are in the middle of sending."""
    command = [sys.executable, "-m", "openai_constructs", "emulator", "--port", "0", "--quiet"]
    with (
        contextlib.ExitStack() as connections,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process,
    ):
        assert process.stdout is not None
        port = int(process.stdout.readline().split(":")[2].split()[0])
        for _ in range(20):
            connection = connections.enter_context(socket.create_connection(("127.0.0.1", port)))
            connection.sendall(
                b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{"
            )
        assert httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False).status_code == 200
        process.terminate()
        said, errors = process.communicate(timeout=60)
    assert (said, errors, process.returncode) == ("", "", 0)
