"""A secret in the key, a header or the URL is found nowhere, whatever repeats it, in whatever form."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from tests.provider.loopback import Asked, Loopback, completion, error
from tests.provider.native.managed import Managed, user
from tests.provider.native.native_direct import Direct
from tests.provider.native.native_support import ADDRESS, HEAD, asking
from tests.provider.native.store_host import COLLECTION, said
from tests.support import Workspace
from tf.utils import Diagnostics

from openai_constructs.provider.core.secrets import Secrets
from openai_constructs.provider.native.client import Api
from openai_constructs.provider.native.configuration import settings
from openai_constructs.provider.native.session import Session
from openai_constructs.schema import NATIVE

Make = Callable[..., Direct]
KEY = 'MARKEDkey/"0123456789\\abcdef'
PLAIN = "MARKEDvalue 0123456789"
TOKEN = "MARKEDtoken0123456789abcdef"
QUERY = "MARKEDquery0123456789abcdef"
PATH = "MARKEDpath0123456789abcdef"
COOKIE = "session=MARKEDcookie0123456789"
SCHEME = "Custom MARKEDscheme0123456789"
EVERY = (KEY, PLAIN, TOKEN, QUERY, PATH, COOKIE, SCHEME)


def forms(secret: str) -> set[str]:
    """A secret as it is, and as languages write it."""
    written = {secret, repr(secret), json.dumps(secret), quote(secret), quote(secret, safe="")}
    written |= {json.dumps(it) for it in written} | {quote(it) for it in written}
    return written | {it.lower() for it in written} | {it.upper() for it in written}


def check_clean(text: str) -> None:
    assert "MARKED" not in text.upper(), text


@pytest.fixture
def at(managed: Managed, api: Loopback) -> Iterator[Managed]:
    block = {
        **dict.fromkeys(NATIVE.provider.attributes),
        "api_key": KEY,
        "base_url": f"{api.url}/{PATH}/v1?key={QUERY}",
        "headers": {"api-key": PLAIN, "X-Trace": TOKEN, "Cookie": COOKIE, "X-Auth": SCHEME},
        "max_retries": 0,
    }
    diagnostics = Diagnostics()
    managed.at.provider.session = Session(Api(settings(diagnostics, block, {})))
    assert not diagnostics.has_errors()
    yield managed
    managed.at.provider.session.api.close()


def echo() -> str:
    return " ".join(sorted(form for secret in EVERY for form in forms(secret)))


def answers() -> dict[str, Any]:
    text = echo()
    call = {"id": text, "type": "function", "function": {"name": text, "arguments": json.dumps(text)}}
    return {
        "401": (401, error(text, type=text, code=text, param=text), {"x-request-id": TOKEN}),
        "400 of numbers": (
            400,
            {"error": {"message": text, "type": 1, "code": [text], "param": {text: text}}},
        ),
        "404": (404, error(text)),
        "404 text": (404, text),
        "422 detail": (422, {"detail": [{"loc": [text], "msg": text}]}),
        "500 error text": (500, {"error": text}),
        "502 HTML": (502, f"<html><body>Authorization: Bearer {text}</body></html>"),
        "200 HTML": (200, f"<html><body>Authorization: Bearer {text}</body></html>"),
        "200 list": (200, [text]),
        "200 error": (200, {"error": {"message": text, "code": text, "type": text}}),
        "answer": (
            200,
            completion(
                f"chatcmpl-{text}",
                said(text, refusal=text, tool_calls=[call], function_call={"name": text, "arguments": text}),
                model=text,
                finish_reason=text,
                metadata={text: text},
                object=text,
            ),
        ),
        "answer in escapes": (
            200,
            json.dumps(completion("c", said("TEXT"))).replace(
                "TEXT", "".join(f"\\u{ord(it):04x}" for it in f"a {' '.join(EVERY)} z")
            ),
        ),
        "cut answer": (200, completion("c", said(text), finish_reason="length")),
    }


@pytest.mark.proof
@pytest.mark.parametrize("answer", answers())
def test_a_secret_that_is_repeated(
    at: Managed, api: Loopback, answer: str, capfd: pytest.CaptureFixture[str], record_property: Any
) -> None:
    """A secret repeated by a server reaches no diagnostic, state, private data or output."""
    api.rule = lambda _: answers()[answer]
    arguments = {"store": True, "idempotency_key": "a", "on_incomplete": "error", "messages": user("hi")}
    at.apply(**arguments)
    check_clean(f"{at.told} {at.state} {at.private!r}")
    at.apply(**{**arguments, "on_incomplete": "accept", "metadata": {"k": "v"}})
    check_clean(f"{at.told} {at.state} {at.private!r}")
    at.apply(**{**arguments, "messages": user("edited"), "on_incomplete": "accept"})
    check_clean(f"{at.told} {at.state} {at.private!r}")
    for name in ("openai_chat_completion", "openai_chat_completions", "openai_chat_completion_messages"):
        more = {} if name.endswith("s") and "messages" not in name else {"completion_id": "c"}
        check_clean(str(at.at.lookup(name, **more)))
    check_clean(str(at.at.imports("c")))
    at.destroy()
    check_clean(f"{at.told} {at.state}")
    check_clean("".join(capfd.readouterr()))
    assert api.asked
    record_property("secrets repeated by a hostile server", len(EVERY))


def test_a_connection_that_fails(at: Managed, api: Loopback) -> None:
    """The same where nothing answers."""
    api.rule = lambda _: None
    at.apply(messages=user("hi"))
    check_clean(str(at.told))
    api.rule = lambda asked: (307, "", {"Location": asked.target})
    at.apply(messages=user("hi"))
    assert at.errors
    check_clean(str(at.told))


def test_an_unforeseen_error(
    at: Managed, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The same where the provider itself fails, in its log too."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(f"{KEY!r} {TOKEN}")

    monkeypatch.setattr("openai_constructs.provider.native.answering.Creation", fail)
    at.apply(messages=user("hi"))
    ((_, summary, detail),) = at.told
    assert summary == "Unexpected error in the provider"
    check_clean(detail)
    printed = "".join(capfd.readouterr())
    assert "RuntimeError" in printed
    check_clean(printed)


@pytest.mark.parametrize(
    ("headers", "url", "secret"),
    [
        ({"X-Gateway": "MARKED-SECRET-VALUE"}, "", "MARKED-SECRET-VALUE"),
        ({"api-key": "MARKED-1"}, "", "MARKED-1"),
        ({"Cookie": "session=MARKED-1"}, "", "session=MARKED-1"),
        ({"X-Auth": "Custom MARKED-1"}, "", "MARKED-1"),
        ({}, "https://gw.example/v1?sig=a%2Fb%2FMARKED-SECRET", "a/b/MARKED-SECRET"),
        (
            {},
            "https://gw.example/0123abcd-0000-4000-8000-0123456789ab/v1",
            "0123abcd-0000-4000-8000-0123456789ab",
        ),
    ],
)
def test_what_counts_as_a_secret(headers: dict[str, str], url: str, secret: str) -> None:
    """By the name it has, or by its looks."""
    assert Secrets((), headers, url).mask_answer(f"a {secret} z") == "a (secret) z"


def test_ordinary_words_are_left_alone() -> None:
    """A header that is no secret does not cost an answer its words; an error is stricter."""
    headers = {"X-Title": "Weather reports", "X-Team": "a", "HTTP-Referer": "https://example.com/a/long/path"}
    url = "https://gw.example/openai/deployments/gpt-4o-mini-2024-07-18?api-version=2024-10-21"
    secrets = Secrets(("short", "sk-1234567890"), headers, url)
    text = "Weather reports of https://example.com/a/long/path: a short 2024-10-21 by gpt-4o-mini-2024-07-18"
    assert secrets.mask_answer(text) == text
    assert secrets.mask("Weather reports") == "(secret)"
    assert secrets.mask_answer("sk-1234567890") == "(secret)"
    assert secrets.mask("a short sk-proj-AbC sk-***") == "a short (secret) (secret)"


@pytest.mark.terraform
def test_terraform_writes_none(installed: Workspace, api: Loopback) -> None:
    """Nothing in the output, the TRACE log, the state, the plan or any other file."""
    encoded = base64.b64encode(f"user:{TOKEN}".encode()).decode()
    variables = {
        "TF_VAR_secret": TOKEN,
        "OPENAI_API_KEY": "MARKEDenv0123456789abcdef",
        "TF_LOG": "TRACE",
        "TF_LOG_PATH": "trace.log",
    }

    def rule(asked: Asked) -> Any:
        if asked.target.startswith(f"{COLLECTION}/"):
            return 401, error(f"Bad key: {asked.headers}", code=asked.headers["api-key"])
        return 200, completion(f"c-{TOKEN}", said(f"You sent {asked.headers} {asked.target}"))

    api.rule = rule
    provider = (
        f'headers = {{ "api-key" = var.secret, "Authorization" = "Basic {encoded}" }}\n'
        f'base_url = "{api.url}/v1?key=${{var.secret}}"'
    )
    here = installed.write(
        'variable "secret" {\n  type = string\n  sensitive = true\n}\n'
        + HEAD.replace("SETTINGS", provider)
        + asking(more="store = true")
    )
    here.run("init", "-input=false", "-no-color")
    outputs = [here.apply(**variables), here.plan(**variables)]
    assert outputs[0].code == 0, outputs[0].text
    assert outputs[1].code == 1
    assert here.state(ADDRESS)["choices"]
    written = {
        Path(it).name: it.read_text("utf-8", "replace") for it in here.folder.rglob("*") if it.is_file()
    }
    assert "trace.log" in written
    sources = ("main.tf",)
    for text in [*(it.text for it in outputs), *(it for name, it in written.items() if name not in sources)]:
        check_clean(text)
        assert encoded not in text
