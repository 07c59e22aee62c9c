"""Remove secrets from all text that is printed or saved. Only this module decides which values are secret.

The API key is always secret. A header, a query value or a path segment of ``base_url`` is secret if its name
says so or if it looks like a token. Diagnostics mask every header value. Answers mask only secrets, because
an answer may contain an ordinary word that is also a header value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

__all__ = ["MASK", "Secrets", "clean"]

MASK: Final = "(secret)"
_SHORTEST: Final = 8  # a shorter value is not a secret, and occurs in many words
_OPENAI_KEY: Final = re.compile(r"\bsk-[\w*-]+")
_SECRET_NAME: Final = re.compile(r"auth|key|token|secret|cookie|passw|credential|signature", re.IGNORECASE)
_PLAIN_NAME: Final = re.compile(
    r"accept.*|content-type|user-agent|referer|http-referer|origin|.*title|openai-(beta|organization|project)",
    re.IGNORECASE,
)
_TOKEN: Final = re.compile(r"(?!https?:)\S{16,}")
_TOKEN_IN_URL: Final = re.compile(
    r"(?=.*\d)(?=.*[A-Za-z])\w{20,}|[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}", re.I
)
_ESCAPE: Final = r"\\|%(?:25)*5c"
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class Secrets:
    """The secrets of a configuration.

    Args:
        keys: API keys.
        headers: Additional headers of requests.
        base_url: Address of the API.
    """

    def __init__(
        self, keys: Iterable[str] = (), headers: Mapping[str, str] | None = None, base_url: str = ""
    ) -> None:
        named = [*(headers or {}).items(), *_query(base_url)]
        in_path = urlsplit(base_url).path.split("/")
        certain = [it for name, value in named if _is_secret(name, value) for it in (value, *value.split())]
        certain += [*keys, *(it for it in in_path if _TOKEN_IN_URL.fullmatch(it))]
        self._certain = _pattern(certain)
        self._all = _pattern([*certain, *(headers or {}).values()])

    def mask(self, text: str) -> str:
        """Mask secrets, header values and anything that looks like an OpenAI key in a text to print."""
        return _OPENAI_KEY.sub(MASK, self._all.sub(MASK, text))

    def mask_answer(self, text: str) -> str:
        """Mask secrets in the text of an answer."""
        return self._certain.sub(MASK, text)


def clean(value: Any, mask: Callable[[str], str]) -> Any:
    """Mask every text in a JSON value, and replace lone surrogates by U+FFFD.

    Raises:
        RecursionError: If the value is nested too deeply.
    """
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", mask(value))
    if isinstance(value, list):
        return [clean(it, mask) for it in value]
    if isinstance(value, dict):
        return {clean(name, mask): clean(it, mask) for name, it in value.items()}
    return value


def _is_secret(name: str, value: str) -> bool:
    if _PLAIN_NAME.fullmatch(name):
        return False
    return _SECRET_NAME.search(name) is not None or any(map(_TOKEN.fullmatch, value.split()))


def _query(url: str) -> list[tuple[str, str]]:
    """Return the pairs of a query, each value both percent-encoded and decoded."""
    query = urlsplit(url).query
    raw = [(name, value) for name, _, value in (it.partition("=") for it in query.split("&"))]
    return [*raw, *parse_qsl(query)]


def _pattern(secrets: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern for the secrets, however often Python, JSON or URLs have escaped them."""
    forms = {secret.strip() for secret in secrets if len(secret.strip()) >= _SHORTEST}
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    if not longest_first:
        return re.compile(r"(?!)")
    first = "".join(sorted({re.escape(form[0]) for form in longest_first}))
    patterns = (
        _written(form[0]) + "".join(f"(?:{_ESCAPE})*{_written(it)}" for it in form[1:])
        for form in longest_first
    )
    # The lookahead is for speed: without it, every form is tried at each character of a long answer.
    return re.compile(rf"(?=[{first}\\%])(?:{'|'.join(patterns)})", re.IGNORECASE)


def _written(character: str) -> str:
    code = ord(character)
    blank = r"|\+" if character == " " else ""
    return rf"(?:{re.escape(character)}|(?:{_ESCAPE})+(?:u00|x){code:02x}|%(?:25)*{code:02x}{blank})"
