"""The reference of the commands is complete, and their help can be read at 80 columns."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner
from tests.support import ROOT
from tools.cli_reference import reference

from openai_constructs.cli import main


def commands(command: click.Command, *path: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            member = command.get_command(context, name)
            assert member is not None
            yield from commands(member, *path, name)


COMMANDS = dict(commands(main))


def test_every_command_and_option_is_in_the_reference() -> None:
    """Each command has a section with each of its options and their meaning."""
    sections = {it.split("\n")[0]: it for it in "\n".join(reference()).split("## ")}
    for path, command in COMMANDS.items():
        section = sections[" ".join(("openai-constructs", *path))]
        for option in command.params:
            if isinstance(option, click.Option):
                assert option.opts[-1] in section
                assert option.help, f"{path} {option.opts} has a help text"
                assert option.help.replace("|", "\\|") in section


def test_the_page_includes_the_reference() -> None:
    """docs/cli.md includes the file that `make docs` writes."""
    assert '--8<-- "cli/commands.md"' in (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", [it for it in COMMANDS if isinstance(COMMANDS[it], click.Group)])
def test_summaries_are_whole(path: tuple[str, ...]) -> None:
    """The list of commands shows every summary to its end, on a terminal of 80 columns."""
    listed = CliRunner().invoke(main, [*path, "--help"], terminal_width=80).output.partition("Commands:")[2]
    assert listed
    assert "..." not in listed


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shell_completion(shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The documented variable prints a completion script for each shell."""
    monkeypatch.setenv("_OPENAI_CONSTRUCTS_COMPLETE", f"{shell}_source")
    done = CliRunner().invoke(main, prog_name="openai-constructs")
    assert done.exit_code == 0
    assert "_openai_constructs_completion" in done.output
    assert f"_OPENAI_CONSTRUCTS_COMPLETE={shell}_source" in (ROOT / "docs/cli.md").read_text(encoding="utf-8")
