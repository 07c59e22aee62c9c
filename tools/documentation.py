"""The argument tables of the documentation, between markers in its pages.

``<!-- table: parameters -->`` begins a table, ``<!-- end of table -->`` ends it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from openai_constructs.schema import COMPAT, NATIVE, Attribute, Block
from tools.words import allowed

__all__ = ["TABLES", "argument_table", "with_tables"]

_MARKED: Final = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end of table -->)", re.DOTALL)
_NOT_OF_A_CHAT: Final = frozenset({"model", "messages", "functions", "function_call", "stream"})
_PUBLIC: Final = COMPAT.chat_completion.lines
_LISTS: Final = (NATIVE.data_sources["chat_completion_messages"], NATIVE.data_sources["chat_completions"])

TABLES: Final[Mapping[str, Mapping[str, Attribute | Block]]] = {
    "parameters": {
        name: it for name, it in _PUBLIC.items() if it.sent is not None and name not in _NOT_OF_A_CHAT
    },
    "native_parameters": {
        name: it for name, it in NATIVE.chat_completion.lines.items() if name not in _PUBLIC
    },
    "provider": COMPAT.provider.lines,
    "native_provider": {
        name: it for name, it in NATIVE.provider.lines.items() if name not in COMPAT.provider.attributes
    },
    "queries": {
        name: it
        for block in _LISTS
        for name, it in block.lines.items()
        if name not in ("id", "completion_id")
    },
}
"""The lines of each table, by its name in the marker."""


def with_tables(page: Path) -> str:
    """The text of a page, with its tables as they are now."""
    return _MARKED.sub(
        lambda it: f"{it[1]}\n{argument_table(TABLES[it[2]])}\n\n{it[3]}", page.read_text(encoding="utf-8")
    )


def argument_table(lines: Mapping[str, Attribute | Block]) -> str:
    """A Markdown table: argument, its meaning, type, allowed values, and the default where there is one."""
    has_defaults = any(_default(it) for it in lines.values())
    rows = [("argument", "", "type", "allowed", "default")]
    rows.append(("---",) * 5)
    rows += [(f"`{name}`", _meaning(it), _type(it), _allowed(it), _default(it)) for name, it in lines.items()]
    return "\n".join("| " + " | ".join(row[: 5 if has_defaults else 4]) + " |" for row in rows)


def _meaning(line: Attribute | Block) -> str:
    return " ".join(filter(None, (f"{line.description}." if line.note else line.description, line.note)))


def _type(line: Attribute | Block) -> str:
    match line:
        case Block(max_items=1):
            return "block"
        case Block():
            return "list of blocks"
        case Attribute(sent="json" | "extra"):
            return "JSON text"
        case Attribute(type=(collection, inner)):
            return f"{collection} of {inner}s"
        case _:
            return str(line.type)


def _allowed(line: Attribute | Block) -> str:
    if isinstance(line, Attribute):
        return allowed(line)
    limits = line.limits
    return f"{limits.min_items} to {limits.max_items}" if limits.max_items else ""


def _default(line: Attribute | Block) -> str:
    # The public provider's own defaults are its secret: what is left out is not in the JSON.
    is_query = isinstance(line, Attribute) and line.sent is None and line.default is not None
    return f"`{line.default}`" if isinstance(line, Attribute) and is_query else ""
