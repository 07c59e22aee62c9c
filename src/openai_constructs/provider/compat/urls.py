"""URL parsing and formatting with the rules of Go's ``net/url``.

The public provider joins base and path as text without escaping, so these rules decide what is requested.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote_to_bytes, urljoin

__all__ = ["Address", "AddressError", "join", "parse", "redirected"]

_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2}).{0,2}", re.DOTALL)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_HOST: Final = re.compile(r"(?P<host>\[[^\]]*\]|[^:\[\]]*)(?P<port>:.*)?", re.DOTALL)
_PASSWORD: Final = re.compile(r"(//[^/?#:@]*):[^/?#]*@")
_BAD_IN_HOST: Final = re.compile(r"[ \"<>\\^`{|}]")
_KEPT_PATH: Final = re.compile(r"[A-Za-z0-9_.~!$&'()*+,;=:@\[\]/%-]*")
_KEPT_IN_PATH: Final = "/$&+,:;=@~"
_VISIBLE: Final = "".join(map(chr, range(0x21, 0x7F)))


class AddressError(Exception):
    """An address that Go cannot parse, with Go's error text."""


@dataclass(frozen=True, slots=True)
class Address:
    """A parsed address.

    Attributes:
        scheme: Scheme in lower case; "" if there is none.
        authority: Host and port, without user and password.
        target: Path and query for the request line.
        text: The whole original address.
    """

    scheme: str
    authority: str
    target: str
    text: str

    @property
    def shown(self) -> str:
        """Return the whole address without its password."""
        return _without_password(self.text)

    @property
    def host(self) -> str:
        """Return the host in lower case, without brackets."""
        match = _HOST.fullmatch(self.authority)
        return match["host"].strip("[]").lower() if match else ""


def parse(text: str) -> Address:
    """Parse an address.

    Raises:
        AddressError: If Go rejects it.
    """
    if _CONTROL.search(text):
        raise _error(text, "net/url: invalid control character in URL")
    address, _, fragment = text.partition("#")
    before, mark, query = address.partition("?")
    if before.startswith(":"):
        raise _error(text, "missing protocol scheme")
    match = _SCHEME.match(before)
    scheme, rest = (match[1].lower(), before[match.end() :]) if match else ("", before)
    authority, path = "", rest
    if not rest.startswith("/"):
        if scheme:
            path = ""  # an opaque URL in Go's terms, which cannot be requested
        elif ":" in rest.partition("/")[0]:
            raise _error(text, "first path segment in URL cannot contain colon")
    elif rest.startswith("//"):
        user_and_host, slash, path = rest[2:].partition("/")
        authority, path = _checked_authority(text, user_and_host.rpartition("@")[2]), slash + path
    for part in (path, fragment):
        _check_escapes(text, part)
    # Go sends non-ASCII bytes of a query unescaped; escaping them does not change their meaning.
    return Address(scheme, authority, (_path(path) or "/") + mark + quote(query, safe=_VISIBLE + " "), text)


def join(api_url: str, path: str) -> str:
    """Join the base and a path that starts with ``/v1``, without repeating ``/v1``.

    Up to two slashes at the end of the base are trimmed.
    """
    base = api_url.removesuffix("/")
    base = base.removesuffix("/v1").removesuffix("/")
    return f"{base}/v1{path.removeprefix('/v1')}"


def redirected(address: Address, location: str) -> Address:
    """Return the target address of a redirect.

    Raises:
        AddressError: If Go rejects it.
    """
    return parse(urljoin(address.text, location))


def _checked_authority(text: str, authority: str) -> str:
    match = _HOST.fullmatch(authority)
    if match is None:
        reason = "missing ']' in host" if authority.startswith("[") else _port_reason(authority)
        raise _error(text, reason)
    port = match["port"]
    if port is not None and not re.fullmatch(r":[0-9]*", port):
        raise _error(text, _port_reason(authority))
    if bad := _BAD_IN_HOST.search(match["host"]):
        raise _error(text, f"invalid character {_quoted(bad[0])} in host name")
    _check_escapes(text, match["host"])
    return authority


def _port_reason(authority: str) -> str:
    port = authority[authority.rfind(":") :] if ":" in authority else authority
    return f"invalid port {_quoted(port)} after host"


def _check_escapes(text: str, part: str) -> None:
    if bad := _BAD_ESCAPE.search(part):
        raise _error(text, f"invalid URL escape {_quoted(bad[0])}")


def _path(path: str) -> str:
    """Return a path as Go sends it: unchanged if all its characters are valid, else escaped as a whole."""
    return path if _KEPT_PATH.fullmatch(path) else quote(unquote_to_bytes(path), safe=_KEPT_IN_PATH)


def _error(text: str, reason: str) -> AddressError:
    return AddressError(f"parse {_quoted(_without_password(text))}: {reason}")


def _without_password(text: str) -> str:
    return _PASSWORD.sub(r"\1:***@", text)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
