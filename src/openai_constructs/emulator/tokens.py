"""Estimate token counts without a tokenizer, the same on every machine.

A real count needs megabytes of tables per model family, and the usage of an invented answer is invented
anyway. Here, too, about four characters of English make a token.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

__all__ = ["count", "pieces", "prompt_tokens"]

_CHARACTERS: Final = 4
# Each message costs its role and separators, and the answer is primed by its own.
_PER_MESSAGE: Final = 3
_PRIMING: Final = 3


def pieces(text: str) -> list[str]:
    """Split a text into its estimated tokens; joined, they give the text again."""
    return [text[at : at + _CHARACTERS] for at in range(0, len(text), _CHARACTERS)]


def count(text: str) -> int:
    """Estimate the number of tokens in a text."""
    return (len(text) + _CHARACTERS - 1) // _CHARACTERS


def prompt_tokens(messages: Sequence[dict[str, Any]], *others: object) -> int:
    """Estimate the number of tokens in a conversation, including functions and tools."""
    total = _PRIMING
    for message in messages:
        total += _PER_MESSAGE
        for value in message.values():
            total += count(value) if isinstance(value, str) else _inside(value)
    for other in others:
        total += _inside(other)
    return total


def _inside(value: object) -> int:
    match value:
        case str():
            return count(value)
        case dict():
            return sum(count(str(key)) + _inside(it) for key, it in value.items())
        case list():
            return sum(map(_inside, value))
        case None:
            return 0
        case _:
            return 1
