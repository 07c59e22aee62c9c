"""Synthesis is deterministic: with Python or with the CLI, twice, and wherever the project lies."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.engine import migrated
from tests.support import ROOT, sized

EXAMPLES = sorted(it.parent.name for it in (ROOT / "examples").glob("*/main.py"))


def files(folder: Path) -> dict[str, bytes]:
    """Everything that was synthesized, but the manifest: it has stack traces with paths of the engine."""
    return {
        it.relative_to(folder).as_posix(): it.read_bytes()
        for it in sorted((folder / "cdktf.out").rglob("*"))
        if it.is_file() and it.name != "manifest.json"
    }


def run(folder: Path, *command: str | Path) -> dict[str, bytes]:
    env = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "CHECKPOINT_DISABLE": "1",
    }
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return files(folder)


def project(folder: Path, example: str) -> Path:
    folder.mkdir()
    program = (ROOT / "examples" / example / "main.py").read_text(encoding="utf-8")
    (folder / "main.py").write_text(migrated(program), encoding="utf-8")
    (folder / "cdktf.json").write_text(
        json.dumps(
            {"language": "python", "app": "python main.py", "projectId": "x", "sendCrashReports": "false"}
        )
    )
    return folder


def without_backend(made: dict[str, bytes]) -> dict[str, Any]:
    parsed: dict[str, Any] = {}
    for name, content in made.items():
        parsed[name] = content
        if name.endswith(".json"):
            parsed[name] = json.loads(content)
            del parsed[name]["terraform"]["backend"]
    return parsed


@pytest.mark.cli
@pytest.mark.proof
@pytest.mark.parametrize("example", EXAMPLES)
def test_python_and_the_cli_give_the_same(tmp_path: Path, example: str) -> None:
    """`python main.py` and `cdktf synth` write the same files byte for byte, again and again."""
    cdktf = ROOT / "node_modules" / ".bin" / "cdktf"
    assert cdktf.exists(), "the npm packages are missing: run `make node_modules/ready`"
    folder = project(tmp_path / "project", example)
    by_python = run(folder, sys.executable, "main.py")
    assert by_python
    assert run(folder, sys.executable, "main.py") == by_python
    for _ in range(sized(2, 1)):
        assert run(folder, cdktf, "synth") == by_python


@pytest.mark.parametrize("example", EXAMPLES)
def test_only_the_engines_backend_knows_the_folder(tmp_path: Path, example: str) -> None:
    """Between two folders only the default backend differs: the engine writes it as an absolute path."""
    here = run(project(tmp_path / "here", example), sys.executable, "main.py")
    there = run(project(tmp_path / "there", example), sys.executable, "main.py")
    assert without_backend(here) == without_backend(there)
    if b"LocalBackend" in (ROOT / "examples" / example / "main.py").read_bytes():
        assert here == there


def test_the_first_example_is_short() -> None:
    """The README's first program has fewer than 15 lines."""
    lines = (ROOT / "examples/hello/main.py").read_text().splitlines()
    assert len([line for line in lines if line.strip()]) < 15
