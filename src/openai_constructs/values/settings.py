"""Checks of a provider's settings for HTTP requests: headers, addresses, ids.

A literal secret is rejected like a literal key, because the JSON and its snapshots would contain it. Error
messages never show it.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from openai_constructs.values.checks import Checks
from openai_constructs.values.tokens import NUMBER_TOKEN_IN_TEXT, TEXT_TOKEN, has_token

__all__ = ["HIDDEN", "Hidden", "check_header", "check_id", "check_url", "looks_like_secret"]


class Hidden:
    """Replaces a secret in error messages."""

    def __repr__(self) -> str:
        return "(hidden)"


HIDDEN: Final = Hidden()

_SECRET_NAME: Final = re.compile(
    r"auth|cookie|token|secret|passw|credential|signature|(^|[^a-z])(key|sig|pwd)s?$|apikey|api.?key|access.?key",
    re.IGNORECASE,
)
"""Names of headers and query parameters whose values are secrets."""

_SECRET_VALUE: Final = re.compile(
    r"\b(sk|pk|rk|ghp|gho|ghs|github_pat|glpat|xox[a-z]|hf|gsk|pat)[-_][\w-]{6,}|\bAKIA\w{8}|\bAIza\w{8}"
    r"|\beyJ[\w-]{8,}|-----BEGIN|\b(bearer|basic|digest|token|apikey)\s+\S",
    re.IGNORECASE,
)
"""Patterns of texts that are keys."""

_SCHEME: Final = re.compile(r"(bearer|basic|digest|token|apikey|key)?[\s=:;,\"']*", re.IGNORECASE)
"""Pattern of the literal text before the token in a secret header."""

_LONG_WORD: Final = re.compile(r"[A-Za-z0-9+/=]{16,}")
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE: Final = re.compile(r"[!-~]([\t -~]*[!-~])?")
_VARIABLE_FIX: Final = (
    'Declare TerraformVariable(self, "...", type="string", sensitive=True) and give its string_value.'
)
_LITERAL: Final = "a token if it is a secret: a literal would end up in the JSON"


_PLACEHOLDER: Final = "0"
"""Replacement for a token that is valid as a host, a port and a path."""


def _without_tokens(text: str, replacement: str) -> str:
    return NUMBER_TOKEN_IN_TEXT.sub(replacement, TEXT_TOKEN.sub(replacement, text))


def looks_like_secret(text: str) -> bool:
    """Whether the literal part of a text looks like a key: it has a known prefix or a long random word."""
    literal = _without_tokens(text, " ")
    return _SECRET_VALUE.search(literal) is not None or any(
        sum(map(str.isdigit, word)) >= 3 and sum(map(str.isalpha, word)) >= 3
        for word in _LONG_WORD.findall(literal)
    )


def check_header(checks: Checks, argument: str, name: object, value: object) -> None:
    """Report an invalid header: a name or value that is not valid in HTTP, or a literal secret."""
    if not isinstance(name, str) or not isinstance(value, str):
        return  # already reported
    if not has_token(name) and not _HEADER_NAME.fullmatch(name):
        allowed, fix = "a header name: letters, digits and !#$%&'*+.^_`|~-", "Correct the name."
        checks.refuse(f"{argument} key", name, allowed, fix)
        return
    place = f"{argument}[{name!r}]"
    literal = _without_tokens(value, "")
    is_secret = _SECRET_NAME.search(name) is not None and not (
        has_token(value) and _SCHEME.fullmatch(literal)
    )
    if is_secret or looks_like_secret(value):
        checks.refuse(place, HIDDEN, _LITERAL, _VARIABLE_FIX)
    else:
        _check_carried(checks, place, value)


def check_id(checks: Checks, argument: str, value: object) -> None:
    """Report an invalid id that is sent as a header."""
    if not isinstance(value, str):
        return
    if looks_like_secret(value) and not re.match(r"(org|proj)[-_]", value):
        checks.refuse(argument, HIDDEN, _LITERAL, "Use the id; pass a key as a variable to api_key.")
    else:
        _check_carried(checks, argument, value)


def _check_carried(checks: Checks, argument: str, value: str) -> None:
    literal = _without_tokens(value, "0")
    if not _HEADER_VALUE.fullmatch(literal):
        allowed = "printable ASCII without space at either end: it is sent as an HTTP header"
        checks.refuse(argument, value, allowed, "Remove line ends, outer spaces and other characters.")


def check_url(checks: Checks, argument: str, value: object) -> None:
    """Report an invalid API address: not an http URL, or one with a literal secret."""
    if not isinstance(value, str):
        return
    fix = "Write it as 'https://host/v1'."
    url = _without_tokens(value, _PLACEHOLDER)
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        checks.refuse(argument, HIDDEN if "@" in value else value, "an http or https URL", fix)
        return
    user, _, _ = parts.netloc.rpartition("@")
    if user and user.rpartition(":")[2] != _PLACEHOLDER:
        checks.refuse(argument, HIDDEN, "a URL without a user and password", _VARIABLE_FIX)
    elif any(
        parameter != _PLACEHOLDER and (_SECRET_NAME.search(name) or looks_like_secret(parameter))
        for name, parameter in parse_qsl(parts.query)
    ) or _SECRET_VALUE.search(parts.path):
        checks.refuse(argument, HIDDEN, f"a URL without a secret; {_LITERAL}", _VARIABLE_FIX)
    elif value.startswith("${TfToken["):
        return  # the scheme may be in the token
    elif parts.scheme not in ("http", "https") or not host or not re.fullmatch(r"[!-~]+", url):
        checks.refuse(argument, value, "an http or https URL", fix)
    elif parts.fragment:
        checks.refuse(argument, value, "a URL without a fragment", "Remove everything from # on.")
