"""The references are complete: every public name, every error, and the messages as they are raised."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from tests.support import ROOT

import openai_constructs
from openai_constructs import errors, testing
from openai_constructs.emulator import Emulator
from openai_constructs.local.project import Project
from openai_constructs.starter import create


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The parts of the error reference, made as `make docs` makes them."""
    out = tmp_path_factory.mktemp("errors")
    subprocess.run([sys.executable, ROOT / "tools" / "error_reference.py", out], check=True)
    return {it.stem: it.read_text(encoding="utf-8") for it in out.glob("*.md")}


def test_every_public_name_is_in_the_api_reference() -> None:
    """What can be imported can be looked up."""
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    names = [f"openai_constructs.{it}" for it in openai_constructs.__all__]
    names += [f"openai_constructs.testing.{it}" for it in testing.__all__]
    assert sorted(re.findall(r"^::: (.+)$", page, re.MULTILINE)) == sorted(names)


def test_the_site_shows_the_version() -> None:
    """The foot of every page names the release."""
    release = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    site = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]
    assert site["copyright"] == f"openai-constructs {release}"


def test_every_page_is_in_the_navigation() -> None:
    """Each page of the documentation can be reached from the navigation."""
    text = (ROOT / "zensical.toml").read_text(encoding="utf-8")
    pages = {it.relative_to(ROOT / "docs").as_posix() for it in (ROOT / "docs").rglob("*.md")}
    assert pages == set(re.findall(r'"([\w/-]+\.md)"', text))


@pytest.mark.parametrize(
    "message",
    [
        "There is no cdktf.json in",
        "wrote no stack",
        "omitted: the public provider has no such argument",
    ],
)
def test_messages_in_troubleshooting_are_real(message: str) -> None:
    """Messages of ours that the page explains are those that the code raises."""
    assert message in (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    sources = "".join(it.read_text(encoding="utf-8") for it in (ROOT / "src").rglob("*.py"))
    assert message in sources


def test_every_part_is_in_the_page(reference: dict[str, str]) -> None:
    """The page includes each part that is made, and no other."""
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    assert set(re.findall(r'--8<-- "errors/(\w+)\.md"', page)) == reference.keys()


def test_every_error_of_ours_has_its_messages(reference: dict[str, str]) -> None:
    """Each class has a section; those with a fixed set of messages list them.

    Those of refused arguments and of warnings are other parts of the page.
    """
    sections = dict(
        re.findall(r"^### (\w+)\n(.*?)(?=^###|\Z)", reference["raised"], re.MULTILINE | re.DOTALL)
    )
    assert sections.keys() == {it for it in errors.__all__ if it != "Problem"}
    for name in sections.keys() - {"OpenaiConstructsError", "InvalidInputError", "OpenaiConstructsWarning"}:
        assert re.search(r"^- `", sections[name], re.MULTILINE), name


def raised(reference: str) -> list[re.Pattern[str]]:
    """The messages of the reference; what only a run knows stands for anything, a hint for nothing too."""
    messages = re.findall(r"^- `+ ?(.*?) ?`+$", reference, re.MULTILINE)
    return [re.compile(".*".join(map(re.escape, re.split(r"<[^<>]+>", it)))) for it in messages]


def test_messages_are_those_that_are_raised(reference: dict[str, str], tmp_path: Path) -> None:
    """Errors that are provoked say what the reference says."""
    (tmp_path / "notes.txt").touch()
    known = raised(reference["raised"])
    for provoke in (
        lambda: create(tmp_path, "cdktf"),
        lambda: Project.found_above(tmp_path),
        lambda: Emulator(fail="429:x").__enter__(),
    ):
        with pytest.raises(errors.OpenaiConstructsError) as error:
            provoke()
        said = " ".join(str(error.value).split())
        assert [it for it in known if it.fullmatch(said)], said
