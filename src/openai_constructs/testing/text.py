"""Parse Terraform's template text into literal parts and references."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any, Final, Self

__all__ = ["Reference", "Text", "plain", "read_text", "read_tree", "reference"]

_OPENING: Final = re.compile(r"\$\$\{|%%\{|\$\{|%\{|\r(?!\n)")
_QUOTED: Final = re.compile(r'\$\{\s*"((?:[^"\\]|\\.)*)"\s*\}')
_ESCAPED: Final = re.compile(r"\\(U[0-9a-fA-F]{8}|u[0-9a-fA-F]{4}|.)", re.DOTALL)
_SHORT: Final = {"n": "\n", "r": "\r", "t": "\t"}


class Reference(str):
    """An expression in a text, with its braces: ``${module.chat.content}``."""

    __slots__ = ()


class Text(str):
    """A text with references that Terraform will resolve: literal parts and references, in order.

    As a ``str`` it shows references as ``${...}``. It equals only a text with the same references in the same
    places, never a plain ``str``, because a literal ``${x}`` looks the same.

    Attributes:
        parts: Literal texts and references, in order.
    """

    __slots__ = ("parts",)
    parts: tuple[str, ...]

    def __new__(cls, *parts: str) -> Self:
        """Join literal texts, references, and texts with references."""
        self = super().__new__(cls, "".join(parts))
        self.parts = tuple(_joined(parts))
        return self

    @property
    def references(self) -> tuple[str, ...]:
        """The references, with their braces."""
        return tuple(str(it) for it in self.parts if isinstance(it, Reference))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Text):
            return _comparable(self) == _comparable(other)
        return not self.references and str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__

    def __add__(self, other: str) -> Text:
        return Text(self, other)

    def __radd__(self, other: str) -> Text:
        return Text(other, self)

    def __repr__(self) -> str:
        told = (
            f"reference({str(it)[2:-1]!r})" if isinstance(it, Reference) else repr(it) for it in self.parts
        )
        return " + ".join(told)


def reference(expression: str) -> Text:
    """Return a reference to expect in a text: ``"Summarize: " + reference("module.chat.content")``.

    Args:
        expression: The Terraform expression, without ``${`` and ``}``.
    """
    return Text(Reference(f"${{{expression}}}"))


def read_text(text: str) -> str:
    """Parse a text of Terraform JSON, in Unicode form NFC; return a `Text` if it has references."""
    pieces = list(_pieces(text.removeprefix("\ufeff")))
    made = Text(*(it if isinstance(it, Reference) else unicodedata.normalize("NFC", it) for it in pieces))
    return made if made.references else str(made)


def read_tree(value: Any) -> Any:
    """Parse every text in lists and dicts, keys included."""
    match value:
        case str():
            return read_text(value)
        case dict():
            return {read_text(key): read_tree(it) for key, it in value.items()}
        case list():
            return [read_tree(it) for it in value]
        case _:
            return value


def plain(text: str) -> str:
    """Parse a text of Terraform JSON, but leave references unchanged."""
    return str(read_text(text))


def _joined(parts: tuple[str, ...]) -> Iterator[str]:
    """Flatten texts, join adjacent literals, and drop empty ones."""
    literal = ""
    for part in (inner for it in parts for inner in (it.parts if isinstance(it, Text) else (it,))):
        if not isinstance(part, Reference):
            literal += part
            continue
        if literal:
            yield literal
        literal = ""
        yield part
    if literal:
        yield literal


def _comparable(text: Text) -> list[tuple[bool, str]]:
    return [(isinstance(it, Reference), str(it)) for it in text.parts]


def _pieces(text: str) -> Iterator[str]:
    start = 0
    while found := _OPENING.search(text, start):
        yield text[start : found.start()]
        match found.group():
            case "\r":  # Terraform reads the rest of such a text without escapes and expressions
                start = found.start()
                break
            case "$${" | "%%{" as escape:
                yield escape[1:]
                start = found.end()
            case _:
                start = _end_of_expression(text, found.start())
                yield _value(text[found.start() : start])
    yield text[start:]


def _value(expression: str) -> str:
    """Return the text of a quoted literal, and any other expression as a reference."""
    quoted = _QUOTED.fullmatch(expression)
    if quoted is None or "{" in quoted[1]:
        return Reference(expression)
    return _ESCAPED.sub(lambda it: _character(it[1]), quoted[1])


def _character(escape: str) -> str:
    return chr(int(escape[1:], 16)) if len(escape) > 1 else _SHORT.get(escape, escape)


def _end_of_expression(text: str, start: int) -> int:
    """Return the position of the brace that closes ``${``, ignoring braces in strings."""
    depth, index = 0, start + 1
    while index < len(text):
        match text[index]:
            case "{":
                depth += 1
            case "}":
                depth -= 1
                if not depth:
                    return index + 1
            case '"':
                index = _end_of_string(text, index)
                continue
        index += 1
    return len(text)


def _end_of_string(text: str, start: int) -> int:
    index = start + 1
    while index < len(text):
        if text[index] == "\\":
            index += 1
        elif text[index] == '"':
            return index + 1
        elif text.startswith(("${", "%{"), index) and not text.startswith(("$${", "%%{"), index - 1):
            index = _end_of_expression(text, index)
            continue
        index += 1
    return index
