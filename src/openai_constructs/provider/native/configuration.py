"""Client settings from the provider block and the environment, trimmed and validated.

Errors name the argument or variable, and never repeat a value that may be secret.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from tf.utils import Diagnostics

from openai_constructs.archive.address import passwords
from openai_constructs.provider.core import local_world
from openai_constructs.provider.core.blocks import State, Unknown
from openai_constructs.provider.core.secrets import Secrets
from openai_constructs.provider.native.client import Settings
from openai_constructs.provider.native.hosts import takes_store
from openai_constructs.values.models import SHUTDOWN_WARNING_DAYS

__all__ = ["header_problem", "settings"]

_VARIABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "api_key": ("OPENAI_API_KEY",),
    "admin_key": ("OPENAI_ADMIN_KEY",),
    "organization": ("OPENAI_ORGANIZATION", "OPENAI_ORG_ID"),
    "project": ("OPENAI_PROJECT_ID",),
    "timeout": ("OPENAI_TIMEOUT",),
    "base_url": ("OPENAI_BASE_URL",),
    "api_url": ("OPENAI_API_URL",),
    "archive": ("OPENAI_CONSTRUCTS_ARCHIVE",),
}
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE: Final = re.compile(r"[\t\x20-\x7e]*")
_WORD: Final = re.compile(r"[\x21-\x7e]*")
_URL: Final = re.compile(r"[\x21-\x7e]+")


def settings(diagnostics: Diagnostics, block: State, environ: Mapping[str, str] | None = None) -> Settings:
    """Return the client settings from the provider block, falling back to the environment.

    Args:
        diagnostics: Receives an error for each invalid value.
        block: The provider block.
        environ: Environment variables to read instead of the process's own. If given, the proxies and
            certificates of the process's environment are ignored, too.
    """
    variables = os.environ if environ is None else environ
    unknown = tuple(name for name, it in block.items() if _is_unknown(it))
    block = {name: None if name in unknown else it for name, it in block.items()}
    words = {
        name: _word(diagnostics, variables, block, name) for name in ("api_key", "organization", "project")
    }
    base_url = _base_url(diagnostics, variables, block)
    headers = _headers(diagnostics, block["headers"] or {})
    admin_key, _ = _text(variables, block, "admin_key")
    retries, days = block["max_retries"], block["shutdown_warning_days"]
    is_local = local_world.is_local(variables)
    return Settings(
        api_key=words["api_key"],
        organization=words["organization"] or None,
        project=words["project"] or None,
        base_url=base_url,
        timeout=_timeout(diagnostics, variables, block),
        max_retries=Settings.max_retries if retries is None else retries,
        headers=headers,
        trust_env=environ is None,
        takes_store=takes_store(base_url) or is_local,
        # The emulator has the same dates as the constructs, which have already warned about them.
        shutdown_warning_days=0 if is_local else SHUTDOWN_WARNING_DAYS if days is None else int(days),
        unknown=unknown,
        secrets=Secrets((words["api_key"], admin_key, *_passwords(variables, block)), headers, base_url),
    )


def _passwords(environ: Mapping[str, str], block: State) -> tuple[str, ...]:
    address, _ = _text(environ, block, "archive")
    try:
        return passwords(address)
    except ValueError:
        return (address,)


def header_problem(value: str) -> str | None:
    """Return why a value is not allowed in an HTTP header; None if it is allowed."""
    if _HEADER_VALUE.fullmatch(value):
        return None
    bad = next(it for it in value if not _HEADER_VALUE.fullmatch(it))
    return f"it contains the character U+{ord(bad):04X}, which is not allowed in an HTTP header"


def _is_unknown(value: Any) -> bool:
    return value is Unknown or (isinstance(value, dict) and any(map(_is_unknown, value.values())))


def _text(environ: Mapping[str, str], block: State, name: str) -> tuple[str, str]:
    """Return a setting, stripped of white space, and the name of the argument or variable it comes from."""
    if block[name] is not None:
        return str(block[name]).strip(), name
    for variable in _VARIABLES[name]:
        if text := environ.get(variable, "").strip():
            return text, variable
    return "", name


def _word(diagnostics: Diagnostics, environ: Mapping[str, str], block: State, name: str) -> str:
    text, source = _text(environ, block, name)
    if _WORD.fullmatch(text):
        return text
    reason = header_problem(text) or "it contains a space"
    _refuse(diagnostics, name, f"{source}: {reason}. Copy it again, without quotes or line ends.")
    return ""


def _headers(diagnostics: Diagnostics, written: Mapping[str, Any]) -> dict[str, str]:
    headers = {name.strip(): str(value).strip() for name, value in written.items() if value is not None}
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            _refuse(
                diagnostics,
                "headers",
                f"headers[{name!r}]: not a valid name of an HTTP header. Use letters, digits and hyphens.",
            )
        elif (reason := header_problem(value)) is not None:
            _refuse(diagnostics, "headers", f"headers[{name!r}]: {reason}. Remove it from the value.")
    return headers


def _timeout(diagnostics: Diagnostics, environ: Mapping[str, str], block: State) -> float:
    text, source = _text(environ, block, "timeout")
    try:
        seconds = float(text or Settings.timeout)
    except ValueError:
        seconds = math.nan
    if math.isfinite(seconds) and seconds > 0:
        return seconds
    _refuse(diagnostics, "timeout", f"{source} = {text}: must be a number of seconds above 0.")
    return Settings.timeout


def _base_url(diagnostics: Diagnostics, environ: Mapping[str, str], block: State) -> str:
    """Return the URL of the API: arguments override the environment, and ``base_url`` overrides ``api_url``.

    ``api_url`` is the public provider's name for it; its ``/v1`` is optional.
    """
    without = {**block, "base_url": block["base_url"] or "", "api_url": block["api_url"] or ""}
    is_set = block["base_url"] is not None or block["api_url"] is not None
    base, base_source = _text(environ, without if is_set else block, "base_url")
    api, api_source = _text(environ, without if is_set else block, "api_url")
    text, source = (api, api_source) if api and not base else (base or Settings.base_url, base_source)
    if (reason := _url_problem(text)) is not None:
        _refuse(diagnostics, "base_url", f"{source}: {reason} Write it as https://host/v1.")
        return Settings.base_url
    if text is api and not base:
        address, mark, query = text.partition("?")
        address = address.rstrip("/")
        return (address if address.endswith("/v1") else f"{address}/v1") + mark + query
    return text


def _url_problem(url: str) -> str | None:
    """Return why a URL cannot be used, without repeating it, because it may contain a password."""
    if not _URL.fullmatch(url):
        bad = next(it for it in url if not _URL.fullmatch(it))
        return f"it contains the character U+{ord(bad):04X}, which is not allowed in a URL."
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return "it is not a valid URL: the host or the port cannot be parsed."
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return "it is not an http or https URL."
    if "@" in parts.netloc:
        return (
            "it contains a user name or a password, which would end up in logs and states. Remove them, and "
            'set the credentials of a gateway in headers = { "Authorization" = var.authorization }.'
        )
    return "it has a fragment (#), which is never sent." if "#" in url else None


def _refuse(diagnostics: Diagnostics, name: str, detail: str) -> None:
    diagnostics.add_error(f"Invalid {name}", detail, [name])
