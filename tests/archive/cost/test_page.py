"""The page of a report: one file that loads nothing, and shows no text as markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from openai_constructs.archive.cost.forecast import Estimate, Forecast, Range
from openai_constructs.archive.cost.page import page, write_page
from openai_constructs.archive.cost.report import Cost, Report
from openai_constructs.cli import main
from openai_constructs.errors import ArchiveError


class Reader(HTMLParser):
    """Collects the text, and makes sure that every element is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += attrs
        if tag not in ("meta", "!doctype"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    return reader


def report() -> Report:
    result = Report("sqlite:////srv/<answers>.db")
    for number in range(20):
        values = (f"app/chat{number}", f"model{number % 3}", "app" if number % 2 else "<b>", "2026-11-18")
        result.add(values, Cost(1, 1000, 200, 100, 40, number * 1000, 0))
    result.add(('app/"><script>alert(1)</script>', "new", "app", "2026-11-21"), Cost(1, 1, 0, 1, 0, 0, 1))
    return result


def forecast() -> Forecast:
    estimates = [
        Estimate(
            "<i>", "gpt-4o", "create", Range(1, 2, 3), Range(1, 2, 3), Range(1000, 2000, 4000), "max_tokens"
        ),
        Estimate("b", "", "update", Range(1, 2, 3), Range(1, 2, 3), None, "no limit"),
    ]
    return Forecast("plan", estimates)


@pytest.mark.parametrize("result", [report(), forecast(), Report("empty"), Forecast("empty")])
def test_the_page_loads_nothing_and_has_no_script(result: Report | Forecast) -> None:
    """It can be mailed, or kept as an artifact: no script, no address, well-formed."""
    text = page(result)
    read(text)
    assert not re.search(r"<script|<link|<img|https?:|url\(|@import", text)
    assert "default-src 'none'" in text


def test_names_are_text_and_never_markup() -> None:
    """A construct or a stack may have any name."""
    shown = read(page(report()))
    assert 'app/"><script>alert(1)</script>' in shown.text
    assert "<b>" in shown.text
    assert "<i>" in read(page(forecast())).text


def test_all_figures_are_in_the_tables_and_the_dearest_in_the_charts() -> None:
    """The chart sums what has no bar of its own; days without an answer have a column."""
    text = page(report())
    assert all(f">app/chat{number}<" in text for number in range(20))
    assert "10 others" in text
    assert re.findall(r"title='(2026-11-\d\d)", text) == [
        *("2026-11-18", "2026-11-19", "2026-11-20", "2026-11-21")
    ]
    assert "at least $" in text


def test_widths_are_shares_of_the_largest() -> None:
    """Every bar is between 0 and 100 percent."""
    shares = [
        float(it) for text in (page(report()), page(forecast())) for it in re.findall(r"([\d.]+)%[;']", text)
    ]
    assert max(shares) == 100
    assert min(shares) >= 0


def test_the_command_writes_the_page(tmp_path: Path) -> None:
    """Beside the table; a file that cannot be written is one error."""
    plan = '{"resource_changes": []}'
    result = CliRunner().invoke(main, ["cost", "-", "--html", str(tmp_path / "cost.html")], input=plan)
    assert result.exit_code == 0, result.output
    assert "sends no paid requests" in (tmp_path / "cost.html").read_text()
    with pytest.raises(ArchiveError, match="the page cannot be written"):
        write_page(tmp_path / "no" / "folder.html", Report(""))
