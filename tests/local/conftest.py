"""Projects to take into the local world, and the command line as a user runs it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.engine import migrated
from tests.support import ROOT

REAL_KEY = "sk-real-key-of-the-user"
"""Set in every run: it must turn up nowhere."""


class Project:
    """A CDK project in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = {
            **{name: it for name, it in os.environ.items() if not name.startswith(("TF_", "OPENAI_"))},
            "OPENAI_API_KEY": REAL_KEY,
            "OPENAI_API_URL": "https://unreachable.invalid",
            "TF_CLI_CONFIG_FILE": str(folder / "none.rc"),
        }

    @property
    def world(self) -> Path:
        return self.folder / ".openai-constructs" / "local"

    @property
    def program(self) -> Path:
        return self.folder / "main.py"

    def run(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "openai_constructs", *arguments]
        return subprocess.run(
            command, cwd=self.folder, env={**self.env, **env}, capture_output=True, text=True
        )

    def local(self, *arguments: str, code: int = 0, **env: str) -> str:
        done = self.run("local", *arguments, **env)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def outputs(self) -> dict[str, object]:
        done = self.run("local", "output", "-json")
        assert done.returncode == 0, done.stderr
        return {name: it["value"] for name, it in json.loads(done.stdout).items()}

    def edit(self, old: str, new: str) -> None:
        text = self.program.read_text()
        assert old in text
        self.program.write_text(text.replace(old, new))

    def files(self) -> set[str]:
        """The user's own files, beside the local world."""
        return {
            it.relative_to(self.folder).as_posix()
            for it in self.folder.rglob("*")
            if it.is_file() and ".openai-constructs" not in it.parts
        }


@pytest.fixture
def project(tmp_path: Path) -> Callable[[str], Project]:
    """Make a project of a program, or of one of the examples."""

    def make(program: str) -> Project:
        folder = tmp_path / "project"
        folder.mkdir()
        if "\n" not in program:
            program = (ROOT / "examples" / program / "main.py").read_text()
        (folder / "main.py").write_text(migrated(program))
        shutil.copy(ROOT / "examples" / "hello" / "cdktf.json", folder)
        return Project(folder)

    return make
