"""The trust page counts what the tests recorded, and each of its rows can be repeated."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.support import ROOT
from tools.trust import page

CASE = """
<testcase classname="tests.cdk.test_text" name="test_adversarial_texts_come_back[{seed}]">
  <properties>
    <property name="hostile texts" value="{count}"/>
    <property name="seconds until the end" value="15"/>
  </properties>
  {result}
</testcase>
"""


def results(folder: Path, result: str = "") -> list[Path]:
    for number in range(2):
        cases = [CASE.format(seed=seed, count=20_000, result=result) for seed in range(number + 1)]
        (folder / f"{number}.xml").write_text(
            f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>"
        )
    return sorted(folder.glob("*.xml"))


def test_counts_are_added_up(tmp_path: Path) -> None:
    """All runs of a test are one row, with what the test states and its name."""
    text = page(results(tmp_path))
    assert "3 passed, 0 failed" in text
    (row,) = (line for line in text.splitlines() if "hostile texts" in line)
    assert row.startswith("| hostile texts | 60,000 | 0 | Texts in every argument")
    assert row.endswith("| `tests/cdk/test_text.py::test_adversarial_texts_come_back` |")
    assert "seconds" not in text


def test_a_failure_leaves_the_page_as_it_was(tmp_path: Path) -> None:
    """No page is written about a run in which a test failed."""
    with pytest.raises(SystemExit, match="test_adversarial_texts_come_back.0. failed, so there is no page"):
        page(results(tmp_path, "<failure/>"))


def test_every_row_can_be_repeated() -> None:
    """Each row of the page names a test that exists."""
    text = (ROOT / "docs" / "trust.md").read_text()
    tests = re.findall(r"`(\S+)::(\w+)` \|$", text, re.MULTILINE)
    assert len(tests) > 10
    for path, function in tests:
        assert f"\ndef {function}(" in (ROOT / path).read_text()
