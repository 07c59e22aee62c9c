"""Reports as tables for a terminal, plain enough for a log or a comment."""

from __future__ import annotations

from collections.abc import Sequence

from openai_constructs.archive.cost.forecast import Forecast
from openai_constructs.archive.cost.report import Report

__all__ = ["forecast_table", "report_table"]

_NUMBERS = {"requests", "prompt", "cached", "answer", "reasoning", "usd"}


def report_table(report: Report, dimension: str) -> str:
    """Build the table of past cost by one dimension, with the total at the end."""
    header = (dimension, "requests", "prompt", "cached", "answer", "reasoning", "usd")
    return _table(header, report.rows(dimension))


def forecast_table(forecast: Forecast) -> str:
    """Build the table of a plan's cost: a line per paid request, and the total."""
    header = ("construct", "model", "action", "prompt", "answer", "usd", "range from")
    body = [
        (
            estimate.construct,
            estimate.model or "(known after apply)",
            estimate.action,
            f"{estimate.tokens.expected:,.0f}",
            f"{estimate.answer_tokens.expected:,.0f}",
            estimate.shown(),
            estimate.basis,
        )
        for estimate in forecast.estimates
    ]
    count = len(forecast.estimates)
    total = f"{count} paid request{'' if count == 1 else 's'}"
    if not count:
        return f"{total}: $0.00"
    return _table(header, [*body, (total, "", "", "", "", forecast.shown(), "")])


def _table(header: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(header, *body, strict=True)]
    lines = []
    for line in (header, ["-" * width for width in widths], *body):
        cells = (
            cell.rjust(width) if name in _NUMBERS else cell.ljust(width)
            for name, cell, width in zip(header, line, widths, strict=True)
        )
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
