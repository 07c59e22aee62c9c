"""Every code block of the README and of the documentation does what it says."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from unittest import SkipTest

import pytest
from tests.docs.blocks import Page
from tests.support import ROOT

# The guide to testing is a test file itself: tests/docs/test_testing.py runs it.
FRONT_DOOR = [ROOT / "README.md", ROOT / "docs" / "index.md", ROOT / "docs" / "module.md"]
"""Pages that a new user follows literally, from an empty folder with an empty home."""
OF_ENGINES = {ROOT / "README.md", ROOT / "docs" / "engines.md"}
PAGES = [ROOT / "README.md", *sorted(set((ROOT / "docs").rglob("*.md")) - {ROOT / "docs" / "testing.md"})]


@pytest.mark.terraform
@pytest.mark.parametrize(
    "page",
    [pytest.param(it, marks=pytest.mark.engine if it in OF_ENGINES else ()) for it in PAGES],
    ids=[it.relative_to(ROOT).as_posix() for it in PAGES],
)
def test_every_block(
    page: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    """The blocks of a page run in order, and print and write what is shown."""
    folder = tmp_path / "empty"
    folder.mkdir()
    monkeypatch.chdir(folder)
    if page in FRONT_DOOR:
        monkeypatch.setenv("HOME", str(tmp_path / "home"))
    running = Page(page, folder)
    for example in running.document:
        try:
            example.evaluate()
        except SkipTest as why:
            running.skipped.append(str(why))
    record_property("code blocks of README and docs run", running.run)
    for why in running.skipped:
        record_property(f"not run: {page.name}: {why}", 1)


@pytest.mark.parametrize("page", FRONT_DOOR, ids=lambda it: it.name)
def test_the_front_door_hides_no_step(page: Path) -> None:
    """The tests run what a reader sees on these pages, in the order it stands, and nothing else."""
    assert "invisible-code" not in page.read_text(encoding="utf-8")


def test_links_lead_somewhere() -> None:
    """Every file that the pages link to exists."""
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]:
        for target in links(page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def links(text: str) -> list[str]:
    found = re.findall(r"""\]\(([^)#\s]+)[^)]*\)|src(?:set)?="([^"]+)\"""", text)
    return [it for pair in found for it in pair if it and "://" not in it]


def test_the_first_program_is_the_example() -> None:
    """The program in the README is examples/hello/main.py."""
    program = (ROOT / "examples/hello/main.py").read_text(encoding="utf-8")
    assert f'```python title="demo/main.py"\n{program}```' in FRONT_DOOR[0].read_text(encoding="utf-8")


def test_the_first_page_shows_a_new_project() -> None:
    """The program on the first page of the documentation is the one that `openai-constructs new` writes."""
    program = (ROOT / "src/openai_constructs/starter/project/main.py").read_text(encoding="utf-8")
    assert f'```python title="demo/main.py"\n{program}```' in FRONT_DOOR[1].read_text(encoding="utf-8")


def test_the_first_workflow_is_that_of_a_new_project() -> None:
    """The CI recipe shows the workflow that `openai-constructs new` writes."""
    workflow = ROOT / "src/openai_constructs/starter/project/github/workflows/test.yml"
    assert workflow.read_text(encoding="utf-8") in (ROOT / "docs/ci.md").read_text(encoding="utf-8")
