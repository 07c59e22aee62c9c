"""Validate a stack with the real Terraform, offline."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any, Final

from openai_constructs.errors import LocalError
from openai_constructs.local.project import Stack
from openai_constructs.local.terraform import Environment, local_environment, run_captured
from openai_constructs.provider.core.mirror import prepare
from openai_constructs.testing.diagnostics import told
from openai_constructs.testing.synthesis import app_of, synthesize

__all__ = ["validate"]

_NOWHERE: Final = "http://127.0.0.1:0"


def validate(scope: Any) -> None:
    """Assert that a stack is valid for Terraform: names, types, references, and the provider's own checks.

    It synthesizes the stack and runs ``terraform validate`` with the embedded provider. This works offline,
    unless the stack uses other providers, and without the stack's backend and keys. Like local runs, it uses
    the binary ``TERRAFORM_BINARY_NAME``, else ``terraform``, else ``tofu``.

    Args:
        scope: A stack, or an app for all of its stacks.

    Raises:
        AssertionError: If the stack is invalid, with the path of the construct for each error.
        SynthesisError: If the stack does not synthesize.
        LocalError: If terraform is not installed, or cannot install the stack's providers and modules.
    """
    __tracebackhide__ = True
    app = app_of(scope)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "out")
        out.mkdir()
        stacks = synthesize(app, out, only=None if scope is app else scope)
        environment = local_environment(_NOWHERE, prepare(folder))
        said = [line for stack in stacks for line in _problems(stack, environment)]
    if said:
        raise AssertionError("The stack is invalid:\n" + "\n".join(said))


def _problems(stack: Stack, environment: Environment) -> list[str]:
    started = run_captured(stack.folder, environment, ["init", "-backend=false", "-input=false", "-no-color"])
    checked = run_captured(stack.folder, environment, ["validate", "-json"])
    try:
        found = [it for it in json.loads(checked.stdout)["diagnostics"] if it["severity"] == "error"]
    except ValueError:
        raise LocalError(
            f"terraform validate failed for the stack {stack.name}:\n{checked.stdout}{checked.stderr}"
        ) from None
    said = started.stdout + started.stderr
    # `validate` explains a broken stack better than `init`, which fails on it first.
    if started.returncode and not any(it["summary"] in said for it in found):
        raise LocalError(f"terraform init failed for the stack {stack.name}:\n{said.strip()}")
    written = json.loads((stack.folder / "cdk.tf.json").read_text(encoding="utf-8"))
    return [told(stack.name, written, it) for it in found]
