"""``openai-constructs archive list | show | export | prune | migrate``."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import reduce
from pathlib import Path
from typing import IO, Any, Final, TypeVar

import click

from openai_constructs.archive.archive import Archive
from openai_constructs.archive.export import FORMATS, as_json, iso
from openai_constructs.archive.query import Filter, moment, prune, rows
from openai_constructs.errors import ArchiveError

__all__ = ["VARIABLE", "archive_commands", "archive_url", "filter_of", "filter_options"]

VARIABLE: Final = "OPENAI_CONSTRUCTS_ARCHIVE"
"""Environment variable with the archive's address."""

_Command = TypeVar("_Command", bound=Callable[..., Any])

_LISTED: Final = (
    *("at", "stack", "path", "model_used", "prompt_tokens", "completion_tokens", "nano_usd"),
    *("status", "completion_id"),
)
_SHOWN_AS_JSON: Final = (*_LISTED, "workspace", "host", "model", "finish_reason", "service_tier", "metadata")


def archive_url(address: str | None) -> str:
    """Return the URL of a command's archive, which is a URL or the path of an SQLite file.

    Raises:
        ArchiveError: If there is none.
    """
    if address is None:
        raise ArchiveError(
            f"No archive. Add --archive or set {VARIABLE}, for example to sqlite:///answers.db"
        )
    if "://" in address:
        return address
    return f"sqlite:///{Path(address).absolute()}"  # relative to the working folder, as in other commands


_archive_option = click.option(
    "--archive",
    "address",
    envvar=VARIABLE,
    show_envvar=True,
    metavar="URL|FILE",
    help="The archive: sqlite:///FILE, postgresql://USER@HOST/DATABASE, or the path of an SQLite file.",
)

_FILTERS: Final = (
    click.option("--stack", help="Only answers of this stack."),
    click.option("--path", help="Only answers of this construct and of constructs below it."),
    click.option("--model", help="Only answers that were requested from this model or given by it."),
    click.option("--since", metavar="WHEN", help="Only answers since then: 7d, 12h, or a date in UTC."),
    click.option("--before", metavar="WHEN", help="Only answers before then."),
    click.option("--metadata", "labels", multiple=True, metavar="KEY=VALUE", help="Only with this label."),
)


def filter_options(command: _Command) -> _Command:
    """Add the options for the archive and its filters to a command."""
    return reduce(
        lambda decorated, option: option(decorated), reversed((_archive_option, *_FILTERS)), command
    )


def filter_of(options: dict[str, Any]) -> Filter:
    """Remove the values of ``filter_options`` from a command's options, and return them as a filter.

    Raises:
        ArchiveError: If a time or a label is invalid.
    """
    labels: dict[str, str] = {}
    for label in options.pop("labels"):
        key, equals, value = label.partition("=")
        if not equals or not key:
            raise ArchiveError(f"--metadata {label}: must be KEY=VALUE.")
        labels[key] = value
    since, before = (
        None if (text := options.pop(name)) is None else moment(text) for name in ("since", "before")
    )
    chosen = {name: options.pop(name) for name in ("stack", "path", "model")}
    return Filter(**chosen, since=since, before=before, metadata=labels)


@click.group("archive")
def archive_commands() -> None:
    """Read and prune an archive of answers."""


@archive_commands.command("list")
@filter_options
@click.option("--limit", type=click.IntRange(1), help="Show only this many of the newest.")
@click.option("--json", "is_json", is_flag=True, help="Print a JSON array instead of a table.")
def list_(limit: int | None, is_json: bool, **options: Any) -> None:
    """List answers, oldest first."""
    which = filter_of(options)
    with Archive.open(archive_url(options["address"])) as archive:
        columns = _SHOWN_AS_JSON if is_json else _LISTED
        chosen = rows(archive, which, columns, limit=limit)
        with _pipe() as out:
            out.writelines(_json_array(chosen) if is_json else _table(chosen))


def _json_array(chosen: Iterator[Any]) -> Iterator[str]:
    opening = "[\n  "
    for row in chosen:
        yield opening + json.dumps(as_json(row))
        opening = ",\n  "
    yield "[]\n" if opening.startswith("[") else "\n]\n"


_LINE: Final = "{:<20}  {:<32}  {:<24}  {:>9}  {:>9}  {:>10}  {:<12}  {}\n"


def _table(chosen: Iterator[Any]) -> Iterator[str]:
    yield _LINE.format("at", "construct", "model", "prompt", "answer", "usd", "status", "id")
    for row in chosen:
        price = "unknown" if row["nano_usd"] is None else f"{row['nano_usd'] / 1e9:.6f}"
        yield _LINE.format(
            f"{iso(row['at'])[:19]}Z",
            f"{row['stack']}/{row['path']}" if row["stack"] else row["path"],
            row["model_used"],
            row["prompt_tokens"],
            row["completion_tokens"],
            price,
            row["status"],
            row["completion_id"],
        )


@archive_commands.command()
@_archive_option
@click.option("--json", "is_json", is_flag=True, help="Print the whole row as JSON.")
@click.argument("completion_id")
def show(address: str | None, is_json: bool, completion_id: str) -> None:
    """Show one answer with its request."""
    from sqlalchemy import select

    from openai_constructs.archive.tables import COMPLETIONS

    column = COMPLETIONS.c
    query = select(COMPLETIONS).where(column.completion_id == completion_id).order_by(column.id.desc())
    with Archive.open(archive_url(address)) as archive, archive.reading() as connection:
        row = connection.execute(query.limit(1)).mappings().first()
    if row is None:
        raise ArchiveError(f"There is no answer {completion_id} in the archive.")
    shown = as_json(dict(row))
    if is_json:
        click.echo(json.dumps(shown, indent=2))
        return
    request, answer = shown.pop("request"), shown.pop("answer")
    for name, value in shown.items():
        click.echo(f"{name:<18} {'unknown' if value is None else value if value != '' else '-'}")
    for message in request.get("messages", ()):
        click.echo(f"\n[{message.get('role')}]\n{_text_of(message)}")
    for choice in answer.get("choices") or ():
        click.echo(f"\n[answer]\n{_text_of(choice.get('message') or {})}")


def _text_of(message: dict[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, str) and content:
        return content.encode(errors="replace").decode()  # a half surrogate cannot be printed
    return json.dumps({name: value for name, value in message.items() if value and name != "role"}, indent=2)


@archive_commands.command()
@filter_options
@click.option(
    "--format",
    "name",
    type=click.Choice(list(FORMATS)),
    default="jsonl",
    show_default=True,
    help="File format.",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="File to write; default: stdout."
)
def export(name: str, output: Path | None, **options: Any) -> None:
    """Write answers as JSON Lines, which a replay reads, or as CSV."""
    which = filter_of(options)
    with Archive.open(archive_url(options["address"])) as archive:
        lines = FORMATS[name](archive, which)
        if output is None:
            with _pipe() as out:
                out.writelines(lines)
            return
        try:
            # It contains prompts and answers, so only the owner may read it, like the archive.
            handle = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.writelines(lines)
        except OSError as error:
            raise ArchiveError(f"{output}: the file cannot be written: {error.strerror}.") from error


@archive_commands.command("prune")
@filter_options
@click.option("--unacknowledged", is_flag=True, help="Also delete answers that were not yet seen in a state.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def prune_(unacknowledged: bool, yes: bool, **options: Any) -> None:
    """Delete answers.

    Requires at least one filter. Keeps answers that were not yet seen in a state: the next apply may adopt
    one of them instead of paying again.
    """
    which = filter_of(options)
    if which == Filter():
        raise ArchiveError("No filter. Add at least one of --before, --since, --stack, --path, --model.")
    with Archive.open(archive_url(options["address"]), create=False) as archive:
        if not yes:
            click.confirm(f"Delete answers from {archive.address.shown}?", abort=True)
        click.echo(f"{prune(archive, which, unacknowledged=unacknowledged)} deleted")


@archive_commands.command()
@_archive_option
def migrate(address: str | None) -> None:
    """Bring an archive of an older release up to date."""
    with Archive.open(archive_url(address), check_version=False) as archive:
        from openai_constructs.archive import database

        before, after = database.migrate(archive.engine, archive.address)
    click.echo(f"version {before} to {after}" if before != after else f"version {after}: nothing to do")


@contextmanager
def _pipe() -> Iterator[IO[str]]:
    """Yield the standard output. A closed pipe (``| head``) is not an error."""
    try:
        yield sys.stdout
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
