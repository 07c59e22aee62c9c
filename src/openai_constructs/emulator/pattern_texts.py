"""Generate a text that matches a regular expression, for the patterns that schemas usually have.

Literals, classes, escapes, groups, alternatives, anchors and repetitions are written out in their shortest
form. Look-arounds, back-references and flags are not supported.
"""

from __future__ import annotations

from typing import Final

__all__ = ["matching_text"]

_ESCAPES: Final = {
    "d": "1",
    "w": "a",
    "s": " ",
    "D": "a",
    "W": "-",
    "S": "a",
    "n": "\n",
    "t": "\t",
    "r": "\r",
}
_NOTHING: Final = frozenset("bBAZzGQE")
_MOST_REPEATED: Final = 1000
_MOST_CHARACTERS: Final = 10_000
# Tried in turn for a negated class.
_CANDIDATES: Final = "aA1-_ .@é"


def matching_text(pattern: str) -> str | None:
    """Return a text that should match a pattern; ``None`` if the pattern has something unsupported.

    The caller has to check it, because anchors in the middle are ignored.
    """
    try:
        reader = _Reader(pattern)
        text = reader.alternatives()
    except (IndexError, RecursionError, ValueError):
        return None
    return text if reader.at == len(pattern) else None


class _Reader:
    """Read a pattern from left to right and write a matching text.

    Attributes:
        at: Index of the next character.
    """

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0

    def alternatives(self) -> str:
        """The first of the alternatives up to a closing parenthesis or the end."""
        first = self._sequence()
        while self._next() == "|":
            self.at += 1
            self._sequence()
        return first

    def _sequence(self) -> str:
        written: list[str] = []
        while self._next() not in ("", "|", ")"):
            one = self._one()
            written.append(one * self._least_repeated())
            if sum(map(len, written)) > _MOST_CHARACTERS:
                raise ValueError("the text is too long")
        return "".join(written)

    def _one(self) -> str:
        character = self._take()
        match character:
            case "^" | "$":
                return ""
            case ".":
                return "a"
            case "\\":
                return self._escape()
            case "[":
                return self._class()
            case "(":
                return self._group()
            case "*" | "+" | "?":
                raise ValueError("there is nothing to repeat")
            case _:
                return character

    def _escape(self) -> str:
        character = self._take()
        if character in _NOTHING:
            return ""
        if character in "xu":
            digits = 2 if character == "x" else 4
            self.at += digits
            return chr(int(self.pattern[self.at - digits : self.at], 16))
        if character in "pPkg" or character.isdigit():
            raise ValueError("properties and back-references are not known")
        return _ESCAPES.get(character, character)

    def _group(self) -> str:
        if self._next() == "?":
            self.at += 1
            kind = self._take()
            if kind == "P" or (kind == "<" and self._next() not in "=!"):
                self.at = self.pattern.index(">", self.at) + 1
            elif kind != ":":
                raise ValueError("look-arounds and flags are not known")
        text = self.alternatives()
        if self._take() != ")":
            raise ValueError("a group is open")
        return text

    def _class(self) -> str:
        is_negated = self._next() == "^"
        self.at += is_negated
        members, ranges = list[str](), list[tuple[str, str]]()
        while True:
            character = self._take()
            if character == "]" and (members or ranges):
                break
            first = self._escape() if character == "\\" else character
            if self._next() == "-" and self.pattern[self.at + 1] != "]":
                self.at += 1
                last = self._take()
                ranges.append((first, self._escape() if last == "\\" else last))
            else:
                members.append(first)
        if not is_negated:
            return ranges[0][0] if ranges else members[0]
        return next(
            it
            for it in _CANDIDATES
            if it not in members and not any(first <= it <= last for first, last in ranges)
        )

    def _least_repeated(self) -> int:
        match self._next():
            case "*" | "?":
                least = 0
            case "+":
                least = 1
            case "{" if (end := self.pattern.find("}", self.at)) > 0:
                least = int(self.pattern[self.at + 1 : end].partition(",")[0] or 0)
                self.at = end
            case _:
                return 1
        self.at += 1
        if self._next() in ("?", "+"):  # lazy and possessive quantifiers match the same texts
            self.at += 1
        if least > _MOST_REPEATED:
            raise ValueError("the text is too long")
        return least

    def _next(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def _take(self) -> str:
        self.at += 1
        return self.pattern[self.at - 1]
