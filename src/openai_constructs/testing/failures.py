"""Messages of failed assertions: the expected value, the nearest candidates, and their differences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from textwrap import indent
from typing import Any, Final

from openai_constructs.testing.blocks import Block, Kind, Near
from openai_constructs.testing.differences import shown

__all__ = ["none_like", "none_there", "wrong_count"]

_SHOWN: Final = 5


def none_there(kind: Kind, type_: str, name: object, all_: Sequence[Block]) -> str:
    """Return the message for a missing type or name, with those that exist."""
    of_type = [it for it in all_ if it.type == type_]
    if kind.has_type and not of_type:
        counted = Counter(it.type for it in all_)
        there = [f"{it} ({count})" for it, count in sorted(counted.items())]
        return f"There is no {kind.noun} {type_!r}. {_there(kind, there)}{_meant(type_, counted)}"
    names = [str(it) for it in of_type]
    named = "" if name is None else f" {name!r}"
    asked = f"{kind.noun} {type_!r} named{named}" if type_ else f"{kind.noun}{named}"
    return f"There is no {asked}. {_there(kind, names)}{_meant(str(name), [it.name for it in of_type])}"


def none_like(kind: Kind, type_: str, arguments: Any, ranked: Sequence[Near], *, exact: bool) -> str:
    """Return the message if no block matches: the nearest one in full, the others in a line each."""
    first, *others = ranked
    lines = [
        f"No {kind.noun} {_quoted(type_)}has {'exactly ' if exact else ''}these arguments:",
        f"  {shown(arguments)}",
        f"The nearest{f' of {len(ranked)}' if others else ''} is {first.block}, with {_places(first)}:",
        *(indent(str(it), "  ") for it in first.differences),
    ]
    if others:
        lines.append("Then:")
        lines += [f"  {it.block}, {_places(it)}: {', '.join(_paths(it))}" for it in others[:_SHOWN]]
        lines += [f"  and {len(others) - _SHOWN} more"] if len(others) > _SHOWN else []
    return "\n".join(lines)


def wrong_count(
    kind: Kind, type_: str, expected: int, fitting: Sequence[Block], arguments: Any, others: Sequence[Near]
) -> str:
    """Return the message for a wrong count: the matches, and the nearest others if some are missing."""
    noun = kind.noun if expected == 1 else kind.plural
    like = f" like {shown(arguments)}" if arguments else ""
    lines = [f"Expected {expected} {noun} {_quoted(type_)}".rstrip() + f"{like}; there are {len(fitting)}."]
    lines += [f"  {it}" for it in fitting]
    if len(fitting) < expected and others:
        lines.append(f"The nearest of the others is {others[0].block}, with {_places(others[0])}:")
        lines += [indent(str(it), "  ") for it in others[0].differences]
    return "\n".join(lines)


def _quoted(type_: str) -> str:
    return f"{type_!r} " if type_ else ""


def _places(near: Near) -> str:
    count = len(near.differences)
    return f"{count} difference{'' if count == 1 else 's'}"


def _paths(near: Near) -> list[str]:
    return [it.path or "(the whole)" for it in near.differences]


def _there(kind: Kind, names: Sequence[str]) -> str:
    if not names:
        return f"The stack has no {kind.plural}."
    return f"The stack has: {', '.join(names)}."


def _meant(wanted: str, names: Iterable[str]) -> str:
    close = get_close_matches(wanted, list(names), n=1)
    return f" Did you mean {close[0]!r}?" if close else ""
