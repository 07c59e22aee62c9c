"""The first commands in a clone: what is missing is named before anything is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support import ROOT

TERRAFORM = "Terraform 1.4 or later on the PATH"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone, as far as make reads it, and a PATH with little more than a shell."""
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "bin").mkdir()
    for program in ("make", "sh", "dirname"):
        (tmp_path / "bin" / program).symlink_to(str(shutil.which(program)))
    return tmp_path


def make(clone: Path, *arguments: str, python: str = sys.executable) -> subprocess.CompletedProcess[str]:
    environment = {name: it for name, it in os.environ.items() if not name.startswith(("MAKE", "COV"))}
    return subprocess.run(
        ["make", *arguments, f"PYTHON={python}"],
        cwd=clone,
        env={**environment, "PATH": str(clone / "bin")},
        capture_output=True,
        text=True,
    )


def write_program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\necho {text}\n")
    path.chmod(0o755)


@pytest.mark.parametrize("target", ["demo", "test", "check", "bench"])
@pytest.mark.parametrize("found", ["none", "v0.15.5", "v1.3.10"])
def test_terraform_is_needed(clone: Path, target: str, found: str) -> None:
    """Without a Terraform that is new enough, one line says so, and nothing is installed."""
    if found != "none":
        write_program(clone / "bin" / "terraform", f"Terraform {found}")
    done = make(clone, target)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert f"make {target} needs {TERRAFORM} (found: {found}): install it from https://" in line
    assert not done.stdout
    assert not (clone / ".venv").exists()


@pytest.mark.parametrize("python", ["missing", "old"])
def test_python_is_needed(clone: Path, python: str) -> None:
    """Without a Python that is new enough, one line says so, and nothing is installed."""
    write_program(clone / "bin" / "terraform", "Terraform v1.4.0")
    write_program(clone / "bin" / "old", "False")
    done = make(clone, "demo", python=python)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "make demo needs Python 3.11 or later: install it, or name it" in line
    assert not done.stdout
    assert not (clone / ".venv").exists()


@pytest.mark.parametrize("node", ["none", "v22.1.0"])
def test_node_comes_with_the_library_where_there_is_none(clone: Path, node: str) -> None:
    """The extra `node` is installed on a machine without Node only; every installation is announced."""
    write_program(clone / "bin" / "terraform", "Terraform v1.4.0")
    if node != "none":
        write_program(clone / "bin" / "node", node)
    done = make(clone, "--dry-run", "demo")
    assert done.returncode == 0, done.stderr
    assert f'--editable ".[{"local,archive,node" if node == "none" else "local,archive"}]"' in done.stdout
    assert done.stdout.startswith('echo "Installing the library into .venv (once)"\n')


@pytest.mark.parametrize("target", ["clean", "docs"])
def test_terraform_is_asked_for_where_it_is_used_only(clone: Path, target: str) -> None:
    """Cleaning up and building the documentation run without Terraform."""
    done = make(clone, "--dry-run", target, "--old-file=package-lock.json")
    assert TERRAFORM not in done.stderr
