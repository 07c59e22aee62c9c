"""Find the blocks of a stack's JSON by kind, and match them against a pattern."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from openai_constructs.testing.differences import Difference, Matcher, differences

__all__ = [
    "DATA",
    "MODULE",
    "OUTPUT",
    "PROVIDER",
    "RESOURCE",
    "VARIABLE",
    "Block",
    "Kind",
    "Near",
    "blocks",
    "nearest",
]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of block.

    Attributes:
        key: Key in the JSON.
        noun: Singular, for messages.
        plural: Plural, for messages.
        prefix: Prefix of addresses.
        has_type: Whether blocks have a type before their name.
    """

    key: str
    noun: str
    plural: str
    prefix: str
    has_type: bool = False


RESOURCE: Final = Kind("resource", "resource", "resources", "", has_type=True)
DATA: Final = Kind("data", "data source", "data sources", "data.", has_type=True)
PROVIDER: Final = Kind("provider", "provider", "providers", "provider.", has_type=True)
MODULE: Final = Kind("module", "module", "modules", "module.")
OUTPUT: Final = Kind("output", "output", "outputs", "output.")
VARIABLE: Final = Kind("variable", "variable", "variables", "var.")


@dataclass(frozen=True, slots=True)
class Block:
    """A block.

    Attributes:
        kind: Kind of the block.
        type: Type; "" if the kind has none.
        name: Name; for a provider, its alias or "default".
        body: Arguments.
        path: Path of the construct that created the block, if the JSON has it.
    """

    kind: Kind
    type: str
    name: str
    body: dict[str, Any]
    path: str | None = None

    @property
    def address(self) -> str:
        """Terraform address."""
        return self.kind.prefix + ".".join(it for it in (self.type, self.name) if it)

    def __str__(self) -> str:
        return f"{self.address} ({self.path})" if self.path else self.address

    def is_named(self, wanted: str | Matcher | None) -> bool:
        """Return whether the expected name is the block's name or its construct's path below the stack."""
        if wanted is None or wanted == self.name:
            return True
        return self.path is not None and wanted == self.path.partition("/")[2]


def blocks(kind: Kind, configuration: Mapping[str, Any]) -> Iterator[Block]:
    """Yield the blocks of a kind in the order of the JSON."""
    labelled: Mapping[str, Any] = configuration.get(kind.key, {})
    if kind is PROVIDER:
        for type_, bodies in labelled.items():
            for body in bodies if isinstance(bodies, list) else [bodies]:
                yield _block(kind, type_, body.get("alias", "default"), body)
    elif kind.has_type:
        for type_, named in labelled.items():
            yield from (_block(kind, type_, name, body) for name, body in named.items())
    else:
        yield from (_block(kind, "", name, body) for name, body in labelled.items())


def _block(kind: Kind, type_: str, name: str, body: Mapping[str, Any]) -> Block:
    """Return a block without the engine's comment, which Terraform ignores."""
    path = body.get("//", {}).get("metadata", {}).get("path")
    return Block(kind, type_, name, {key: it for key, it in body.items() if key != "//"}, path)


@dataclass(frozen=True, slots=True)
class Near:
    """A block and its differences from the pattern."""

    block: Block
    differences: tuple[Difference, ...]


def nearest(candidates: list[Block], arguments: Any, *, exact: bool) -> list[Near]:
    """Return the candidates, fewest differences first. A candidate without differences matches."""
    compared = [Near(it, tuple(differences(arguments, it.body, exact=exact))) for it in candidates]
    return sorted(compared, key=lambda it: len(it.differences))
