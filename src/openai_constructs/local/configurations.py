"""How many provider blocks a stack has, its modules included."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

__all__ = ["has_one_provider_block"]

_BLOCK: Final = re.compile(r'\bprovider\s+"?([\w-]+)"?\s*\{')
_OURS: Final = "openai"


def has_one_provider_block(folder: Path) -> bool:
    """Whether an initialized stack configures the provider ``openai`` once at most.

    A module may give the provider another name, so each block of a module counts.
    """
    try:
        listed: Any = json.loads((folder / ".terraform/modules/modules.json").read_text(encoding="utf-8"))
        modules = {(folder / it["Dir"]).resolve() for it in listed["Modules"]} - {folder.resolve()}
    except FileNotFoundError:
        modules = set()
    own = [name for name in _blocks(folder) if name == _OURS]
    return len(own) + sum(1 for module in modules for _ in _blocks(module)) <= 1


def _blocks(folder: Path) -> Iterator[str]:
    """The names of the provider blocks in the files of a folder."""
    for file in folder.iterdir():
        if file.name.endswith((".tf.json", ".tofu.json")):
            providers = json.loads(file.read_text(encoding="utf-8")).get("provider", {})
            for name, blocks in providers.items():
                yield from [name] * (len(blocks) if isinstance(blocks, list) else 1)
        elif file.suffix in {".tf", ".tofu"}:
            yield from _BLOCK.findall(file.read_text(encoding="utf-8", errors="replace"))
