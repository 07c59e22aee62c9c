"""The command line: ``openai-constructs new | local | emulator | provider | doctor``."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table

from openai_constructs.errors import OpenaiConstructsError
from openai_constructs.local.project import Project
from openai_constructs.local.terraform import local_environment
from openai_constructs.local.world import LocalStack, World

__all__ = ["main"]

DEFAULT_PORT: Final = 4010
"""Where ``openai-constructs emulator`` listens, and where ``local env`` looks for it."""

_RAW: Final = {
    "ignore_unknown_options": True,
    "allow_interspersed_args": False,
    "help_option_names": ["-h", "--help"],
}
_VERBS: Final = {
    "init": "Install the modules and providers of stacks.",
    "plan": "Show what an apply would do.",
    "apply": "Apply stacks, and show their outputs.",
    "destroy": "Destroy what was applied, last stack first.",
    "output": "Show the outputs of stacks.",
    "show": "Show the state of stacks.",
}


class _Group(click.Group):
    """Turns every error of ours into one message and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except OpenaiConstructsError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="openai-constructs")
def main() -> None:
    """OpenAI chat completions in Terraform, offline."""


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--engine",
    type=click.Choice(["cdktf", "cdktn"]),
    default=lambda: "cdktf" if find_spec("cdktf") else "cdktn",
    help="CDK engine the program imports; the installed one, cdktf first.",
)
def new(folder: Path, engine: str) -> None:
    """Start a project in FOLDER: an app, tests and a CI workflow that work offline at once."""
    from openai_constructs.starter import create

    for file in create(folder.absolute(), engine):
        click.echo(folder / file)
    enter = "" if folder.absolute() == Path.cwd() else f"cd {shlex.quote(str(folder))} && "
    click.echo(f"\nNext: {enter}openai-constructs local apply")


@main.group()
def local() -> None:
    """Apply the stacks of a CDK project offline.

    Everything is kept in .openai-constructs/local: state, answers, plugins. Your state, backend, lock file
    and keys are neither read nor written.
    """


def _verb(verb: str, summary: str) -> None:
    @local.command(
        verb,
        help=f"{summary}\n\nSTACKs come first; what begins with a dash goes to terraform.",
        context_settings=_RAW,
    )
    @click.option(
        "--project", type=click.Path(path_type=Path), default=Path(), help="Folder of the cdktf.json."
    )
    @click.option("--fail", metavar="FAULTS", help="Faults of the API, as in 429:0.3,500:0.1.")
    @click.option("--replies", type=click.Path(path_type=Path), help="YAML file of scripted answers.")
    @click.argument(
        "arguments", nargs=-1, type=click.UNPROCESSED, metavar="[STACK...] [TERRAFORM OPTIONS...]"
    )
    @click.pass_context
    def command(
        ctx: click.Context, project: Path, fail: str | None, replies: Path | None, arguments: tuple[str, ...]
    ) -> None:
        ctx.exit(
            _run(verb, World(Project.found_above(project.absolute()), fail=fail, replies=replies), arguments)
        )


for _name, _summary in _VERBS.items():
    _verb(_name, _summary)


def _run(verb: str, world: World, arguments: Sequence[str]) -> int:
    """Run a verb on each stack in turn; the first exit code that is not 0."""
    options = next((index for index, it in enumerate(arguments) if it.startswith("-")), len(arguments))
    names, passed_on = arguments[:options], arguments[options:]
    said = Console(stderr=True)
    with world.open(), world.emulator() as emulator:
        said.print(
            f"[dim]local world: {world.folder} (nothing of yours outside is touched)[/]", soft_wrap=True
        )
        with said.status("synthesizing"):
            stacks = world.stacks(emulator.url, names)
        for stack in reversed(stacks) if verb == "destroy" else stacks:
            if code := _run_one(verb, stack, passed_on, said):
                return code
    return 0


def _run_one(verb: str, stack: LocalStack, arguments: Sequence[str], said: Console) -> int:
    said.print(f"[bold]{stack.name}[/]: {verb}")
    if verb == "init":
        stack.initialize(arguments)
        said.print("  initialized")
        return 0
    code = stack.terraform(verb, arguments)
    if verb == "apply" and not code and sys.stdout.isatty():
        _show_outputs(stack)
    return code


def _show_outputs(stack: LocalStack) -> None:
    table = Table(title=f"outputs of {stack.name}", title_justify="left", show_lines=True)
    table.add_column("output")
    table.add_column("value", overflow="fold")
    for name, value in stack.outputs().items():
        table.add_row(
            name, value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
        )
    Console().print(table)


@local.command("env")
@click.option(
    "--url", default=f"http://127.0.0.1:{DEFAULT_PORT}", show_default=True, help="Where an emulator runs."
)
@click.option("--project", type=click.Path(path_type=Path), default=Path(), help="Folder of the cdktf.json.")
def env(url: str, project: Path) -> None:
    """Print shell exports for running terraform or cdktf against a running emulator yourself.

    eval "$(openai-constructs local env)"; cdktf deploy --skip-provider-lock

    The CLI would otherwise lock the provider for other platforms, which needs the registry.
    """
    from openai_constructs.provider.core.mirror import prepare

    with World(Project.found_above(project.absolute())).open() as world:
        configuration = prepare(world.folder)
    for name, value in sorted(local_environment(url, configuration).items()):
        click.echo(f"export {name}={shlex.quote(value)}")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=DEFAULT_PORT, show_default=True, help="TCP port; 0 for any free one.")
@click.option(
    "--db", type=click.Path(path_type=Path), help="SQLite file for stored completions; else in memory."
)
@click.option("--replies", type=click.Path(path_type=Path), help="YAML file of scripted answers.")
@click.option("--lenient", is_flag=True, help="Take what SDK conformance suites send.")
@click.option("--fail", metavar="FAULTS", help="Faults of the API, as in 429:0.3,500:0.1.")
@click.option("--seed", default=0, show_default=True, help="Another one picks other requests for faults.")
@click.option("--allow-remote", is_flag=True, help="Listen on an address that other machines reach.")
def emulator(**options: Any) -> None:
    """Serve OpenAI-compatible chat completions on this machine."""
    from openai_constructs.emulator import serve

    serve(**options, on_start=lambda url: click.echo(f"listening on {url} (base URL for SDKs: {url}/v1)"))


@main.group()
def provider() -> None:
    """Put the native provider where Terraform finds it.

    `OpenaiProvider(self, "openai", native=True)` uses it.
    """


_directory = click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    help="Root of a filesystem mirror; ~/.terraform.d/plugins, where Terraform looks by itself, if left out.",
)


@provider.command("install")
@_directory
def provider_install(directory: Path | None) -> None:
    """Install this release, to be run by this Python."""
    from openai_constructs.provider.core.user_install import default_directory, put
    from openai_constructs.provider.editions import NATIVE_ADDRESS, release

    try:
        script = put((directory or default_directory()).absolute())
    except OSError as error:
        raise click.ClickException(f"{error.filename}: it cannot be written: {error.strerror}.") from error
    click.echo(f"{NATIVE_ADDRESS} {release()} is installed:\n{script}")


@provider.command("path")
@_directory
def provider_path(directory: Path | None) -> None:
    """Print where this release is installed; exit code 1 where it is not."""
    from openai_constructs.provider.core.user_install import default_directory, installed_script

    folder = (directory or default_directory()).absolute()
    script = installed_script(folder)
    if script is None:
        raise click.ClickException(f"It is not in {folder}. Run `openai-constructs provider install`.")
    click.echo(script)


@provider.command("uninstall")
@_directory
def provider_uninstall(directory: Path | None) -> None:
    """Remove every release of it; nothing else is touched."""
    from openai_constructs.provider.core.user_install import default_directory, remove

    removed = remove((directory or default_directory()).absolute())
    click.echo("\n".join(f"removed {it}" for it in removed) or "There was nothing to remove.")


@main.command()
def doctor() -> None:
    """Check that this machine has what synthesizing and applying need."""
    from openai_constructs.doctor import examine

    findings = examine(Path().absolute())
    for it in findings:
        click.echo(f"{'ok  ' if it.fine else 'FIX '} {it.subject}: {it.said}")
    sys.exit(0 if all(it.fine for it in findings) else 1)
