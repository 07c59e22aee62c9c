"""The packaged Terraform module, as one asset per stack."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Final

from openai_constructs.cdk.context import ASSET_ID
from openai_constructs.cdk.engine import cdk
from openai_constructs.cdk.requirements import NATIVE_VERSION, PUBLIC_SOURCE, PUBLIC_VERSION
from openai_constructs.cdk.scopes import Scope
from openai_constructs.schema import NATIVE

__all__ = ["MODULES", "NATIVE_MODULES", "module_source", "passing_folder"]

MODULES: Final = Path(__file__).parent.parent / "terraform"
"""Folder of the packaged modules for the public provider."""

NATIVE_MODULES: Final = Path(__file__).parent.parent / "terraform_native"
"""Folder of the packaged modules for the native provider."""


def module_source(scope: Scope) -> str:
    """Return the path of the module ``chat_completion``, relative to the stack's folder.

    The engine copies the asset next to the JSON, so the stack's folder applies on any machine.
    """
    state = scope.state
    if state.module_source is None:
        folder = _folder(state.provider_source, state.provider_version)
        digest = sha256(_content(folder).encode()).hexdigest()[:32]
        asset = cdk.TerraformAsset(scope.stack, ASSET_ID, path=str(folder), asset_hash=digest)
        state.module_source = f"./{asset.path.rstrip('/')}/chat_completion"
    return state.module_source


def _folder(source: str, version: str) -> Path:
    """Return the folder of the packaged modules, or of a copy that is removed when the process ends.

    A copy is needed if the modules have to require another provider, or if the folder has other files (for
    example from a `terraform init`), because the engine copies whole folders.
    """
    usual = (NATIVE.source, NATIVE_VERSION) if source == NATIVE.source else (PUBLIC_SOURCE, PUBLIC_VERSION)
    modules = NATIVE_MODULES if source == NATIVE.source else MODULES
    is_pure = all(it.suffix == ".tf" for it in _files(modules))
    if is_pure and (source, version) == usual:
        return modules
    copy = passing_folder()
    for file in modules.glob("*/*.tf"):
        text = file.read_text(encoding="utf-8")
        if file.name == "versions.tf":
            for before, after in zip(usual, (source, version), strict=True):
                text = text.replace(f'"{before}"', f'"{after}"')
        target = copy / file.relative_to(modules)
        target.parent.mkdir(exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")
    return copy


def _files(folder: Path) -> list[Path]:
    return sorted(Path(top, name) for top, _, names in os.walk(folder) for name in names)


def passing_folder() -> Path:
    """Create a folder for files that the engine copies at synthesis. It is removed when the process ends."""
    folder = Path(tempfile.mkdtemp(prefix="openai-constructs-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _content(folder: Path) -> str:
    """Return names and contents of the files, independent of the line endings of a checkout."""
    texts = {it.relative_to(folder).as_posix(): it.read_text(encoding="utf-8") for it in _files(folder)}
    return "".join(f"{name}\0{len(text)}\0{text}" for name, text in texts.items())
