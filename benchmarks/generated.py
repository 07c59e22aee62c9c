"""The bindings that ``cdktf get`` generates for the provider's schema: made once, in build/bench.

The generator asks a terraform for the schema. No registry is needed: it is given a script that answers from
the schema table. The table's two import marks are left out, because the generated fields would clash with
fields of the engine's own class.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from openai_constructs import schema

__all__ = ["folder"]

ROOT: Final = Path(__file__).resolve().parent.parent
_FOLDER: Final = ROOT / "build" / "bench" / "generated"
_CLI: Final = ROOT / "node_modules" / ".bin" / "cdktf"
_SOURCE: Final = "registry.terraform.io/mkdev-me/openai"
_CLASHING: Final = ("imported", "_imported_resource")
_TERRAFORM: Final = f"""#!{sys.executable}
import pathlib, sys
here = pathlib.Path(__file__).parent
name = "version" if "version" in sys.argv else "schema" if "schema" in sys.argv else None
if name:
    print((here / f"{{name}}.json").read_text())
"""


def folder() -> Path:
    """The folder with the package ``imports.openai``, generated where it is not there yet.

    Raises:
        subprocess.CalledProcessError: When the generator fails.
    """
    if not (_FOLDER / "imports" / "openai").exists():
        _generate()
    return _FOLDER


def _generate() -> None:
    _FOLDER.mkdir(parents=True, exist_ok=True)
    (_FOLDER / "schema.json").write_text(json.dumps(_provider_schemas()))
    (_FOLDER / "version.json").write_text(json.dumps({"provider_selections": {_SOURCE: "1.2.0"}}))
    terraform = _FOLDER / "terraform"
    terraform.write_text(_TERRAFORM)
    terraform.chmod(0o755)
    project = {
        "language": "python",
        "app": "true",
        "codeMakerOutput": "imports",
        "terraformProviders": ["mkdev-me/openai@~> 1.2"],
    }
    (_FOLDER / "cdktf.json").write_text(json.dumps(project))
    environment = {
        **os.environ,
        "TERRAFORM_BINARY_NAME": str(terraform),
        "CI": "1",
        "CHECKPOINT_DISABLE": "1",
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
    }
    subprocess.run(
        [_CLI, "get", "--language", "python"],
        cwd=_FOLDER,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _provider_schemas() -> dict[str, Any]:
    data = {
        "openai_chat_completion": schema.CHAT_COMPLETION_DATA,
        "openai_chat_completion_messages": schema.CHAT_COMPLETION_MESSAGES_DATA,
        "openai_chat_completions": schema.CHAT_COMPLETIONS_DATA,
    }
    provider = {
        "provider": _schema(schema.PROVIDER),
        "resource_schemas": {"openai_chat_completion": _schema(schema.CHAT_COMPLETION)},
        "data_source_schemas": {name: _schema(block) for name, block in data.items()},
    }
    return {"format_version": "1.0", "provider_schemas": {_SOURCE: provider}}


def _schema(block: schema.Block) -> dict[str, Any]:
    return {"version": 0, "block": _block(block)}


def _block(block: schema.Block) -> dict[str, Any]:
    nested = {
        name: {
            "nesting_mode": "list",
            "block": _block(it),
            **({} if it.min_items is None else {"min_items": it.min_items}),
            **({} if it.max_items is None else {"max_items": it.max_items}),
        }
        for name, it in block.blocks.items()
        if not it.computed
    }
    attributes = {name: _attribute(it) for name, it in block.attributes.items() if name not in _CLASHING}
    return {"attributes": attributes, "block_types": nested}


def _attribute(attribute: schema.Attribute) -> dict[str, Any]:
    flags = {name: True for name in ("required", "optional", "computed") if getattr(attribute, name)}
    return {"type": _type(attribute.type), "description_kind": "plain", **flags}


def _type(kind: schema.TerraformType) -> Any:
    match kind:
        case str():
            return kind
        case Mapping():
            return ["object", {name: _type(it) for name, it in kind.items()}]
        case (collection, inner):
            return [collection, _type(inner)]
