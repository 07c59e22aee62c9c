"""The command line: ``openai-constructs new | local | emulator | provider | doctor``."""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import asdict
from errno import ENOSPC
from importlib import import_module
from importlib.util import find_spec
from json import JSONDecodeError
from pathlib import Path
from typing import Any, Final

import click

from openai_constructs.errors import OpenaiConstructsError
from openai_constructs.local import DEFAULT_PORT

__all__ = ["main"]


_ELSEWHERE: Final = {
    "archive": "openai_constructs.archive.commands:archive_commands",
    "cost": "openai_constructs.archive.cost.commands:cost",
    "models": "openai_constructs.local.models:models",
    "local": "openai_constructs.local.commands:local",
}


_HINT: Final = " If the file belongs to the local world, `openai-constructs local reset` removes it."


def _of_file(error: OSError) -> str:
    """Return an operating system error in one line: the path, the reason, and possible help."""
    path = str(error.filename or "")
    hint = _HINT if ".openai-constructs" in path and error.errno != ENOSPC else ""
    return f"{path}: {error.strerror}.{hint}" if path else f"{error}."


class _Group(click.Group):
    """A group that prints this library's errors in one line, and imports only the command that runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_ELSEWHERE})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        module, _, name = _ELSEWHERE[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except OpenaiConstructsError as error:
            raise click.ClickException(str(error)) from error
        except BrokenPipeError:
            raise  # click exits without a message: nobody reads the output
        except OSError as error:
            raise click.ClickException(_of_file(error)) from error
        except (UnicodeError, JSONDecodeError) as error:
            raise click.ClickException(f"A file cannot be read: {error}.{_HINT}") from error


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
    help="CDK engine the program imports; default: the installed one, preferably cdktf.",
)
def new(folder: Path, engine: str) -> None:
    """Start a project in FOLDER.

    It has an app, tests and a CI workflow that work offline at once.
    """
    from openai_constructs.starter import create

    for file in create(folder.absolute(), engine):
        click.echo(folder / file)
    path = f"./{folder}" if str(folder).startswith("-") else str(folder)
    enter = "" if folder.absolute() == Path.cwd() else f"cd {shlex.quote(path)} && "
    click.echo(f"\nNext: {enter}openai-constructs local apply")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=DEFAULT_PORT, show_default=True, help="TCP port; 0 selects a free one.")
@click.option(
    "--db", type=click.Path(path_type=Path), help="SQLite file for stored completions; default: in memory."
)
@click.option("--replies", type=click.Path(path_type=Path), help="YAML file of scripted answers.")
@click.option("--replay", metavar="FILE|URL", help="Recorded answers: an archive or its export.")
@click.option("--replay-only", is_flag=True, help="Refuse requests that are not recorded.")
@click.option("--lenient", is_flag=True, help="Accept the requests of SDK conformance suites.")
@click.option("--fail", metavar="FAULTS", help="API faults, for example 429:0.3,500:0.1,drop-after:x2.")
@click.option("--seed", default=0, show_default=True, help="Random seed for rate-based faults.")
@click.option("--allow-remote", is_flag=True, help="Allow an address that other machines can reach.")
@click.option("-q", "--quiet", is_flag=True, help="Print no line per request.")
def emulator(quiet: bool, **options: Any) -> None:
    """Serve OpenAI-compatible chat completions on this machine."""
    from openai_constructs.emulator import serve

    def print_request(entry: Any, seconds: float) -> None:
        click.echo(entry.line(seconds), err=True)

    options["on_request"] = None if quiet else print_request
    serve(**options, on_start=lambda url: click.echo(f"listening on {url} (base URL for SDKs: {url}/v1)"))


@main.group()
def provider() -> None:
    """Install the native provider where Terraform finds it.

    `OpenaiProvider(self, "openai", native=True)` uses it.
    """


_directory = click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    help="Root of a filesystem mirror; default: ~/.terraform.d/plugins, which Terraform searches itself.",
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
        raise click.ClickException(f"{error.filename} cannot be written: {error.strerror}.") from error
    click.echo(f"{NATIVE_ADDRESS} {release()} is installed:\n{script}")


@provider.command("path")
@_directory
def provider_path(directory: Path | None) -> None:
    """Print the path of the installed release.

    Exits with 1 if it is not.
    """
    from openai_constructs.provider.core.user_install import default_directory, installed_script

    folder = (directory or default_directory()).absolute()
    script = installed_script(folder)
    if script is None:
        raise click.ClickException(
            f"The native provider is not in {folder}. Run `openai-constructs provider install`."
        )
    click.echo(script)


@provider.command("uninstall")
@_directory
def provider_uninstall(directory: Path | None) -> None:
    """Remove all releases of the native provider, and nothing else."""
    from openai_constructs.provider.core.user_install import default_directory, remove

    removed = remove((directory or default_directory()).absolute())
    click.echo("\n".join(f"removed {it}" for it in removed) or "There was nothing to remove.")


@main.command()
@click.option("--json", "is_json", is_flag=True, help="Print a JSON array.")
def doctor(is_json: bool) -> None:
    """Check this machine and the project in this folder.

    Exits with 1 if something has to be fixed. Prints no keys.
    """
    from openai_constructs.doctor import Level, examine

    findings = examine(Path().absolute())
    if is_json:
        click.echo(json.dumps([{**asdict(it), "level": it.level.name.lower()} for it in findings], indent=2))
    else:
        for finding in findings:
            click.echo(f"{finding.level:<4} {finding.subject}: {finding.detail}")
    sys.exit(1 if any(it.level is Level.PROBLEM for it in findings) else 0)
