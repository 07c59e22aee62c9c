"""``openai-constructs cost``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from openai_constructs.archive.archive import Archive
from openai_constructs.archive.commands import archive_url, filter_of, filter_options
from openai_constructs.archive.cost.forecast import DEFAULT_ANSWER_TOKENS, Forecast, forecast
from openai_constructs.archive.cost.report import DIMENSIONS, Report
from openai_constructs.archive.cost.spent import spent_in_archive, spent_in_state
from openai_constructs.archive.cost.tables import forecast_table, report_table
from openai_constructs.archive.prices import require_prices
from openai_constructs.archive.query import Filter
from openai_constructs.errors import ArchiveError

__all__ = ["ABOVE", "cost"]

ABOVE = 3
"""Exit code if ``--max`` is exceeded."""


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, allow_dash=True), metavar="[FILE...]")
@filter_options
@click.option(
    "--by",
    type=click.Choice(DIMENSIONS),
    default="construct",
    show_default=True,
    help="How to group the sums.",
)
@click.option("--json", "is_json", is_flag=True, help="Print JSON instead of a table.")
@click.option(
    "--html",
    "page",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write an HTML page to this file.",
)
@click.option("--max", "limit", type=click.FloatRange(0), metavar="USD", help="Exit with 3 above this cost.")
@click.option(
    "--answer-tokens",
    type=click.IntRange(1),
    default=DEFAULT_ANSWER_TOKENS,
    show_default=True,
    help="For a plan: tokens of an answer without a limit.",
)
@click.pass_context
def cost(
    ctx: click.Context,
    /,
    files: tuple[Path, ...],
    by: str,
    is_json: bool,
    page: Path | None,
    limit: float | None,
    answer_tokens: int,
    **options: Any,
) -> None:
    """Show what completions have cost, or what a plan will cost.

    FILE is the output of `terraform show -json` for a state or a saved plan; - is the standard input. Without
    a FILE the command reads the archive. For a plan, an archive with earlier answers improves the estimate.
    """
    require_prices()
    address = options["address"]
    which = filter_of(options)
    documents = [_read(file) for file in files]
    plans = [document for _, document in documents if "resource_changes" in document]
    if plans and len(plans) < len(documents):
        raise ArchiveError("The files are plans and states. Use files of one kind.")
    if documents and which != Filter():
        raise ArchiveError("The filter options apply to an archive, not to files.")
    result: Report | Forecast
    if plans:
        result = _forecast(documents, address, answer_tokens)
    elif documents:
        result = Report(_names(documents))
        for name, document in documents:
            spent_in_state(document, name, result)
    else:
        with Archive.open(archive_url(address)) as archive:
            result = spent_in_archive(archive, which)
    if page is not None:
        from openai_constructs.archive.cost.page import write_page

        write_page(page, result)
    if is_json:
        click.echo(json.dumps(result.as_json(), indent=2))
    else:
        click.echo(forecast_table(result) if isinstance(result, Forecast) else report_table(result, by))
    if limit is not None and result.exceeds(limit):
        click.echo(f"Above --max {limit:g}: {result.shown()}", err=True)
        ctx.exit(ABOVE)


def _forecast(
    documents: list[tuple[str, dict[str, Any]]], address: str | None, answer_tokens: int
) -> Forecast:
    result = Forecast(_names(documents))
    archive = None if address is None else Archive.open(archive_url(address))
    try:
        for name, document in documents:
            prefix = name if len(documents) > 1 else ""
            forecast(document, prefix, result, archive=archive, answer_tokens=answer_tokens)
    finally:
        if archive is not None:
            archive.close()
    return result


def _names(documents: list[tuple[str, dict[str, Any]]]) -> str:
    return ", ".join(name or "standard input" for name, _ in documents)


def _read(file: Path) -> tuple[str, dict[str, Any]]:
    """Read a plan or a state. Return its stack (the file's name; none for standard input) and the JSON."""
    shown = "the standard input" if str(file) == "-" else str(file)
    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        document = json.loads(raw)
    except OSError as error:
        raise ArchiveError(f"{shown} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError):
        raise ArchiveError(
            f"{shown} is not JSON. Use the output of `terraform show -json`, or for a plan of "
            "`terraform show -json FILE`."
        ) from None
    if not isinstance(document, dict) or not (
        {"format_version", "values", "resource_changes"} & document.keys()
    ):
        raise ArchiveError(f"{shown} is neither a plan nor a state from `terraform show -json`.")
    if "resource_changes" not in document and "planned_values" in document:
        document["resource_changes"] = []
    return "" if str(file) == "-" else file.stem, document
