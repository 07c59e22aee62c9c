"""Count the provider blocks of a stack and its modules."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from openai_constructs.schema import COMPAT, NATIVE

__all__ = ["has_one_provider_block", "our_name"]

_BLOCK: Final = re.compile(r'\bprovider\s+"?([\w-]+)"?\s*\{')
_HCL: Final = frozenset({".tf", ".tofu"})
_SOURCES: Final = (COMPAT.source, f"registry.terraform.io/{COMPAT.source}", NATIVE.source)


def our_name(configuration: Mapping[str, Any]) -> str:
    """Return the local name of the provider in a stack, by its source in ``required_providers``."""
    required = configuration.get("terraform", {}).get("required_providers", {})
    for providers in required if isinstance(required, list) else [required]:
        for name, it in providers.items():
            if isinstance(it, dict) and it.get("source") in _SOURCES:
                return str(name)
    return "openai"


def has_one_provider_block(folder: Path) -> bool:
    """Whether an initialized stack has at most one block of the provider ``openai``.

    All provider blocks of modules and of HCL count, because a module may use another local name, and
    ``required_providers`` of HCL is not parsed.
    """
    try:
        listed: Any = json.loads((folder / ".terraform/modules/modules.json").read_text(encoding="utf-8"))
        modules = {(folder / it["Dir"]).resolve() for it in listed["Modules"]} - {folder.resolve()}
    except FileNotFoundError:
        modules = set()
    ours = {"openai", *_our_names(folder)}
    has_hcl = any(file.suffix in _HCL for file in folder.iterdir())
    own = [name for name in _blocks(folder) if has_hcl or name in ours]
    return len(own) + sum(1 for module in modules for _ in _blocks(module)) <= 1


def _our_names(folder: Path) -> Iterator[str]:
    for file in folder.glob("*.tf.json"):
        yield our_name(json.loads(file.read_text(encoding="utf-8")))


def _blocks(folder: Path) -> Iterator[str]:
    """Yield the names of the provider blocks in the files of a folder."""
    for file in folder.iterdir():
        if file.name.endswith((".tf.json", ".tofu.json")):
            providers = json.loads(file.read_text(encoding="utf-8")).get("provider", {})
            for name, blocks in providers.items():
                yield from [name] * (len(blocks) if isinstance(blocks, list) else 1)
        elif file.suffix in _HCL:
            yield from _BLOCK.findall(file.read_text(encoding="utf-8", errors="replace"))
