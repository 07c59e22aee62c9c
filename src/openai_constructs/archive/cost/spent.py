"""Past cost, from an archive or from states of `terraform show -json`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from openai_constructs.archive.cost.report import Cost, Report
from openai_constructs.archive.entry import usage_of
from openai_constructs.archive.prices import Usage, nano_usd
from openai_constructs.archive.query import Filter

if TYPE_CHECKING:
    from openai_constructs.archive.archive import Archive

__all__ = ["TYPE", "construct_of", "resources_of", "spent_in_archive", "spent_in_state"]

TYPE: Final = "openai_chat_completion"
_DAY: Final = 86_400_000
_INSIDE: Final = re.compile(rf"\.{TYPE}\.this(\[\d+\])?$")


def spent_in_archive(archive: Archive, which: Filter) -> Report:
    """Sum the answers of an archive. The database computes the sums.

    If the price of an answer was unknown when it was recorded, look it up in today's price list.

    Raises:
        ArchiveError: If the database cannot be read.
    """
    from sqlalchemy import func, literal_column, select

    from openai_constructs.archive.tables import COMPLETIONS

    column = COMPLETIONS.c
    day: Any = literal_column(f"{COMPLETIONS.name}.at / {_DAY}")  # of whole numbers: the day since 1970
    keys = (column.stack, column.path, column.model_used, day)
    sums = (
        func.count(),
        *(func.sum(column[name]) for name in Usage._fields),
        func.coalesce(func.sum(column.nano_usd), 0),
        func.count() - func.count(column.nano_usd),
    )
    conditions = which.conditions(archive)
    report = Report(archive.address.shown)
    with archive.reading() as connection:
        for stack, path, model, day_number, *counts in connection.execute(
            select(*keys, *sums).where(*conditions).group_by(*keys)
        ):
            values = (_joined(stack, path), model, stack or "-", _date(int(day_number) * _DAY))
            report.add(values, Cost(*map(int, counts)))
    _reprice(archive, which, report)
    return report


def _reprice(archive: Archive, which: Filter, report: Report) -> None:
    """Look up prices that were unknown when their answers were recorded."""
    from openai_constructs.archive.query import rows

    if not report.total.unpriced:
        return
    names = ("stack", "path", "model_used", "at", "host", "service_tier", *Usage._fields)
    unknown: set[tuple[str, str]] = set()
    for row in rows(archive, replace(which, unpriced=True), names):
        model = (row["model_used"], row["host"])
        if model in unknown:
            continue
        usage = Usage(*(row[name] for name in Usage._fields))
        price = nano_usd(row["model_used"], usage, host=row["host"], tier=row["service_tier"], at=row["at"])
        if price is None:
            unknown.add(model)
            continue
        values = (
            _joined(row["stack"], row["path"]),
            row["model_used"],
            row["stack"] or "-",
            _date(row["at"]),
        )
        report.add(values, Cost(nano_usd=price, unpriced=-1))


def spent_in_state(state: Mapping[str, Any], name: str, report: Report) -> None:
    """Add the completions of a state.

    Args:
        state: The state, from `terraform show -json`.
        name: Name of the stack; empty for none.
        report: Report to add to.
    """
    root = (state.get("values") or {}).get("root_module") or {}
    for resource in resources_of(root):
        values = resource.get("values") or {}
        usage = usage_of({"usage": _with_details(values.get("usage") or {})})
        model = str(values.get("model_used") or values.get("model") or "")
        at = int(values.get("created") or 0) * 1000
        price = nano_usd(model, usage, tier=str(values.get("service_tier") or ""), at=at)
        cost = Cost(1, *usage, price or 0, int(price is None))
        report.add((_joined(name, construct_of(resource["address"])), model, name or "-", _date(at)), cost)


def resources_of(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the completions of a module and its child modules."""
    for resource in module.get("resources", ()):
        if resource.get("type") == TYPE and resource.get("mode") == "managed":
            yield resource
    for child in module.get("child_modules", ()):
        yield from resources_of(child)


def construct_of(address: str) -> str:
    """Return the construct of an address: ``module.faq.openai_chat_completion.this`` is ``faq``."""
    return _INSIDE.sub("", address).removeprefix("module.").removeprefix(f"{TYPE}.")


def _with_details(usage: Mapping[str, Any]) -> dict[str, Any]:
    """Convert the usage in a state, a map of numbers, to the API's form."""
    return {
        **usage,
        "prompt_tokens_details": {"cached_tokens": usage.get("cached_tokens")},
        "completion_tokens_details": {"reasoning_tokens": usage.get("reasoning_tokens")},
    }


def _joined(stack: str, path: str) -> str:
    return f"{stack}/{path}" if stack and path else stack or path or "-"


def _date(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).date().isoformat()
