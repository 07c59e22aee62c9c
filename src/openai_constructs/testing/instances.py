"""The instances of blocks with ``for_each`` or ``count``, each with its own values in its arguments."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from openai_constructs.testing.blocks import Block
from openai_constructs.testing.text import Reference, Text, read_text, read_tree

__all__ = ["Instance", "files_of", "instances"]

_FILE: Final = re.compile(r'\$\{jsondecode\(file\("\$\{path\.module\}/([^"]+)"\)\)\}')
_SET: Final = re.compile(r"\$\{toset\((\[.*\])\)\}", re.DOTALL)
_VALUE: Final = re.compile(
    r"\$\{(?:try\()?each\.value(?:\.([\w-]+)|\[\"((?:[^\"\\]|\\.)*)\"\])?(?:, ?null\))?\}"
    r"|\$\{lookup\(each\.value, ?\"([\w-]+)\", ?null\)\}"
)
_WITHOUT_KEY: Final = object()


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance of a block, or the block itself if it has neither ``for_each`` nor ``count``.

    Attributes:
        block: The block.
        suffix: Suffix of the address after the block's: ``["install"]``, ``[0]`` or nothing.
        body: Parsed arguments, without escapes and with the instance's values of ``each`` and ``count``.
    """

    block: Block
    suffix: str
    body: dict[str, Any]

    @property
    def address(self) -> str:
        """Terraform address."""
        return self.block.address + self.suffix

    @property
    def names(self) -> frozenset[str]:
        """Names for use in tests: address, name and path, each with the key."""
        name, path = self.block.name, (self.block.path or "").partition("/")[2]
        return frozenset(it + self.suffix for it in (self.block.address, name, path) if it)

    def __str__(self) -> str:
        return f"{self.address} ({self.block.path})" if self.block.path else self.address


def files_of(configuration: Mapping[str, Any]) -> Iterator[str]:
    """Return the files from which blocks take their instances, by path in the stack's folder."""
    for body in configuration.get("module", {}).values():
        if isinstance(each := body.get("for_each"), str) and (found := _FILE.fullmatch(each)):
            yield found[1]


def instances(block: Block, files: Mapping[str, Any]) -> Iterator[Instance]:
    """Return the instances of a block; one without a key if only Terraform knows them.

    Args:
        block: The block.
        files: The parsed files of the stack, by path.
    """
    body = read_tree({key: it for key, it in block.body.items() if key not in ("for_each", "count")})
    for key, value in _keys(block.body, files):
        if key is _WITHOUT_KEY:
            yield Instance(block, "", body)
        else:
            yield Instance(block, _suffix(key), _filled(body, key, value))


def _keys(body: Mapping[str, Any], files: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """Return the keys of a block's instances with their values."""
    match body.get("for_each"), body.get("count"):
        case dict() as each, _:
            return [(read_text(key), read_tree(it)) for key, it in each.items()]
        case str() as each, _ if (found := _FILE.fullmatch(each)) and found[1] in files:
            return [(_normalized(key), _normalized(it)) for key, it in files[found[1]].items()]
        case str() as each, _ if (found := _SET.fullmatch(each)) and "${" not in found[1]:
            return [(it, it) for it in sorted(json.loads(found[1]))]
        case None, int() as count:
            return [(number, None) for number in range(count)]
        case _:
            return [(_WITHOUT_KEY, None)]


def _suffix(key: Any) -> str:
    """Return a key in the syntax of Terraform addresses."""
    if isinstance(key, int):
        return f"[{key}]"
    quoted = json.dumps(str(key), ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
    return f"[{quoted}]"


def _filled(body: Any, key: Any, value: Any) -> Any:
    """Return the arguments of an instance."""
    match body:
        case Text():
            parts = [_part(it, key, value) if isinstance(it, Reference) else it for it in body.parts]
            if len(parts) == 1:
                return parts[0] if not isinstance(parts[0], Reference) else body
            made = Text(*(it if isinstance(it, str) else json.dumps(it) for it in parts))
            return made if made.references else str(made)
        case dict():
            filled = {_filled(name, key, value): _filled(it, key, value) for name, it in body.items()}
            return {name: it for name, it in filled.items() if it is not None}
        case list():
            return [_filled(it, key, value) for it in body]
        case _:
            return body


def _part(reference: Reference, key: Any, value: Any) -> Any:
    """Resolve a reference to an instance's own key or value; return any other reference unchanged."""
    if reference in ("${each.key}", "${count.index}"):
        return key
    found = _VALUE.fullmatch(reference)
    if found is None or isinstance(key, int):
        return reference
    name = found[1] or found[2] or found[3]
    if name is None:
        return value
    if not isinstance(value, dict):
        return reference
    return value.get(name)


def _normalized(value: Any) -> Any:
    """Return a value of a file in Unicode form NFC, as Terraform reads it; files have no escapes."""
    match value:
        case str():
            return unicodedata.normalize("NFC", value)
        case dict():
            return {_normalized(key): _normalized(it) for key, it in value.items()}
        case list():
            return [_normalized(it) for it in value]
        case _:
            return value
