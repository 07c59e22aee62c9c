"""What the tests share: stacks in memory, and the real terraform in a folder of its own."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension
from tests.support import Synth, Terraform

os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")


@pytest.fixture
def terraform(tmp_path: Path) -> Terraform:
    """Terraform in an empty folder, without any provider to be had."""
    if shutil.which("terraform") is None:
        pytest.fail("terraform is not on the PATH")
    config = tmp_path / "terraform.rc"
    config.write_text('provider_installation {\n  filesystem_mirror {\n    path = "none"\n  }\n}\n')
    folder = tmp_path / "terraform"
    folder.mkdir()
    return Terraform(folder, config)


@pytest.fixture
def app() -> Any:
    from cdktf import Testing

    return Testing.app()


@pytest.fixture
def stack(app: Any) -> Any:
    from cdktf import TerraformStack

    return TerraformStack(app, "stack")


@pytest.fixture
def synth() -> Synth:
    """Synthesize a stack in memory; without the backend, which is the machine's."""

    def synth(stack: Any) -> dict[str, Any]:
        from cdktf import Testing

        # The packaged module's hash is tested on its own; snapshots outlive an edit of the module.
        text = re.sub(r"(?<=assets/openai_constructs/)[0-9a-f]{32}", "HASH", Testing.synth(stack))
        parsed: dict[str, Any] = json.loads(text)
        return parsed

    return synth


@pytest.fixture
def snapshot_json(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """One readable JSON file a case."""
    return snapshot.use_extension(JSONSnapshotExtension)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Show the figures that tests recorded: under xdist nothing a test prints is seen."""
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            terminalreporter.write_line(f"{value} {name}")
