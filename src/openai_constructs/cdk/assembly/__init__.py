"""Our own part of the engine's side of jsii: what would be asked of Python, with a round trip, each time.

A library of jsii is a package of JavaScript with a description of its types. This one is small enough to be
packed when it is first needed; jsii loads it as it loads any provider's bindings.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import mkstemp
from typing import Any, Final

import jsii
from jsii.errors import JSIIError

from openai_constructs.cdk.engine import cdk

__all__ = ["NAME", "is_loaded", "keeping"]

NAME: Final = "openai-constructs"
_VERSION: Final = "1.0.0"
_CONFIGS: Final = {
    "TerraformProvider": "TerraformProviderConfig",
    "TerraformResource": "TerraformResourceConfig",
    "TerraformDataSource": "TerraformResourceConfig",
    "TerraformHclModule": "TerraformHclModuleConfig",
}
"""The engine's classes that there is one of ours for, and the struct that each is made with."""


def keeping(kind: type) -> Any:
    """Our class for a class of the engine: given its arguments, and what else there is to tell, as a text.

    ``None`` where there is none, or where this jsii cannot load it.
    """
    return _kept().get(kind) if is_loaded() else None


@cache
def is_loaded() -> bool:
    """Whether the package is there; it is loaded when this is first asked."""
    try:
        handle, path = mkstemp(prefix="openai-constructs-", suffix=".tar")
        try:
            with os.fdopen(handle, "wb") as package:
                package.write(_package())
            jsii.load(NAME, _VERSION, path)
        finally:
            Path(path).unlink()
    except (OSError, RuntimeError, JSIIError):
        return False
    return True


@cache
def _kept() -> Mapping[type, Any]:
    return {kind: _class_of_ours(kind) for kind in (getattr(cdk, name) for name in _CONFIGS)}


def _class_of_ours(kind: Any) -> Any:
    metaclass: Any = type(kind)
    return metaclass(kind.__name__, (kind,), {}, jsii_type=f"{NAME}.{kind.__name__}")


def _package() -> bytes:
    """The package as an archive; always the same bytes, because jsii caches it by their digest."""
    import tarfile

    files = {
        "package.json": json.dumps(_npm_package()),
        ".jsii": json.dumps(_description()),
        "index.js": Path(__file__).with_name("index.js").read_text(encoding="utf-8"),
    }
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, text in files.items():
            content = text.encode()
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def _npm_package() -> dict[str, Any]:
    return {
        "name": NAME,
        "version": _VERSION,
        "main": "index.js",
        "jsii": {"outdir": "dist"},
        "dependencies": {cdk.__name__: "*"},
    }


def _description() -> dict[str, Any]:
    """What jsii has to know of the types. Only what is called from Python: all else is the engine's."""
    blocks = [_block(name, config) for name, config in _CONFIGS.items()]
    types = [*blocks, _request_hashes(), _modules(), _expression()]
    return {
        "schema": "jsii/0.10.0",
        "name": NAME,
        "version": _VERSION,
        "jsiiVersion": jsii.__jsii_runtime_version__,
        "fingerprint": _VERSION,
        "description": "The engine's side of openai-constructs",
        "license": "Apache-2.0",
        "homepage": "https://pypi.org/project/openai-constructs",
        "repository": {"type": "git", "url": "https://pypi.org/project/openai-constructs"},
        "author": {"name": "openai-constructs", "roles": ["author"]},
        "dependencies": {cdk.__name__: "*", "constructs": "*"},
        "targets": {"js": {"npm": NAME}},
        "types": {it["fqn"]: it for it in types},
    }


_TEXT: Final = {"primitive": "string"}
_CONSTRUCT: Final = {"fqn": "constructs.Construct"}


def _block(name: str, config: str) -> dict[str, Any]:
    engine = cdk.__name__
    given = {"scope": _CONSTRUCT, "id": _TEXT, "config": {"fqn": f"{engine}.{config}"}, "text": _TEXT}
    return _class(name, base=f"{engine}.{name}", initializer={"parameters": _parameters(given)})


def _request_hashes() -> dict[str, Any]:
    given = {"block": _CONSTRUCT, "id": _TEXT, "key": _TEXT, "request": _TEXT, "tokens": _TEXT}
    base = f"{cdk.__name__}.TerraformElement"
    return _class("RequestHashes", base=base, methods=[_static("keep", given)])


def _modules() -> dict[str, Any]:
    given = {"stack": _CONSTRUCT, "id": _TEXT, "folder": _TEXT, "content": _TEXT}
    return _class("Modules", methods=[_static("add", given, _TEXT)])


def _expression() -> dict[str, Any]:
    parts = {"parts": {"collection": {"kind": "array", "elementtype": {"primitive": "any"}}}}
    made = {"asText": _TEXT, "asNumber": {"primitive": "number"}}
    return _class(
        "Expression",
        initializer={"parameters": _parameters(parts)},
        interfaces=[f"{cdk.__name__}.IResolvable"],
        methods=[_static(name, parts, kind) for name, kind in made.items()],
    )


def _class(name: str, **members: Any) -> dict[str, Any]:
    return {"kind": "class", "assembly": NAME, "fqn": f"{NAME}.{name}", "name": name, **members}


def _static(name: str, given: Mapping[str, Any], returned: Mapping[str, Any] | None = None) -> dict[str, Any]:
    method = {"name": name, "static": True, "parameters": _parameters(given)}
    return method if returned is None else {**method, "returns": {"type": returned}}


def _parameters(given: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"name": name, "type": kind} for name, kind in given.items()]
