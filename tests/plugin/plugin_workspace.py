"""A Terraform folder of its own for each test, with an environment of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.plugin.plugin_loopback import Loopback

HEAD = """
terraform {
  required_providers {
    openai = {
      source  = "mkdev-me/openai"
      version = ">= 1.1.0, < 2.0.0"
    }
  }
}

provider "openai" {}
"""


@dataclass
class Ran:
    """What a command printed, and its exit code."""

    code: int
    text: str

    def __contains__(self, words: str) -> bool:
        return " ".join(words.split()) in " ".join(self.text.replace("│", " ").split())


@dataclass
class Workspace:
    """Terraform in one folder."""

    folder: Path
    cli_configuration: Path
    api: Loopback

    def write(self, configuration: str, name: str = "main.tf") -> Workspace:
        (self.folder / name).write_text(configuration)
        return self

    def run(self, *arguments: str, **variables: str) -> Ran:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "CHECKPOINT_DISABLE": "1",
            "TF_IN_AUTOMATION": "1",
            "TF_CLI_CONFIG_FILE": str(self.cli_configuration),
            "OPENAI_API_KEY": "sk-test-of-no-use",
            "OPENAI_API_URL": self.api.url,
            **variables,
        }
        ran = subprocess.run(
            [shutil.which("terraform") or "terraform", *arguments],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert "sk-test-of-no-use" not in ran.stdout + ran.stderr
        return Ran(ran.returncode, ran.stdout + ran.stderr)

    def init(self) -> Workspace:
        ran = self.run("init", "-input=false", "-no-color")
        assert ran.code == 0, ran.text
        return self

    def apply(self, *arguments: str, **variables: str) -> Ran:
        return self.run("apply", "-auto-approve", "-input=false", "-no-color", *arguments, **variables)

    def plan(self, *arguments: str, **variables: str) -> Ran:
        """Exit code 0 is no changes, 2 is some."""
        return self.run("plan", "-input=false", "-no-color", "-detailed-exitcode", *arguments, **variables)

    def planned(self, *arguments: str) -> dict[str, list[str]]:
        """Actions by address, of those that do something."""
        ran = self.plan("-out=saved.plan", *arguments)
        assert ran.code in (0, 2), ran.text
        changes = self.shown("saved.plan").get("resource_changes", [])
        actions = {it["address"]: it["change"]["actions"] for it in changes}
        return {address: it for address, it in actions.items() if it not in (["no-op"], ["read"])}

    def shown(self, *arguments: str) -> Any:
        ran = self.run("show", "-json", *arguments)
        assert ran.code == 0, ran.text
        return json.loads(ran.text)

    def state(self, address: str) -> dict[str, Any]:
        """Attributes of a resource in the root module."""
        resources = self.shown()["values"]["root_module"]["resources"]
        return next(it["values"] for it in resources if it["address"] == address)

    def outputs(self) -> dict[str, Any]:
        ran = self.run("output", "-json")
        assert ran.code == 0, ran.text
        return {name: it["value"] for name, it in json.loads(ran.text).items()}
