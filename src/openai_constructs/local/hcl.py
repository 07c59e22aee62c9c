"""Plain HCL in the local world: links to the user's files, with a local backend and dummy keys."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from openai_constructs.local.rewrite import LOCAL_BACKEND

__all__ = ["hcl_files", "key_variables_of", "link"]

_SUFFIXES: Final = (".tf", ".tf.json", ".tofu", ".tofu.json")
_OVERRIDE: Final = "openai_constructs_override.tf.json"
_LEFT_OUT: Final = re.compile(r"\.terraform(\.|$)|\.openai-constructs$|\.git$|.*\.tfstate(\..*)?$")
_UP: Final = re.compile(r"(?:\.\./)+")
_KEY: Final = re.compile(r'"?\b(?:api_key|admin_key)"?\s*[=:]\s*"?(?:\$\{)?\s*var\.([A-Za-z_][\w-]*)')


def hcl_files(folder: Path) -> list[Path]:
    """Return the files of a folder that Terraform reads."""
    return sorted(file for file in folder.iterdir() if file.name.endswith(_SUFFIXES) and file.is_file())


def key_variables_of(folder: Path) -> Iterator[str]:
    """Yield the names of the variables with keys in a folder of HCL."""
    for file in hcl_files(folder):
        yield from _KEY.findall(file.read_text(encoding="utf-8", errors="replace"))


def link(source: Path, target: Path) -> Path:
    """Fill a folder with links to a folder of HCL, and to the folders that it refers to by ``../``.

    Terraform writes state, lock file and plugins next to the links, so the user's folder does not change.

    Args:
        source: The user's folder.
        target: A folder of the local world. Links in it are replaced; other files stay.

    Returns:
        The folder below the target that corresponds to the source.
    """
    made = target.joinpath("tree", *source.parts[1:])
    _link_entries(source, made)
    for _, child in zip(range(_levels_above(source)), (source, *source.parents), strict=False):
        _link_entries(child.parent, target.joinpath("tree", *child.parent.parts[1:]), without=child.name)
    (made / _OVERRIDE).write_text(json.dumps({"terraform": LOCAL_BACKEND}), encoding="utf-8")
    return made


def _link_entries(source: Path, made: Path, *, without: str = "") -> None:
    made.mkdir(parents=True, exist_ok=True, mode=0o700)
    for entry in made.iterdir():
        if entry.is_symlink():
            entry.unlink()
    for entry in source.iterdir():
        copy = made / entry.name
        if entry.name != without and not _LEFT_OUT.match(entry.name) and not copy.exists():
            copy.symlink_to(entry)


def _levels_above(folder: Path, depth: int = 0) -> int:
    """Return how many levels above a folder its HCL refers to, including the HCL of its subfolders."""
    levels = 0
    for file in hcl_files(folder):
        ups = _UP.findall(file.read_text(encoding="utf-8", errors="replace"))
        levels = max([levels, *(len(it) // 3 - depth for it in ups)])
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink() and not entry.name.startswith("."):
            levels = max(levels, _levels_above(entry, depth + 1))
    return levels
