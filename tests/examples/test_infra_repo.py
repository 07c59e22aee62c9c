"""The example of a user's repository, copied elsewhere, with the wheel as a user installs it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.engine import NAME, migrated
from tests.support import ROOT
from tests.wheel import install

EXAMPLE = ROOT / "examples" / "infra_repo"


def run(*command: str | Path, folder: Path) -> str:
    hidden = ("OPENAI_", "TF_", "COV_", "COVERAGE_", "PYTEST_")
    kept = {name: it for name, it in os.environ.items() if not name.startswith(hidden)}
    done = subprocess.run(command, cwd=folder, env=kept, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.terraform
@pytest.mark.skipif(NAME != "cdktf", reason="the wheel brings the default engine")
@pytest.mark.proof
def test_a_copy_is_green_with_the_wheel(
    tmp_path: Path, wheel: Path, record_property: Callable[[str, object], None]
) -> None:
    """Nothing but the built wheel with its extra `test`: all tests of the example pass."""
    python = install(wheel, tmp_path / "venv", "test")
    repository = tmp_path / "repository"
    shutil.copytree(EXAMPLE, repository, ignore=shutil.ignore_patterns("__pycache__", ".*cache"))
    before = time.monotonic()
    said = run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", folder=repository)
    assert "11 passed" in said
    assert "1 snapshot passed" in said
    record_property("seconds that the tests of examples/infra_repo took", f"{time.monotonic() - before:.0f}")


def test_the_workflow_needs_no_secret() -> None:
    """The tests in CI get no key."""
    assert "secrets." not in (EXAMPLE / ".github/workflows/test.yml").read_text()


def test_both_stacks_synthesize(tmp_path: Path) -> None:
    """`python app.py` writes what `cdktf deploy` applies."""
    copy = shutil.copytree(EXAMPLE, tmp_path / "copy")
    for program in copy.glob("*.py"):
        program.write_text(migrated(program.read_text(encoding="utf-8")), encoding="utf-8")
    run(sys.executable, "app.py", folder=copy)
    assert {it.name for it in (copy / "cdktf.out" / "stacks").iterdir()} == {"dev", "prod"}
