"""The example beside the same JSON written by hand with the engine's own classes: seconds of one round each."""

from __future__ import annotations

import importlib.util
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from cdktf import (
    App,
    LocalBackend,
    TerraformDataSource,
    TerraformHclModule,
    TerraformOutput,
    TerraformProvider,
    TerraformResource,
    TerraformStack,
    TerraformVariable,
)

ROUNDS: Final = 15
_MAIN: Final = Path(__file__).resolve().parent.parent / "examples" / "chat_completion" / "main.py"


def _example() -> Callable[[App], TerraformStack]:
    spec = importlib.util.spec_from_file_location("example_main", _MAIN)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return lambda app: module.ChatCompletionStack(app, "chat_completion")


def _by_hand(made: dict[str, Any]) -> Callable[[App], TerraformStack]:
    """A program that writes a given JSON: a class of the engine a block, and an override an attribute."""

    def build(app: App) -> TerraformStack:
        stack = TerraformStack(app, "chat_completion")
        LocalBackend(stack, path="terraform.tfstate")
        required = made["terraform"]["required_providers"]["openai"]
        TerraformProvider(
            stack, "openai", terraform_resource_type="openai", terraform_provider_source=required["source"]
        )
        for name, block in made["variable"].items():
            TerraformVariable(stack, name, **block)
        for name, block in made["module"].items():
            variables = {key: it for key, it in block.items() if key != "source"}
            TerraformHclModule(
                stack,
                name,
                source=block["source"],
                variables=variables,
                skip_asset_creation_from_local_modules=True,
            )
        for kind, of_kind in (("resource", TerraformResource), ("data", TerraformDataSource)):
            for block_type, blocks in made[kind].items():
                for name, block in blocks.items():
                    element = of_kind(stack, name, terraform_resource_type=block_type)
                    for key, it in block.items():
                        element.add_override(key, it)
        for name, block in made["output"].items():
            TerraformOutput(stack, name, **block)
        return stack

    return build


def _without_comments(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_comments(it) for key, it in value.items() if key != "//"}
    return value


def _run(build: Callable[[App], TerraformStack], folder: str) -> float:
    start = time.perf_counter()
    app = App(outdir=folder)
    build(app)
    app.synth()
    return time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    ours = _example()
    with tempfile.TemporaryDirectory() as folder:
        _run(ours, f"{folder}/ours")
        made = json.loads(Path(f"{folder}/ours/stacks/chat_completion/cdk.tf.json").read_text())
        programs = {"ours": ours, "by hand": _by_hand(_without_comments(made))}
        rounds = [
            {name: _run(it, f"{folder}/{name}") for name, it in programs.items()} for _ in range(ROUNDS)
        ]
    print(json.dumps(rounds[1:]))


if __name__ == "__main__":
    main()
