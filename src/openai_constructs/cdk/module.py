"""The packaged Terraform module, as one asset a stack."""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

from openai_constructs.cdk.engine import cdk
from openai_constructs.cdk.scopes import ASSET_ID, NATIVE_VERSION, PUBLIC_SOURCE, PUBLIC_VERSION, Place
from openai_constructs.schema import NATIVE

__all__ = ["MODULES", "NATIVE_MODULES", "module_source", "passing_folder"]

MODULES: Final = Path(__file__).parent.parent / "terraform"
"""The folder of packaged modules."""

NATIVE_MODULES: Final = Path(__file__).parent.parent / "terraform_native"
"""The same for the native provider."""


def module_source(place: Place) -> str:
    """Where a stack holds the module ``chat_completion``, relative to the stack's own folder.

    The engine copies the asset beside the JSON, so the stack's folder applies on any machine.
    """
    memory = place.memory
    if memory.module_source is None:
        memory.provider_settled = True
        folder = _folder(memory.provider_source, memory.provider_version)
        asset = cdk.TerraformAsset(
            place.stack,
            ASSET_ID,
            path=str(folder),
            type=cdk.AssetType.DIRECTORY,
            asset_hash=_digest(folder),
        )
        memory.module_source = f"./{asset.path.rstrip('/')}/chat_completion"
    return memory.module_source


def _folder(source: str, version: str) -> Path:
    """The packaged modules; or a copy of them, gone when the process ends.

    A copy is needed where the modules have to require another provider, or where something lies beside them
    (the leftovers of a `terraform init`, say): the engine copies a folder whole.
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
    """A folder for what the engine copies at synthesis; gone when the process ends."""
    folder = Path(tempfile.mkdtemp(prefix="openai-constructs-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _digest(folder: Path) -> str:
    """A digest of names and contents, the same on every machine whatever the line ends of its checkout."""
    digest = hashlib.sha256()
    for file in _files(folder):
        content = file.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{file.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:32]
