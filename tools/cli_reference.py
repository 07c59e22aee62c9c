"""Writes the reference of the commands, from click.

    python tools/cli_reference.py build/cli

Each command has a section: how to call it, its help and its options.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from inspect import cleandoc
from pathlib import Path

import click

from openai_constructs.cli import main as commands

__all__ = ["main", "reference"]


def main() -> None:
    """Write commands.md into a folder."""
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    (out / "commands.md").write_text("\n".join(reference()) + "\n", encoding="utf-8")


def reference() -> Iterator[str]:
    """The lines of the reference, a section per command, groups before their commands."""
    yield from _sections(commands, click.Context(commands, info_name="openai-constructs"))


def _sections(command: click.Command, context: click.Context) -> Iterator[str]:
    pieces = " ".join(command.collect_usage_pieces(context))
    yield f"## {context.command_path}\n\n```text\n{context.command_path} {pieces}\n```\n"
    yield f"{cleandoc(command.help or '')}\n"
    options = [it for it in command.params if isinstance(it, click.Option)]
    rows = [record for it in options if (record := it.get_help_record(context)) is not None]
    if rows:
        yield "| option | |\n| --- | --- |"
        yield from (f"| `{_cell(name)}` | {_cell(text)} |" for name, text in rows)
        yield ""
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            if (member := command.get_command(context, name)) is not None:
                yield from _sections(member, click.Context(member, info_name=name, parent=context))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    main()
