"""Scripted answers from YAML, and faults by the short form."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

from openai_constructs.emulator import Emulator
from openai_constructs.emulator.faults import Faults, parse_faults
from openai_constructs.errors import EmulatorError

from .conftest import HELLO, plain, sdk

POST = "/v1/chat/completions"


def says(http: httpx.Client, **changes: Any) -> str:
    content: str = http.post(POST, json={**HELLO, **changes}).json()["choices"][0]["message"]["content"]
    return content


@pytest.fixture
def script(tmp_path: Path) -> Path:
    return tmp_path / "replies.yaml"


def test_matching(script: Path) -> None:
    """The first rule that fits answers: by model, by the last message, by metadata, or always."""
    script.write_text("""
replies:
  - match: {model: local-model}
    answer: by id
  - match: {model: /gpt-4\\.1.*/}
    answer: by pattern
  - match: {message: "weather in (Rome|Oslo)"}
    answer: by message
  - match: {metadata: {suite: smoke}}
    answer: by metadata
  - match: {model: gpt-4o-mini}
    answer: {content: "by mapping", finish_reason: content_filter}
""")
    with Emulator(replies=script) as emulator, plain(emulator) as http:
        assert says(http, model="local-model") == "by id"
        assert says(http, model="gpt-4.1-mini") == "by pattern"
        assert says(http, messages=[{"role": "user", "content": "The weather in Oslo?"}]) == "by message"
        assert says(http, store=True, metadata={"suite": "smoke", "more": "x"}) == "by metadata"
        assert says(http, model="gpt-4o-mini") == "by mapping"
        assert says(http).startswith("Emulated")
        assert http.post(POST, json={**HELLO, "model": "other-model"}).status_code == 404


def test_scripted_calls(script: Path) -> None:
    """A rule can call functions and tools, with arguments as a mapping or as any text, and refuse."""
    script.write_text("""
replies:
  - match: {message: function}
    answer: {function_call: {name: f, arguments: {a: 1}}}
  - match: {message: tools}
    answer: {tool_calls: [{name: g, arguments: "{broken"}, {name: h}]}
  - answer: {refusal: "No."}
""")
    with Emulator(replies=script) as emulator, sdk(emulator) as client:

        def ask(text: str) -> Any:
            made = client.chat.completions.create(
                model="gpt-4o", messages=[{"role": "user", "content": text}]
            )
            return made.choices[0]

        assert ask("function").message.function_call.arguments == '{"a": 1}'
        calls = ask("tools").message.tool_calls
        assert [(it.function.name, it.function.arguments) for it in calls] == [("g", "{broken"), ("h", "{}")]
        assert ask("other").message.refusal == "No."


def test_errors_by_count(script: Path) -> None:
    """A rule with `times` meets only so many requests; an error has what the rule gives it."""
    script.write_text("""
replies:
  - error: {status: 429, retry_after: 1, message: Slow down., code: slow_down, type: rate_limit_error}
    times: 1
""")
    with Emulator(replies=script) as emulator, plain(emulator) as http:
        first = http.post(POST, json=HELLO)
        assert first.status_code == 429
        assert first.headers["retry-after"] == "1"
        expected = {"message": "Slow down.", "type": "rate_limit_error", "param": None, "code": "slow_down"}
        assert first.json()["error"] == expected
        assert http.post(POST, json=HELLO).status_code == 200
        emulator.reset()
        assert http.post(POST, json=HELLO).status_code == 429


def test_the_sdk_retries_what_it_should(script: Path) -> None:
    """A client that retries gets through a 429 and a dropped connection to the answer."""
    script.write_text(
        "replies:\n  - {error: {status: 429, retry_after: 1}, times: 1}\n  - {drop: before, times: 1}\n"
    )
    with Emulator(replies=script) as emulator, sdk(emulator) as client:
        made = client.with_options(max_retries=2).chat.completions.create(**HELLO)  # type: ignore[call-overload]
        assert made.choices[0].message.content
        assert [it["status"] for it in emulator.requests()] == [429, 0, 200]


def test_rates_repeat(script: Path) -> None:
    """A rule with a rate meets about that share of the requests, and the same ones again after a reset."""
    script.write_text("seed: 3\nreplies:\n  - {error: {status: 500}, rate: 0.5}\n")
    with Emulator(replies=script) as emulator, plain(emulator) as http:
        runs = []
        for _ in range(2):
            runs.append([http.post(POST, json=HELLO).status_code for _ in range(40)])
            emulator.reset()
    assert runs[0] == runs[1]
    assert 8 < runs[0].count(500) < 32


def test_delay(script: Path) -> None:
    """A rule with only a delay slows the usual answer down, and holds nobody else up."""
    script.write_text("replies:\n  - {delay: 0.3, match: {message: slow}}\n")
    with Emulator(replies=script) as emulator, plain(emulator) as http:
        began = time.perf_counter()
        says(http)
        quick = time.perf_counter() - began
        assert says(http, messages=[{"role": "user", "content": "slow"}]).startswith("Emulated")
        assert time.perf_counter() - began - quick >= 0.3
        assert quick < 0.3


@pytest.mark.parametrize(("drop", "kept"), [("before", 0), ("after", 1)])
def test_drops(script: Path, drop: str, kept: int) -> None:
    """The client loses the connection; the completion is stored if it dropped after that."""
    script.write_text(f"replies:\n  - drop: {drop}\n")
    with Emulator(replies=script) as emulator, sdk(emulator) as client:
        with pytest.raises(openai.APIConnectionError):
            client.chat.completions.create(**HELLO, store=True)  # type: ignore[call-overload]
        assert len(client.chat.completions.list().data) == kept


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("replies:\n  - answer: [", 2, "this is not YAML"),
        ("replies:\n  - answer: a\n    tmes: 2\n", 3, "'tmes' is not allowed here"),
        ("replies:\n  - answer: a\n    drop: after\n", 3, "one of answer, error, drop"),
        ("replies:\n  - match: {}\n", 2, "needs one of"),
        ("replies:\n  - answer: a\n    rate: 2\n", 3, "`rate` must be a number from 0 to 1"),
        ("replies:\n  - answer: a\n    times: x\n", 3, "`times` must be a whole number"),
        ("replies:\n\n  - answer: 3\n", 3, "`answer` must be a mapping"),
        ("replies:\n  - answer: {}\n", 2, "an answer needs"),
        ("replies:\n  - answer: {tool_calls: [{arguments: {}}]}\n", 2, "needs a `name`"),
        ("replies:\n  - answer: {tool_calls: 1}\n", 2, "must be a list"),
        ("replies:\n  - answer: {content: a, finish_reason: done}\n", 2, "`finish_reason` must be one of"),
        ("replies:\n  - error: {status: 200}\n", 2, "`status` must be a whole number from 400 to 599"),
        ("replies:\n  - error: {}\n", 2, "`status` must be"),
        ("replies:\n  - drop: maybe\n", 2, "`before` or `after`"),
        ("replies:\n  - answer: a\n    match:\n      message: '('\n", 4, "not a regular expression"),
        ("replies:\n  - answer: a\n    match: {metadata: {a: 1}}\n", 3, "`a` must be text"),
        ("replies: no\n", 1, "must be a list"),
        ("- answer: a\n", 1, "the file must be a mapping"),
        ("", 1, "the file must be a mapping"),
        ("seed: 1\nseed: 2\nreplies: []\n", 2, "'seed' is given twice"),
        ("replies: !!python/object:os.system []\n", 1, "this is not YAML"),
        ("replies: [\x00]\n", 1, "this is not YAML"),
    ],
)
def test_broken_replies(script: Path, text: str, line: int, problem: str) -> None:
    """A file that cannot be used stops the start with one message: file, line and what is wrong."""
    script.write_text(text)
    with pytest.raises(EmulatorError) as caught, Emulator(replies=script):
        pass
    assert str(caught.value).startswith(f"{script}:{line}: ")
    assert problem in str(caught.value)


def test_replies_that_are_not_there(tmp_path: Path) -> None:
    """A file that is not there, or is no text, is said to be unreadable."""
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe")
    for name in ("none.yaml", "binary.yaml"):
        with (
            pytest.raises(EmulatorError, match=f"{name}: the replies cannot be read"),
            Emulator(replies=tmp_path / name),
        ):
            pass


def test_fail_by_rate() -> None:
    """Faults by rate meet the share they say: the same requests for the same seed, others for another."""
    kinds = parse_faults("429:0.3,500:0.1, drop:0.05,drop-after:0.05")
    faults = Faults(kinds, seed=1)
    drawn = [faults.draw() for _ in range(2000)]
    counts = {
        what: sum(it is not None and it.what == what for it in drawn)
        for what in (429, 500, "drop", "drop-after")
    }
    assert all(abs(counts[it.what] / 2000 - it.rate) < 0.03 for it in kinds)
    faults.reset()
    assert [faults.draw() for _ in range(2000)] == drawn
    other = Faults(kinds, seed=2)
    assert [other.draw() for _ in range(2000)] != drawn


def test_fail_by_count() -> None:
    """A fault by count meets the first requests, of every endpoint, and a 429 says when to come back."""
    with Emulator(fail="429:x1,500:x1,drop-after:x1") as emulator, plain(emulator) as http:
        limited = http.get(POST)
        assert (limited.status_code, limited.headers["retry-after"]) == (429, "1")
        assert limited.json()["error"]["code"] == "rate_limit_exceeded"
        assert http.get(POST).json()["error"]["type"] == "server_error"
        with pytest.raises(httpx.TransportError):
            http.post(POST, json={**HELLO, "store": True})
        assert len(http.get(POST).json()["data"]) == 1


def test_fail_drop() -> None:
    """A `drop` closes the connection before anything is carried out."""
    with Emulator(fail="drop:x1") as emulator, plain(emulator) as http:
        with pytest.raises(httpx.TransportError):
            http.post(POST, json={**HELLO, "store": True})
        assert http.get(POST).json()["data"] == []


@pytest.mark.parametrize(
    "text", ["429", "200:0.1", "429:2", "429:0.6,500:0.6", "crash:0.1", "429:-1", "429:0.1,,500:1", "999:1"]
)
def test_fail_that_cannot_be_read(text: str) -> None:
    """A short form that cannot be read stops the start with one message that says how to write it."""
    with pytest.raises(EmulatorError, match="--fail"), Emulator(fail=text):
        pass


def test_long_numbers_in_faults() -> None:
    """A fault with more digits than Python reads is refused, and the message is short."""
    with pytest.raises(EmulatorError, match="is invalid") as refused:
        parse_faults(f"429:x{'9' * 5_000}")
    assert len(str(refused.value)) < 400
