"""How long a user waits for a local apply and for the tests of a new project.

A local apply is compared with its parts that it cannot do without: the synthesis (`python main.py`) and a
`terraform apply` of one `terraform_data`, both run in turn with it. The tests are compared with those tests
on an earlier commit of this repository, with the pytest plugins that the extra `test` installs and no others.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from openai_constructs.starter import create

__all__ = ["measure_local_apply", "measure_starter_tests"]

ROOT: Final = Path(__file__).parent.parent
LOCAL_TARGETS: Final = {"first": 1.6, "without a change": 1.4, "after an edit": 1.6}
TESTS_TARGET: Final = 0.5
PLUGINS: Final = ("-p", "syrupy", "-p", "openai_constructs.testing.pytest_plugin")
PROMPT: Final = "Say hello to Terraform."


def measure_local_apply(rounds: int) -> dict[str, dict[str, Any]]:
    """Median seconds of a local apply and of its parts, and the median of their ratios, in each situation."""
    applies: dict[str, list[float]] = {name: [] for name in LOCAL_TARGETS}
    parts: dict[str, list[float]] = {name: [] for name in LOCAL_TARGETS}
    with _project() as project, tempfile.TemporaryDirectory() as name:
        bare = Path(name)
        _write_bare(bare, "first")
        _seconds(bare, "terraform", "init", "-input=false")
        program = (project / "main.py").read_text(encoding="utf-8")
        for number in range(rounds):
            shutil.rmtree(project / ".openai-constructs", ignore_errors=True)
            (bare / "terraform.tfstate").unlink(missing_ok=True)
            for situation in LOCAL_TARGETS:
                if situation == "after an edit":
                    edited = program.replace(PROMPT, f"{PROMPT} {number}")
                    (project / "main.py").write_text(edited, encoding="utf-8")
                    _write_bare(bare, str(number))
                synthesis = _seconds(project, sys.executable, "main.py")
                bare_apply = _seconds(bare, "terraform", "apply", "-auto-approve", "-input=false")
                parts[situation].append(synthesis + bare_apply)
                applies[situation].append(
                    _seconds(project, sys.executable, "-m", "openai_constructs", "local", "apply")
                )
    return {
        name: _compared(applies[name], parts[name], "parts_seconds", target)
        for name, target in LOCAL_TARGETS.items()
    }


def measure_starter_tests(before: str, rounds: int) -> dict[str, Any]:
    """Median seconds of the tests of a new project, with this source and with that of an earlier commit."""
    now: list[float] = []
    then: list[float] = []
    with _project() as project, _worktree(before) as worktree:
        for _ in range(rounds):
            for source, times in ((ROOT, now), (worktree, then)):
                variables = {"PYTHONPATH": str(source / "src"), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
                times.append(_seconds(project, sys.executable, "-m", "pytest", "-q", *PLUGINS, **variables))
    return _compared(now, then, "before_seconds", TESTS_TARGET)


def _compared(now: list[float], other: list[float], name: str, target: float) -> dict[str, Any]:
    ratio = statistics.median(it / its_other for it, its_other in zip(now, other, strict=True))
    return {
        "seconds": round(statistics.median(now), 2),
        name: round(statistics.median(other), 2),
        "ratio": round(ratio, 2),
        "target_ratio": target,
        "target_met": ratio <= target,
    }


@contextmanager
def _project() -> Iterator[Path]:
    """A new project, as `openai-constructs new` writes it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "project"
        create(folder, "cdktf")
        yield folder


@contextmanager
def _worktree(commit: str) -> Iterator[Path]:
    """This repository at a commit."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "before"
        subprocess.run(["git", "worktree", "add", "--detach", folder, commit], cwd=ROOT, check=True)
        try:
            yield folder
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", folder], cwd=ROOT, check=True)


def _write_bare(folder: Path, text: str) -> None:
    (folder / "main.tf").write_text(
        f'resource "terraform_data" "it" {{\n  input = "{text}"\n}}\n', encoding="utf-8"
    )


def _seconds(folder: Path, *command: str, **variables: str) -> float:
    """How long a command takes that has to succeed."""
    environment: Mapping[str, str] = {**os.environ, "CHECKPOINT_DISABLE": "1", **variables}
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return seconds
