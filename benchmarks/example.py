"""The example's JSON, written by hand with the engine's classes: ``python benchmarks/example.py JSON``.

It writes what the example wrote, the packaged module beside the JSON included: without it nothing applies.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

from cdktf import (
    App,
    AssetType,
    LocalBackend,
    TerraformAsset,
    TerraformDataSource,
    TerraformHclModule,
    TerraformOutput,
    TerraformProvider,
    TerraformProviderGeneratorMetadata,
    TerraformResource,
    TerraformStack,
    TerraformVariable,
)

JSON: Final = Path("stacks", "chat_completion", "cdk.tf.json")
"""Where a program leaves it, in its output folder."""


def build(app: App, made: dict[str, Any], folder: Path) -> None:
    """A class of the engine a block, and an override an attribute."""
    stack = TerraformStack(app, "chat_completion")
    LocalBackend(stack, path="terraform.tfstate")
    required = made["terraform"]["required_providers"]["openai"]
    TerraformProvider(
        stack,
        "openai",
        terraform_resource_type="openai",
        terraform_provider_source=required["source"],
        terraform_generator_metadata=TerraformProviderGeneratorMetadata(
            provider_name="openai", provider_version=required["version"]
        ),
    )
    for name, block in made["variable"].items():
        TerraformVariable(stack, name, **block)
    asset = Path(made["module"]["basic_chat"]["source"]).parent
    TerraformAsset(
        stack, asset.parent.name, path=str(folder / asset), type=AssetType.DIRECTORY, asset_hash=asset.name
    )
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


def without_comments(value: Any) -> Any:
    """Blocks without what the engine notes beside them."""
    if isinstance(value, dict):
        return {key: without_comments(it) for key, it in value.items() if key != "//"}
    return value


if __name__ == "__main__":
    json_file = Path(sys.argv[1])
    app = App()
    build(app, without_comments(json.loads(json_file.read_text())), json_file.parent)
    app.synth()
