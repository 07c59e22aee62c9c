"""`openai-constructs new`: a project that works at once, or nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.engine import NAME
from tests.wheel import install

from openai_constructs.cli import main
from openai_constructs.errors import ProjectError
from openai_constructs.starter import create

FILES = {
    ".github/workflows/test.yml",
    ".gitignore",
    "README.md",
    "cdktf.json",
    "main.py",
    "pyproject.toml",
    "tests/test_greeting.py",
}


def written(folder: Path) -> set[str]:
    return {it.relative_to(folder).as_posix() for it in folder.rglob("*") if it.is_file()}


def test_the_files(tmp_path: Path) -> None:
    """Everything a project needs is written under its own name, in a folder whose parents are made too."""
    folder = tmp_path / "new" / "My Demo"
    assert {it.as_posix() for it in create(folder, "cdktf")} == FILES == written(folder)
    assert '"projectId": "my-demo"' in (folder / "cdktf.json").read_text()
    assert not [it for it in FILES if "PROJECT" in (folder / it).read_text()]


def test_the_other_engine(tmp_path: Path) -> None:
    """A project for cdktn imports and requires cdktn."""
    create(tmp_path, "cdktn")
    assert "from cdktn import App" in (tmp_path / "main.py").read_text()
    assert '"openai-constructs[cdktn,test]"' in (tmp_path / "pyproject.toml").read_text()


def test_an_empty_folder_is_used(tmp_path: Path) -> None:
    """A folder that is there and empty stays the folder it is: somebody may be in it."""
    before = tmp_path.stat().st_ino
    create(tmp_path, "cdktf")
    assert tmp_path.stat().st_ino == before
    assert written(tmp_path) == FILES


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    """One message, which says what is there; nothing is written."""
    (tmp_path / "notes.txt").touch()
    said = CliRunner().invoke(main, ["new", str(tmp_path)])
    assert said.exit_code == 1
    assert said.output == (
        f"Error: {tmp_path} is not empty: it contains notes.txt. Name an empty folder, or a new one.\n"
    )
    assert written(tmp_path) == {"notes.txt"}


def test_a_file_is_refused(tmp_path: Path) -> None:
    """A file with the name of the folder is left alone."""
    file = tmp_path / "demo"
    file.touch()
    with pytest.raises(ProjectError, match="is not a folder"):
        create(file, "cdktf")


@pytest.mark.parametrize("is_there", [True, False])
def test_nothing_is_left_of_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_there: bool
) -> None:
    """Where writing fails half-way, the folder is as it was before."""
    folder = tmp_path / "demo"
    if is_there:
        folder.mkdir()
    original = Path.rename if is_there else Path.replace
    done: list[Path] = []

    def fail(self: Path, target: Path) -> Path:
        if len(done) == (2 if is_there else 0):
            raise OSError(28, "No space left on device")
        done.append(target)
        return original(self, target)

    monkeypatch.setattr(Path, original.__name__, fail)
    with pytest.raises(ProjectError, match=r"cannot be written: No space left on device\.$"):
        create(folder, "cdktf")
    assert written(tmp_path) == set()
    assert folder.exists() is is_there


@pytest.mark.terraform
@pytest.mark.engine
@pytest.mark.proof
def test_the_first_five_minutes(
    tmp_path: Path, wheel: Path, record_property: Callable[[str, object], None]
) -> None:
    """The built wheel in an empty environment: a new project applies offline, and its tests pass."""
    environment = empty_environment(tmp_path)

    def run(*command: str | Path, folder: Path = tmp_path) -> str:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    install(wheel, tmp_path / "venv", *(["test"] if NAME == "cdktf" else [NAME, "test"]))

    before = time.monotonic()
    run("openai-constructs", "new", "demo", "--engine", NAME)
    assert "Say hello to Terraform." in run("openai-constructs", "local", "apply", folder=tmp_path / "demo")
    record_property("seconds from `openai-constructs new` to an answer", f"{time.monotonic() - before:.0f}")
    assert "2 passed" in run("pytest", "-q", folder=tmp_path / "demo")


def empty_environment(folder: Path) -> dict[str, str]:
    """A home of its own; of the machine's environment, what finds Terraform, Node and the package index."""
    kept = {name: it for name, it in os.environ.items() if name.startswith(("PIP_", "LANG", "LC_"))}
    machine = [str(Path(found).parent) for name in ("terraform", "node") if (found := shutil.which(name))]
    path = [str(folder / "venv" / "bin"), *machine, "/usr/bin", "/bin"]
    return {**kept, "HOME": str(folder / "home"), "PATH": os.pathsep.join(path)}


def test_a_folder_that_looks_like_an_option(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next command works for a folder whose name begins with a dash."""
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["new", "--", "-dash"])
    assert (tmp_path / "-dash" / "cdktf.json").exists()
    assert "Next: cd ./-dash && openai-constructs local apply" in result.output
