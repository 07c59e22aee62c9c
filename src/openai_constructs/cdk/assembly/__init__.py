"""Our own part of the engine's side of jsii: blocks that are given their arguments once, as one text.

A library of jsii is a package of JavaScript with a description of its types. This one is small enough to be
packed when it is first needed; jsii loads it as it loads any provider's bindings.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import jsii
from jsii.errors import JSIIError

from openai_constructs.cdk.engine import cdk

__all__ = ["keeping"]

_NAME: Final = "openai-constructs"
_VERSION: Final = "1.0.0"
_CONFIGS: Final = {
    "TerraformResource": "TerraformResourceConfig",
    "TerraformDataSource": "TerraformResourceConfig",
    "TerraformHclModule": "TerraformHclModuleConfig",
}
"""The engine's classes that there is one of ours for, and the struct that each is made with."""


def keeping(kind: type) -> Any:
    """Our class for a class of the engine: made with its arguments as a text, and warnings, besides.

    ``None`` where there is none, or where this jsii cannot load it.
    """
    return _classes().get(kind)


@cache
def _classes() -> Mapping[type, Any]:
    try:
        with TemporaryDirectory(prefix="openai-constructs-") as folder:
            package = Path(folder, "assembly.tgz")
            package.write_bytes(_package())
            jsii.load(_NAME, _VERSION, str(package))
    except (OSError, RuntimeError, JSIIError):
        return {}
    return {kind: _class_of_ours(kind) for kind in (getattr(cdk, name) for name in _CONFIGS)}


def _class_of_ours(kind: Any) -> Any:
    metaclass: Any = type(kind)
    return metaclass(kind.__name__, (kind,), {}, jsii_type=f"{_NAME}.{kind.__name__}")


def _package() -> bytes:
    """The package as npm packs it; always the same bytes, because jsii caches it by their digest."""
    import gzip
    import tarfile

    files = {
        "package.json": json.dumps(_npm_package()),
        ".jsii": json.dumps(_description()),
        "index.js": Path(__file__).with_name("index.js").read_text(encoding="utf-8"),
    }
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", filename="", mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w") as archive,
    ):
        for name, text in files.items():
            content = text.encode()
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def _npm_package() -> dict[str, Any]:
    return {
        "name": _NAME,
        "version": _VERSION,
        "main": "index.js",
        "jsii": {"outdir": "dist"},
        "dependencies": {cdk.__name__: "*"},
    }


def _description() -> dict[str, Any]:
    """What jsii has to know of the types. Only names and constructors: all else is the engine's."""
    return {
        "schema": "jsii/0.10.0",
        "name": _NAME,
        "version": _VERSION,
        "jsiiVersion": jsii.__jsii_runtime_version__,
        "fingerprint": _VERSION,
        "description": "Blocks of Terraform that keep their arguments",
        "license": "Apache-2.0",
        "homepage": "https://pypi.org/project/openai-constructs",
        "repository": {"type": "git", "url": "https://pypi.org/project/openai-constructs"},
        "author": {"name": "openai-constructs", "roles": ["author"]},
        "dependencies": {cdk.__name__: "*", "constructs": "*"},
        "targets": {"js": {"npm": _NAME}},
        "types": {f"{_NAME}.{name}": _class(name, config) for name, config in _CONFIGS.items()},
    }


def _class(name: str, config: str) -> dict[str, Any]:
    engine = cdk.__name__
    text = {"primitive": "string"}
    parameters = {
        "scope": {"fqn": "constructs.Construct"},
        "id": text,
        "config": {"fqn": f"{engine}.{config}"},
        "text": text,
        "warnings": {"collection": {"kind": "array", "elementtype": text}},
    }
    return {
        "kind": "class",
        "assembly": _NAME,
        "fqn": f"{_NAME}.{name}",
        "name": name,
        "base": f"{engine}.{name}",
        "initializer": {"parameters": [{"name": it, "type": kind} for it, kind in parameters.items()]},
    }
