"""What the tests share: a template of a part of a stack, and the real terraform in a folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openai_constructs.local.terraform import run_captured
from openai_constructs.testing import Template

ROOT = Path(__file__).parent.parent

PROVE = bool(os.environ.get("PROVE"))
"""Set by `make prove`: proofs run at full size, and tests marked `costly` run at all."""

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


def sized(full: int, quick: int) -> int:
    """The size of a proof: full in `make prove`, quick in `make test`."""
    return full if PROVE else quick


def machine_settings(*, quick: int) -> Any:
    """Settings of a hypothesis state machine, with `quick` examples in `make test`."""
    from hypothesis import HealthCheck, settings

    return settings(
        max_examples=sized(200, quick),
        stateful_step_count=30,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow],
    )


def template(stack: Any) -> Template:
    """The JSON of a stack that has only what a test is about, so often no provider."""
    return Template.from_stack(stack, skip_validation=True)


def warnings_of(stack: Any) -> list[str]:
    """What the author of a stack is told at synthesis."""
    return [
        it.data for child in stack.node.find_all() for it in child.node.metadata if it.type == "@cdktf/warn"
    ]


def run_pytest(folder: Path, *arguments: str, code: int = 0) -> str:
    """Run pytest in a folder of its own, with the plugins that users have; what it printed."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:asyncio", *arguments]
    own = {name: it for name, it in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(command, cwd=folder, env=own, capture_output=True, text=True)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def environment_of(folder: Path, cli_configuration: Path | None, url: str) -> dict[str, str]:
    """What terraform needs to run in a folder with the provider, and an API at a URL.

    Args:
        folder: Where it runs.
        cli_configuration: Names the installed provider; without one, the workspace has a served one.
        url: Of the API.
    """
    return {
        "HOME": str(folder),
        "CHECKPOINT_DISABLE": "1",
        "TF_CLI_CONFIG_FILE": str(cli_configuration or os.devnull),
        "OPENAI_API_KEY": "sk-test-of-no-use",
        "OPENAI_API_URL": url,
    }


@dataclass
class Ran:
    """What a command printed, and its exit code."""

    code: int
    text: str

    def __contains__(self, words: str) -> bool:
        return " ".join(words.split()) in " ".join(self.text.replace("│", " ").split())


@dataclass(frozen=True)
class Served:
    """The provider, served from this process: Terraform starts none.

    Attributes:
        reattach: The value of ``TF_REATTACH_PROVIDERS``.
        environ: The environment of the provider.
    """

    reattach: str
    environ: dict[str, str]

    def variables(self, environment: Mapping[str, str]) -> dict[str, str]:
        """Variables for a run of Terraform, whose environment is the provider's too, as if started by it."""
        self.environ.clear()
        self.environ.update(environment)
        return {"TF_REATTACH_PROVIDERS": self.reattach}


@dataclass
class Workspace:
    """Terraform in one folder, with no more of the machine's environment than local runs give it."""

    folder: Path
    environment: Mapping[str, str]
    served: Served | None = field(default=None, kw_only=True)

    def write(self, configuration: str | Mapping[str, Any], name: str = "main.tf") -> Workspace:
        if isinstance(configuration, str):
            (self.folder / name).write_text(configuration)
        else:
            (self.folder / f"{name}.json").write_text(json.dumps(configuration), encoding="utf-8")
        return self

    def run(self, *arguments: str, **variables: str) -> Ran:
        environment = {"TF_IN_AUTOMATION": "1", **self.environment, **variables}
        if self.served is not None:
            environment |= self.served.variables(environment)
        ran = run_captured(self.folder, environment, arguments)
        assert environment.get("OPENAI_API_KEY", "no key") not in ran.stdout + ran.stderr
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
