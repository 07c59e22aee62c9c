"""The commands ``openai-constructs local ...``."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from openai_constructs.errors import LocalError
from openai_constructs.local import DEFAULT_PORT
from openai_constructs.local.project import Annotation, Folder, Project, Stack, chosen

if TYPE_CHECKING:
    from openai_constructs.local.stack import LocalStack
    from openai_constructs.local.world import World

__all__ = ["local"]

_Command = Callable[..., Any]


@click.group()
def local() -> None:
    """Apply the stacks of a CDK project offline.

    A folder with plain HCL works too. State, answers and plugins are in .openai-constructs/local. Your own
    state, backend, lock file and keys are not used.
    """


_project = click.option(
    "--project",
    "folder",
    type=click.Path(path_type=Path),
    default=Path(),
    metavar="DIR",
    help="Folder with a cdktf.json or below it, or a folder with HCL.",
)
_quiet = click.option("-q", "--quiet", is_flag=True, help="Print no headings, only warnings and errors.")
_strict = click.option("--strict", is_flag=True, help="Fail on warnings of constructs.")


class _Terraform(click.Command):
    """A command that passes all arguments except its own options to terraform.

    click would parse ``-target=x`` as seven options of one letter, including ``-t`` and ``-h``.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own, others = self._split(ctx, args)
        return super().parse_args(ctx, [*own, "--", *others])

    def _split(self, ctx: click.Context, args: Sequence[str]) -> tuple[list[str], list[str]]:
        options = {
            name: not it.is_flag
            for it in self.get_params(ctx)
            if isinstance(it, click.Option)
            for name in it.opts
        }
        own: list[str] = []
        others: list[str] = []
        rest = iter(args)
        for argument in rest:
            name, has_value, _ = argument.partition("=")
            if argument == "--":
                others += [argument, *rest]
            elif name in options and (not has_value or name.startswith("--")):
                own.append(argument)
                if options[name] and not has_value:
                    own += [value for value in [next(rest, None)] if value is not None]
            else:
                others.append(argument)
        return own, others


class _Terminal:
    """Reports a run on stderr, because stdout has terraform's output."""

    def __init__(self, *, quiet: bool, strict: bool) -> None:
        self._quiet = quiet
        self.strict = strict

    def heading(self, text: str) -> None:
        """Print a line about the current step."""
        if not self._quiet:
            click.secho(text, err=True, dim=True)

    def annotations(self, stacks: Sequence[Stack]) -> None:
        """Print the annotations of all constructs of stacks.

        Raises:
            LocalError: If there is a warning and warnings are errors.
        """
        remarks = [it for stack in stacks for it in stack.annotations]
        for remark in remarks:
            self._print(remark)
        if self.strict and (count := sum(it.level == "warn" for it in remarks)):
            raise LocalError(f"{count} warning{'s' * (count > 1)}, and --strict makes them errors.")

    def outputs(self, stack: LocalStack) -> None:
        """Print the outputs of an applied stack as a table, if stderr is a terminal."""
        if not sys.stdout.isatty() or self._quiet:
            return
        from rich.console import Console
        from rich.table import Table

        table = Table(title=f"outputs of {stack.name}", title_justify="left", show_lines=True)
        table.add_column("output")
        table.add_column("value", overflow="fold")
        for name, output in stack.outputs().items():
            value = output["value"]
            if not output["sensitive"]:
                table.add_row(name, value if isinstance(value, str) else _json(value))
        Console().print(table)

    def _print(self, remark: Annotation) -> None:
        word, color = ("warning", "yellow") if remark.level == "warn" else ("note", None)
        click.echo(f"{click.style(f'{word}:', fg=color)} {remark}", err=True)


def _add_verb(verb: str, summary: str) -> None:
    @local.command(
        verb,
        cls=_Terraform,
        help=f"{summary}\n\nSTACKs come first. Every other argument is passed to Terraform unchanged.",
        short_help=summary,
    )
    @_project
    @click.option("--fail", metavar="FAULTS", help="API faults, for example 429:0.3,500:0.1,drop-after:x2.")
    @click.option("--replies", type=click.Path(path_type=Path), help="YAML file of scripted answers.")
    @click.option("--replay", metavar="FILE|URL", help="Recorded answers: an archive or its export.")
    @click.option("--replay-only", is_flag=True, help="Refuse requests that are not recorded.")
    @_strict
    @_quiet
    @click.argument(
        "arguments", nargs=-1, type=click.UNPROCESSED, metavar="[STACK...] [TERRAFORM ARGUMENTS...]"
    )
    @click.pass_context
    def command(
        ctx: click.Context,
        folder: Path,
        fail: str | None,
        replies: Path | None,
        replay: str | None,
        replay_only: bool,
        strict: bool,
        quiet: bool,
        arguments: tuple[str, ...],
    ) -> None:
        from openai_constructs.local.signals import ending_in_order
        from openai_constructs.local.verbs import run_verb

        world = _world(folder, fail=fail, replies=replies, replay=replay, replay_only=replay_only)
        with ending_in_order():
            ctx.exit(run_verb(verb, world, arguments, _Terminal(quiet=quiet, strict=strict)))


_VERBS: Final = {
    "init": "Install the modules and providers of stacks.",
    "validate": "Check stacks without planning them.",
    "plan": "Show what an apply would do.",
    "apply": "Apply stacks, and show their outputs.",
    "destroy": "Destroy what was applied, last stack first.",
    "output": "Show the outputs of stacks.",
    "show": "Show the state, or a saved plan, of stacks.",
}
for _name, _summary in _VERBS.items():
    _add_verb(_name, _summary)


@local.command()
@_project
@_strict
@_quiet
@click.argument("stacks", nargs=-1, metavar="[STACK...]")
def synth(folder: Path, strict: bool, quiet: bool, stacks: tuple[str, ...]) -> None:
    """Run the app, show its warnings, and print where the JSON is."""
    from openai_constructs.local.world import World

    world = World(Project.found_above(folder.absolute()))
    selected = chosen(world.synthesize(), stacks, alone=True)
    _Terminal(quiet=quiet, strict=strict).annotations(selected)
    for stack in selected:
        click.echo(stack.folder / "cdk.tf.json")


@local.command("list")
@_project
def list_stacks(folder: Path) -> None:
    """Print the names of the stacks, each after those it depends on."""
    for stack in _world(folder).synthesize():
        click.echo(stack.name)


@local.command()
@_project
def reset(folder: Path) -> None:
    """Remove the local world: states, stored completions, plugins."""
    world = _world(folder)
    removed = world.reset()
    click.echo(f"removed {world.folder}" if removed else f"There is nothing to remove in {world.folder}.")


@local.command()
@click.option(
    "--url", default=f"http://127.0.0.1:{DEFAULT_PORT}", show_default=True, help="URL of a running emulator."
)
@_project
def env(url: str, folder: Path) -> None:
    """Print shell exports for running terraform or cdktf yourself.

    eval "$(openai-constructs local env)"; cdktf deploy --skip-provider-lock

    They lead to a running emulator. Works in a folder with plain HCL, too.
    """
    from openai_constructs.local.terraform import local_environment
    from openai_constructs.provider.core.mirror import prepare

    with _failing_in_the_shell():
        world = _world(folder)
        with world.open():
            configuration = prepare(world.folder)
        for name, value in sorted(local_environment(url, configuration).items()):
            click.echo(f"export {name}={shlex.quote(value)}")


def _world(folder: Path, **options: Any) -> World:
    """Return the world of a project or, if there is none, that of a folder with plain HCL."""
    from openai_constructs.local.world import World

    return World(Project.find_above(folder.absolute()) or Folder(folder.absolute()), **options)


@contextmanager
def _failing_in_the_shell() -> Iterator[None]:
    """Let ``eval`` of what is printed fail as well, so that `&&` and `set -e` stop before terraform."""
    try:
        yield
    except BaseException:
        click.echo("false")
        raise


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
