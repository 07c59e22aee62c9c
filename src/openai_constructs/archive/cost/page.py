"""A report as one HTML page without scripts and external files, for any theme and width of screen."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from html import escape
from importlib.resources import files
from pathlib import Path

from openai_constructs.archive.cost.forecast import Estimate, Forecast
from openai_constructs.archive.cost.report import DIMENSIONS, Cost, Report, dollars
from openai_constructs.errors import ArchiveError

__all__ = ["page", "write_page"]

_MOST_BARS = 12
_MOST_DAYS = 62
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def write_page(file: Path, result: Report | Forecast) -> None:
    """Write the page. It contains the names of constructs and models, but no prompts or answers.

    Raises:
        ArchiveError: If the file cannot be written.
    """
    try:
        file.write_text(page(result), encoding="utf-8", errors="replace")
    except OSError as error:
        raise ArchiveError(f"{os.fspath(file)}: the page cannot be written: {error.strerror}.") from error


def page(result: Report | Forecast) -> str:
    """Return the whole page."""
    style = files("openai_constructs.archive.cost").joinpath("page.css").read_text(encoding="utf-8")
    title = "Cost of a plan" if isinstance(result, Forecast) else "Cost of chat completions"
    body = _forecast(result) if isinstance(result, Forecast) else _report(result)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f"<title>{title}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{title}</h1>\n<p class=source>{escape(result.source)}</p>\n{body}</main>\n</body>\n</html>\n"
    )


def _report(report: Report) -> str:
    total = report.total
    cached = total.cached_tokens / total.prompt_tokens if total.prompt_tokens else 0
    tiles = [
        ("total", total.shown(), f"{total.unpriced:,} without a known price" if total.unpriced else "USD"),
        ("answers", f"{total.requests:,}", f"{len(report.by['construct']):,} constructs"),
        ("prompt tokens", _short(total.prompt_tokens), f"{cached:.0%} from the cache"),
        ("answer tokens", _short(total.completion_tokens), f"{_short(total.reasoning_tokens)} reasoning"),
    ]
    if not total.requests:
        return _tiles(tiles) + "<p>There are no answers.</p>\n"
    dimensions = ("construct", "model", *(["stack"] if len(report.by["stack"]) > 1 else []))
    charts = [
        _card("Cost by day", _days(report), wide=True),
        *(_card(f"Cost by {dimension}", _bars(report.lines(dimension))) for dimension in dimensions),
    ]
    tables = (
        f"<details{' open' if dimension == 'construct' else ''}><summary>All figures by {dimension}</summary>"
        f"{_cost_table(dimension, report)}</details>\n"
        for dimension in DIMENSIONS
    )
    return f"{_tiles(tiles)}<div class=cards>\n{''.join(charts)}</div>\n{''.join(tables)}"


def _forecast(forecast: Forecast) -> str:
    total = forecast.total
    count = len(forecast.estimates)
    at_least = "at least " if forecast.unpriced else ""
    tiles = [
        ("expected", f"{at_least}{dollars(round(total.expected))}", "USD"),
        ("range", f"{dollars(round(total.low))} to {dollars(round(total.high))}", "least to most"),
        ("paid requests", f"{count:,}", f"{forecast.unpriced:,} without a known price"),
    ]
    if not count:
        return _tiles(tiles) + "<p>This plan sends no paid requests.</p>\n"
    dearest = sorted(forecast.estimates, key=lambda it: -(it.nano_usd.high if it.nano_usd else 0))
    chart = _card("Range of each request", _ranges(dearest[:_MOST_BARS]), wide=True)
    rows = (
        (
            it.construct,
            it.model or "known after apply",
            it.action,
            f"{it.tokens.expected:,.0f}",
            f"{it.answer_tokens.expected:,.0f}",
            it.shown(),
            it.basis,
        )
        for it in forecast.estimates
    )
    header = ("construct", "model", "action", "prompt", "answer", "USD", "range from")
    return f"{_tiles(tiles)}<div class=cards>\n{chart}</div>\n{_table(header, rows, numbers=(3, 4))}"


def _tiles(tiles: Iterable[tuple[str, str, str]]) -> str:
    shown = (
        f"<div class=tile><span>{escape(name)}</span><strong>{escape(value)}</strong>"
        f"<small>{escape(note)}</small></div>"
        for name, value, note in tiles
    )
    return f"<section class=tiles>{''.join(shown)}</section>\n"


def _card(title: str, inner: str, *, wide: bool = False) -> str:
    return f"<section class='card{' wide' if wide else ''}'><h2>{escape(title)}</h2>{inner}</section>\n"


def _bars(lines: Sequence[tuple[str, Cost]]) -> str:
    """Return one bar per value, highest cost first. The last line sums the values without a bar."""
    shown = lines[: _MOST_BARS if len(lines) <= _MOST_BARS else _MOST_BARS - 1]
    most = max(cost.nano_usd for _, cost in shown) or 1
    bars = [_bar(name, _brief(cost), cost.nano_usd / most) for name, cost in shown]
    if others := lines[len(shown) :]:
        rest = Cost()
        for _, cost in others:
            rest.add(cost)
        bars.append(_bar(f"{len(others):,} others", _brief(rest), 0))
    return f"<div class=bars>{''.join(bars)}</div>"


def _bar(name: str, value: str, share: float) -> str:
    bar = f"<span class=track><i style='width:{share:.2%}'></i></span>" if share else "<span></span>"
    return (
        f"<span class=name title='{escape(name)}'>{escape(name)}</span>{bar}<span class=value>{value}</span>"
    )


def _days(report: Report) -> str:
    """Return one column per day, including days without answers; only the newest days if there are many."""
    by_day = report.by["day"]
    first, last = (date.fromisoformat(end) for end in (min(by_day), max(by_day)))
    first = max(first, last - timedelta(days=_MOST_DAYS - 1))
    days = [(first + timedelta(days=number)).isoformat() for number in range((last - first).days + 1)]
    costs = [by_day.get(day, Cost()) for day in days]
    most = max(cost.nano_usd for cost in costs) or 1
    columns = "".join(
        f"<i style='height:{cost.nano_usd / most:.2%}' title='{day}: {escape(_brief(cost))}'></i>"
        for day, cost in zip(days, costs, strict=True)
    )
    ends = "".join(f"<span>{day}</span>" for day in dict.fromkeys((days[0], days[-1])))
    return (
        f"<div class=scale>{dollars(most if most > 1 else 0)}</div><div class=days>{columns}</div>"
        f"<div class=ends>{ends}</div>"
    )


def _ranges(estimates: Sequence[Estimate]) -> str:
    """Return the price ranges on one scale, each with a mark at the expected price."""
    most = max((it.nano_usd.high for it in estimates if it.nano_usd), default=0) or 1
    lines = []
    for it in estimates:
        inner = ""
        if it.nano_usd is not None:
            low, expected, high = (nano / most for nano in it.nano_usd)
            inner = (
                f"<i class=range style='margin-left:{low:.2%};width:{high - low:.2%}'></i>"
                f"<b style='left:{expected:.2%}'></b>"
            )
        price = "unknown" if it.nano_usd is None else dollars(round(it.nano_usd.expected))
        lines.append(
            f"<span class=name title='{escape(it.construct)}'>{escape(it.construct)}</span>"
            f"<span class=track>{inner}</span><span class=value>{price}</span>"
        )
    return f"<div class=bars>{''.join(lines)}</div>"


def _cost_table(dimension: str, report: Report) -> str:
    header = (dimension, "answers", "prompt", "cached", "answer", "reasoning", "USD")
    return _table(header, report.rows(dimension), numbers=range(1, 7))


def _table(header: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Sequence[int]) -> str:
    def line(tag: str, cells: Sequence[str]) -> str:
        inner = "".join(
            f"<{tag}{' class=number' if number in numbers else ''}>{escape(cell)}</{tag}>"
            for number, cell in enumerate(cells)
        )
        return f"<tr>{inner}</tr>"

    body = "\n".join(line("td", row) for row in rows)
    return (
        f"<div class=scroll><table><thead>{line('th', header)}</thead><tbody>\n{body}\n</tbody></table></div>"
    )


def _brief(cost: Cost) -> str:
    if cost.requests and cost.unpriced == cost.requests:
        return "unknown"
    return f"{dollars(cost.nano_usd)}{'+' if cost.unpriced else ''}"


def _short(count: int) -> str:
    for size, unit in ((10**9, "B"), (10**6, "M"), (10**3, "k")):
        if count >= size:
            return f"{count / size:.1f}{unit}"
    return str(count)
