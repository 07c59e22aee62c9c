"""The provider block and the environment: trimmed, or refused by name before anything is sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.provider.loopback import Loopback, Server, completion
from tests.provider.native.native_direct import Direct, told
from tf.gen import tfplugin_pb2 as pb
from tf.types import Unknown
from tf.utils import to_dynamic_value

from openai_constructs.schema import NATIVE

Make = Callable[..., Direct]
MARKED = "MARKED0123456789abcdef0123456789abcdef"


@pytest.fixture
def at(direct: Make, api: Loopback, monkeypatch: pytest.MonkeyPatch) -> Direct:
    """A provider with nothing but a key and an address from the environment."""
    for name in (
        "OPENAI_API_URL",
        "OPENAI_ORGANIZATION",
        "OPENAI_ORG_ID",
        "OPENAI_PROJECT_ID",
        "OPENAI_TIMEOUT",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    monkeypatch.setenv("OPENAI_BASE_URL", f"{api.url}/v1")
    return direct(api.url)


def configure(at: Direct, **arguments: Any) -> list[tuple[str, str, str]]:
    block = {**dict.fromkeys(NATIVE.provider.attributes), "shutdown_warning_days": 0, **arguments}
    request = pb.ConfigureProvider.Request(config=to_dynamic_value(block))
    return told(at.servicer.ConfigureProvider(request, None))


def test_white_space_is_trimmed(at: Direct, api: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key out of a file ends in a line end; a copied URL begins with a blank."""
    monkeypatch.setenv("OPENAI_API_KEY", f"{MARKED}\n")
    monkeypatch.setenv("OPENAI_BASE_URL", f" {api.url}/v1/ \n")
    settings = {"organization": " org\n", "project": "\tproject ", "headers": {" X-Team ": " a b\r\n"}}
    assert configure(at, **settings) == []
    assert at.create()[1] == []
    (asked,) = api.asked
    assert asked.target == "/v1/chat/completions"
    assert asked.headers["authorization"] == f"Bearer {MARKED}"
    assert (asked.headers["openai-organization"], asked.headers["openai-project"]) == ("org", "project")
    assert asked.headers["x-team"] == "a b"


@pytest.mark.parametrize(
    ("arguments", "name", "reason"),
    [
        ({"api_key": f"{MARKED}\u201d"}, "api_key", "api_key: it contains the character U+201D"),
        ({"api_key": f"{MARKED}\nx"}, "api_key", "api_key: it contains the character U+000A"),
        ({"api_key": f"Bearer {MARKED}"}, "api_key", "api_key: it contains a space"),
        ({"organization": "\u00f6rg"}, "organization", "U+00F6"),
        ({"project": "a\x00b"}, "project", "U+0000"),
        ({"headers": {"api-key": f"{MARKED}\r\nX: y"}}, "headers", "headers['api-key']: it contains"),
        ({"headers": {"a b": MARKED}}, "headers", "headers['a b']: not a valid name"),
        ({"headers": {"": MARKED}}, "headers", "headers['']: not a valid name"),
        ({"base_url": f"https://user:{MARKED}@gw.example/v1"}, "base_url", "a user name or a password"),
        ({"base_url": f"https://{MARKED}@gw.example/v1"}, "base_url", "a user name or a password"),
        ({"base_url": f"gw.example/{MARKED}"}, "base_url", "it is not an http or https URL"),
        ({"base_url": f"ftp://gw.example/{MARKED}"}, "base_url", "it is not an http or https URL"),
        ({"base_url": "https:///v1"}, "base_url", "it is not an http or https URL"),
        ({"base_url": f"https://gw.example:{MARKED}/v1"}, "base_url", "the port cannot be parsed"),
        ({"base_url": f"https://gw.example/v1\n{MARKED}"}, "base_url", "U+000A"),
        ({"base_url": f"https://gw.example/v 1/{MARKED}"}, "base_url", "U+0020"),
        ({"base_url": f"https://gw.example/v1#{MARKED}"}, "base_url", "fragment"),
        ({"api_url": f"https://user:{MARKED}@gw.example"}, "base_url", "api_url: it contains a user name"),
    ],
)
def test_what_http_cannot_carry_is_refused(
    at: Direct, arguments: dict[str, Any], name: str, reason: str
) -> None:
    """The error names the argument and the reason, and repeats no value that may be secret."""
    ((severity, summary, detail),) = configure(at, **arguments)
    assert (severity, summary) == ("error", f"Invalid {name}")
    assert reason in detail
    assert MARKED not in detail


@pytest.mark.parametrize("value", ["0", "-5", "nan", "inf", "-inf", "3s", "abc", "1e999"])
def test_timeouts_that_are_none(at: Direct, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """A timeout is a number of seconds above 0."""
    monkeypatch.setenv("OPENAI_TIMEOUT", value)
    ((_, summary, detail),) = configure(at)
    assert (summary, detail) == (
        "Invalid timeout",
        f"OPENAI_TIMEOUT = {value}: must be a number of seconds above 0.",
    )


@pytest.mark.parametrize("argument", ["base_url", "api_url"])
def test_a_query_goes_with_every_request(at: Direct, api: Loopback, argument: str) -> None:
    """Azure's older surface needs its version on each; what the request itself asks for comes after it."""
    url = f"{api.url}/v1?api-version=2024-10-21"
    assert configure(at, **{argument: url}) == []
    state, _ = at.create(store=True, idempotency_key="a", metadata={"k": "1"})
    at.read(state)
    at.lookup("openai_chat_completion_messages", completion_id=state["id"])
    assert api.asked
    assert all(it.target.partition("?")[2].startswith("api-version=2024-10-21") for it in api.asked)
    assert all(it.target.partition("?")[0].startswith("/v1/chat/completions") for it in api.asked)


def test_variables_of_the_sdk(at: Direct, api: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """Organization and project may come from the variables that OpenAI documents; arguments override them."""
    monkeypatch.setenv("OPENAI_ORG_ID", "org-1")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-1")
    assert configure(at, project="proj-2") == []
    at.create()
    (asked,) = api.asked
    assert (asked.headers["openai-organization"], asked.headers["openai-project"]) == ("org-1", "proj-2")


def test_the_users_headers_override(at: Direct, api: Loopback) -> None:
    """A gateway with its own scheme gets it."""
    assert configure(at, headers={"authorization": "Basic abc"}) == []
    at.create()
    assert api.asked[0].headers["authorization"] == "Basic abc"


@pytest.mark.parametrize("argument", ["base_url", "api_url", "api_key", "headers"])
def test_settings_known_only_after_apply(at: Direct, api: Loopback, argument: str) -> None:
    """Nothing is sent to the default address meanwhile: a lookup fails, a refresh keeps what is there."""
    state, _ = at.create(store=True)
    api.asked.clear()
    value = {"a": Unknown} if argument == "headers" else Unknown
    assert configure(at, **{argument: value}) == []
    found, ((severity, summary, detail),) = at.lookup("openai_chat_completion", completion_id="c")
    assert (found, severity, summary) == (None, "error", "Provider settings known only after apply")
    assert argument in detail
    kept, ((severity, _, _),) = at.read(state)
    assert (kept["id"], severity) == (state["id"], "warning")
    assert not api.asked


def test_a_redirect_to_another_host_gets_no_secret(direct: Make, api: Loopback) -> None:
    """It is followed, and neither the key nor any header of the user's goes along."""
    with Server() as other:
        other.rule = lambda _: (200, completion("c", {"role": "assistant", "content": "said"}))
        api.rule = lambda _: (307, "", {"Location": f"{other.url}/v1/elsewhere"})
        at = direct(api.url, api_key=MARKED, headers={"api-key": MARKED}, project="p", organization="o")
        assert at.create()[0]["id"] == "c"
    (asked,) = other.asked
    assert (asked.method, asked.target) == ("POST", "/v1/elsewhere")
    assert asked.body["model"] == "gpt-4o"
    assert not {"authorization", "api-key", "openai-project", "openai-organization"} & asked.headers.keys()


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_redirect_that_loses_the_request(direct: Make, api: Loopback, status: int) -> None:
    """A POST that became a GET is an error that says where to; a list is never taken for an answer."""
    api.rule = lambda asked: (
        (status, "", {"Location": f"{api.url}/new?key=1"})
        if asked.method == "POST"
        else (200, {"object": "list", "data": []})
    )
    state, ((severity, summary, detail),) = direct(api.url).create()
    assert (state, severity, summary) == (None, "error", "Request not sent")
    assert f"redirects it to {api.url}/new, and" in detail


@pytest.mark.parametrize(
    ("variable", "value"),
    [("ALL_PROXY", "nonsense://127.0.0.1:1"), ("SSL_CERT_FILE", "/nowhere/ca.pem")],
)
def test_an_environment_that_cannot_be_used(
    direct: Make, api: Loopback, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    """One error that says where to look, and no retries."""
    monkeypatch.setenv(variable, value)
    at = direct(api.url.replace("http://127.0.0.1", "https://localhost"), max_retries=3)
    ((severity, summary, detail),) = at.create()[1]
    assert (severity, summary) == ("error", "Request not sent")
    assert "ALL_PROXY and SSL_CERT_FILE" in detail


def test_a_socks_proxy(direct: Make, api: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is used; one that nobody listens at is a matter of the connection. NO_PROXY is respected."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1")
    assert direct(api.url).create()[1][0][1] == "Cannot reach OpenAI"
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert direct(api.url).create()[1] == []
