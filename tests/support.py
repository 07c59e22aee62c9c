"""What tests need to say in their annotations, and the real terraform."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent

Synth = Callable[..., dict[str, Any]]


class Terraform:
    """The terraform binary, working in one folder and seeing nothing of the machine's own configuration."""

    def __init__(self, folder: Path, config: Path) -> None:
        self.folder = folder
        hidden = ("TF_", "OPENAI_", "AWS_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
        self.env = {
            **kept,
            "CHECKPOINT_DISABLE": "1",
            "TF_IN_AUTOMATION": "1",
            "TF_CLI_CONFIG_FILE": str(config),
        }

    def __call__(self, *arguments: str, check: bool = True) -> str:
        done = subprocess.run(
            ["terraform", *arguments, "-no-color"],
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def write(self, configuration: Mapping[str, Any]) -> None:
        (self.folder / "main.tf.json").write_text(json.dumps(configuration), encoding="utf-8")

    def outputs(self) -> dict[str, Any]:
        return {name: it["value"] for name, it in json.loads(self("output", "-json")).items()}
