"""Headers, ids and addresses of a provider: what HTTP cannot carry, and literal secrets, are refused."""

from __future__ import annotations

import pytest

from openai_constructs.values.checks import Checks
from openai_constructs.values.settings import check_header, check_id, check_url

TOKEN = "${TfToken[TOKEN.1]}"
KEY = "0123456789abcdef0123456789abcdef"


def problem(check: object, *arguments: object) -> str:
    checks = Checks()
    check(checks, *arguments)  # type: ignore[operator]
    return " ".join(f"{it.argument} = {it.value}: {it.allowed}" for it in checks.problems)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("api-key", KEY),
        ("api-key", "short"),
        ("x-api-key", "hunter2"),
        ("X-Functions-Key", "hunter2"),
        ("Ocp-Apim-Subscription-Key", "hunter2"),
        ("Authorization", "Bearer sk-proj-abcdef123456"),
        ("Proxy-Authorization", "Basic dXNlcjpwYXNz"),
        ("Cookie", "session=hunter2"),
        ("X-Auth-Token", "hunter2"),
        ("X-Client-Secret", "hunter2"),
        ("X-Team", "sk-proj-abcdef123456"),
        ("X-Team", KEY),
        ("X-Team", "ghp_abcdefgh12345678"),
        ("X-Team", "Bearer hunter2"),
        ("X-Team", f"sk-abcdef123456{TOKEN}"),
        ("Authorization", f"Bearer hunter2{TOKEN}"),
    ],
)
def test_literal_secrets_in_headers(name: str, value: str) -> None:
    """By the name of the header or the form of the value; the error does not show it."""
    shown = problem(check_header, "headers", name, value)
    assert shown.startswith(f"headers[{name!r}] = (hidden): a token if it is a secret")
    assert value not in shown


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Team-Name", "a"),
        ("X-Monkey", "a"),
        ("X-Region", "europe-west1"),
        ("Authorization", f"Bearer {TOKEN}"),
        ("api-key", TOKEN),
        ("X-Mixed", f"team-{TOKEN}"),
        ("User-Agent", "openai-constructs/1.0 (production; 2026)"),
    ],
)
def test_headers_that_are_fine(name: str, value: str) -> None:
    """Plain values, and secrets that come by a token."""
    assert problem(check_header, "headers", name, value) == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [("X Team", "a"), ("X-Team:", "a"), ("", "a"), ("X-Té", "a"), ("X-Team\n", "a")],
)
def test_header_names_that_http_cannot_carry(name: str, value: str) -> None:
    """The name is told, with the characters it may have."""
    assert "a header name: letters, digits" in problem(check_header, "headers", name, value)


@pytest.mark.parametrize("value", ["", " a", "a ", "a\n", "a\r\nX-B: c", "\u00e9", "\u201ca\u201d", "a\0"])
def test_values_that_http_cannot_carry(value: str) -> None:
    """In headers, and in ids that become headers."""
    assert "printable ASCII" in problem(check_header, "headers", "X-Team", value)
    assert "printable ASCII" in problem(check_id, "organization", value)


def test_ids() -> None:
    """An id is no key; a key in its place is hidden."""
    for value in ("org-AbCdEf0123456789ghijklmn", "proj_0123456789abcdefGHIJ", TOKEN):
        assert problem(check_id, "project", value) == ""
    assert problem(check_id, "organization", "sk-proj-abcdef123456").startswith("organization = (hidden)")


@pytest.mark.parametrize(
    "url",
    [
        "https://gateway.example/v1",
        "http://127.0.0.1:4010/v1/",
        "https://r.openai.azure.com/openai/deployments/d?api-version=2024-10-21",
        f"https://gateway.ai.example/v1/{KEY}/gateway/openai",
        f"https://{TOKEN}/v1",
        f"{TOKEN}/v1",
        TOKEN,
        f"https://gateway.example/v1?api-key={TOKEN}",
        "http://[::1]:4010/v1",
    ],
)
def test_addresses_that_are_fine(url: str) -> None:
    """http and https, with tokens anywhere; an account in the path is no secret."""
    assert problem(check_url, "base_url", url) == ""


@pytest.mark.parametrize(
    "url",
    [
        "https://user:password@gw.example/v1",
        "https://password@gw.example/v1",
        f"https://{TOKEN}:password@gw.example/v1",
        "https://gw.example/v1?api-key=hunter2",
        "https://gw.example/v1?code=sk-proj-abcdef123456",
        "https://gw.example/sk-proj-abcdef123456/v1",
    ],
)
def test_literal_secrets_in_addresses(url: str) -> None:
    """A user and password, a key in the query or in the path; the error does not show it."""
    shown = problem(check_url, "base_url", url)
    assert shown.startswith("base_url = (hidden)")
    assert "hunter2" not in shown


@pytest.mark.parametrize(
    "url",
    [
        "gw.example/v1",
        "ftp://gw.example/v1",
        "https://",
        "https:///v1",
        " https://gw.example/v1",
        "https://gw.example/v1\n",
        "https://gw example/v1",
        "https://gw.example:port/v1",
        "https://gw.example:99999/v1",
        "https://[::1/v1",
        "",
        "https://gw.example/v1#there",
        f"{TOKEN.replace('T', 'x', 1)}",
    ],
)
def test_addresses_that_are_none(url: str) -> None:
    """What is no http URL is refused with the form it has to have."""
    assert "URL" in problem(check_url, "base_url", url)
