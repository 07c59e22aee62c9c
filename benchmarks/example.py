"""The example's JSON, written by hand with the engine's classes: ``python benchmarks/example.py JSON``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

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


def build(app: App, made: dict[str, Any]) -> None:
    """A class of the engine a block, and an override an attribute."""
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


def _without_comments(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_comments(it) for key, it in value.items() if key != "//"}
    return value


if __name__ == "__main__":
    app = App()
    build(app, _without_comments(json.loads(Path(sys.argv[1]).read_text())))
    app.synth()
