"""Asking the real Terraform whether a stack is valid, offline."""

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
    """Assert that Terraform finds a stack valid: names, types, references, and what the provider checks.

    The stack is synthesized and checked by ``terraform validate`` with the embedded provider: offline, but
    for other providers that it has. Its backend and keys are not used. The binary is the one that local runs
    take: ``TERRAFORM_BINARY_NAME``, else ``terraform``, else ``tofu``.

    Args:
        scope: A stack, or an app for all of its stacks.

    Raises:
        AssertionError: When it is not valid: each error with the path of its construct.
        SynthesisError: When it does not synthesize.
        LocalError: When there is no terraform, or it cannot install what the stack needs.
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
        raise AssertionError("Terraform finds the stack invalid:\n" + "\n".join(said))


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
