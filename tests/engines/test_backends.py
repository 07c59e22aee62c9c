"""Stacks for remote engines: the backend as the engine writes it, and the module in what is uploaded."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests import engine
from tests.support import Served, Workspace

from openai_constructs import BasicChat, OpenaiProvider, StoredCompletion

pytestmark = pytest.mark.terraform

BACKENDS: dict[str, Callable[[Any], object]] = {
    "s3": lambda stack: engine.S3Backend(stack, bucket="b", key="k", region="eu-central-1"),
    "gcs": lambda stack: engine.GcsBackend(stack, bucket="b"),
    "azurerm": lambda stack: engine.AzurermBackend(
        stack, storage_account_name="a", container_name="c", key="k", resource_group_name="r"
    ),
    "http": lambda stack: engine.HttpBackend(stack, address="https://state.example"),
    "cloud": lambda stack: engine.CloudBackend(
        stack, organization="o", workspaces=engine.NamedCloudWorkspace("w")
    ),
}


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_stack_for_a_remote_backend(tmp_path: Path, served: Served, backend: str) -> None:
    """Its folder alone, moved away, initializes and is valid: the module goes with it."""
    app = engine.App(outdir=str(tmp_path / "out"))
    stack = engine.TerraformStack(app, "stack")
    BACKENDS[backend](stack)
    OpenaiProvider(stack, "openai")
    BasicChat(stack, "chat", model="gpt-4o", prompt="p")
    StoredCompletion(stack, "stored", model="gpt-4o", prompt="p")
    app.synth()
    folder = tmp_path / "uploaded"
    shutil.move(tmp_path / "out" / "stacks" / "stack", folder)
    made = json.loads((folder / "cdk.tf.json").read_text(encoding="utf-8"))
    terraform = made["terraform"]
    assert terraform["cloud"] if backend == "cloud" else list(terraform["backend"]) == [backend]
    assert made["module"]["chat"]["source"].startswith("./assets/")
    here = Workspace(folder, {"TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}, served=served)
    started = here.run("init", "-backend=false", "-input=false", "-no-color")
    assert started.code == 0, started.text
    assert "Success" in here.run("validate", "-no-color")
