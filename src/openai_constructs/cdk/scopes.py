"""The place a construct is made in: its stack, its path, and what the constructs of a stack share.

Asking the engine takes a call to Node each time, so every scope is asked once.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Final
from weakref import WeakKeyDictionary

from constructs import Construct, IConstruct

from openai_constructs.cdk.engine import cdk
from openai_constructs.schema import COMPAT, NATIVE, Edition
from openai_constructs.values.checks import Checks

__all__ = [
    "ASSET_ID",
    "HASHES_ID",
    "IDENTIFIER",
    "PUBLIC_SOURCE",
    "PUBLIC_VERSION",
    "Construction",
    "Place",
    "StackMemory",
    "is_public",
]

PUBLIC_SOURCE: Final = "mkdev-me/openai"
"""The public provider; the one the packaged module names."""

NATIVE_VERSION: Final = ">= 0.1.0"
"""The releases of the native provider that will do."""

PUBLIC_VERSION: Final = ">= 1.1.0, < 2.0.0"
"""The releases of it that can create a completion and know every argument."""

ASSET_ID: Final = "openai_constructs"
"""Id of the asset with the packaged module, in each stack that needs it."""

HASHES_ID: Final = "openai_chat_completion_request"
"""Id of the ``terraform_data`` with the request hashes, in each stack that needs it."""

IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
"""What Terraform takes as a name."""

_IDENTIFIER_FIX: Final = (
    "Use letters, digits, underscores and hyphens, not a digit first: it becomes a Terraform name."
)
_PLAIN_PATH: Final = re.compile(r"[A-Za-z0-9_./ -]+")
_CLASH_FIX: Final = "Give one of the two another name."


@cache
def is_public(source: str) -> bool:
    """Whether a source address is that of the public provider, however it is written."""
    return re.sub(r"^registry\.(terraform\.io|opentofu\.org)/", "", str(source).lower()) == PUBLIC_SOURCE


@dataclass(slots=True)
class StackMemory:
    """What the constructs of one stack share.

    Attributes:
        provider_source: Source of the stack's provider ``openai``.
        provider_version: Version constraint of the same.
        provider_settled: Whether something in the stack relies on these two.
        aliases: Aliases of the provider's configurations; ``None`` is the default one.
        module_source: Where the stack holds the packaged module, once a chat needed it.
        hashes: Request hash of each stored completion that is replaced on change, by key.
        addresses: Terraform addresses our constructs have at the top of the stack.
        stack_name: Name of the stack.
    """

    provider_source: str = PUBLIC_SOURCE
    provider_version: str = PUBLIC_VERSION
    provider_settled: bool = False
    aliases: set[str | None] = field(default_factory=set)
    module_source: str | None = None
    hashes: dict[str, str] | None = None
    addresses: set[str] = field(default_factory=set)
    stack_name: str = ""

    @property
    def edition(self) -> Edition:
        """What the stack's provider takes: the native one's own, or what the public one does."""
        return NATIVE if self.provider_source == NATIVE.source else COMPAT

    @property
    def is_public(self) -> bool:
        """Whether the stack's provider is the public one."""
        return is_public(self.provider_source)


@dataclass(frozen=True, slots=True)
class Place:
    """A scope, as it was found.

    Attributes:
        stack: The stack it belongs to.
        path: Its path inside the stack, with a closing slash; empty for the stack itself.
        memory: What the stack's constructs share.
        ids: Ids our constructs have in this scope.
    """

    stack: cdk.TerraformStack
    path: str
    memory: StackMemory
    ids: set[str] = field(default_factory=set)


_places: WeakKeyDictionary[IConstruct, Place] = WeakKeyDictionary()
_memories: WeakKeyDictionary[IConstruct, StackMemory] = WeakKeyDictionary()


class Construction:
    """One construct being made: where, under which id, and what is wrong with its arguments so far.

    Attributes:
        scope: Where it is made.
        id: The id it is to have.
        checks: Takes the problems.
        place: What is known of the scope.
    """

    def __init__(self, scope: Construct, id_: str) -> None:
        """Look at the scope.

        Raises:
            InvalidInputError: At once, when nothing can be made in this scope.
        """
        self.scope, self.id = scope, id_
        self.checks = Checks()
        self._claimed: set[str] = set()
        self._is_made_anew = False
        place = _places.get(scope) if isinstance(scope, Construct) else None
        self.place = place or self._look()
        if not isinstance(id_, str) or not (self.place.path or IDENTIFIER.fullmatch(id_)):
            self.checks.refuse("id", id_, "a Terraform identifier", _IDENTIFIER_FIX)
        elif self._is_taken():
            self.checks.refuse("id", id_, "unique in its scope", _CLASH_FIX)
        elif self.at_top and id_ in (ASSET_ID, HASHES_ID):
            self.checks.refuse("id", id_, "another id: this one is the library's own", _CLASH_FIX)

    def _is_taken(self) -> bool:
        if self.id not in self.place.ids:
            return False
        # What was removed from the tree can be made anew; only a clash is worth the question to the engine.
        if self.scope.node.try_find_child(self.id) is not None:
            return True
        self.place.ids.discard(self.id)
        self._is_made_anew = True
        return False

    @property
    def key(self) -> str:
        """A name for the construct that is unique in its stack: its path, where that is plain."""
        path = self.place.path + str(self.id).replace("/", "--")
        if _PLAIN_PATH.fullmatch(path):
            return path
        digest = hashlib.sha256(path.encode()).hexdigest()
        return f"{re.sub(r'[^A-Za-z0-9_-]', '', self.id)}_{digest[:8]}"

    @property
    def idempotency_key(self) -> str:
        """The same in every run, and another one for every construct of the app."""
        return f"{self.place.memory.stack_name}/{self.key}"

    @property
    def at_top(self) -> bool:
        """Whether it is made in the stack itself, so that its id is its Terraform name."""
        return not self.place.path

    def claim(self, argument: str, kind: str, name: str | None = None) -> None:
        """Note that the construct will have a Terraform address, ``kind.name``, that no other may have.

        Without a name it is the id; deeper in the stack the engine makes the names up itself, and unique.
        """
        if name is None and (not self.at_top or self.id in self.place.ids):
            return
        if self._is_made_anew:
            self.place.memory.addresses.discard(f"{kind}.{self.id if name is None else name}")
        if name is not None and (not isinstance(name, str) or not IDENTIFIER.fullmatch(name)):
            self.checks.refuse(argument, name, "a Terraform identifier", _IDENTIFIER_FIX)
        address = f"{kind}.{self.id if name is None else name}"
        if address in self.place.memory.addresses:
            self.checks.refuse(argument, address, "an address that is free in the stack", _CLASH_FIX)
        self._claimed.add(address)

    def check_provider(self, provider: object) -> None:
        """Note a provider that is none."""
        if provider is not None and not isinstance(provider, cdk.TerraformProvider):
            self.checks.refuse("provider", provider, "an OpenaiProvider", "Give the construct itself.")

    @contextmanager
    def creating(self) -> Iterator[None]:
        """Raise what was found; then let the engine make the construct, and explain it if the id is taken.

        Raises:
            InvalidInputError: When there is any problem.
        """
        self._raise()
        try:
            yield
        except RuntimeError as error:  # what jsii makes of every error of the engine
            if "already a Construct with name" not in str(error):
                raise
            self.checks.refuse("id", self.id, "unique in its scope", _CLASH_FIX)
            self._raise()
        self.place.ids.add(self.id)
        self.place.memory.addresses |= self._claimed

    def _raise(self) -> None:
        if self.checks.problems:
            path = self.scope.node.path if isinstance(self.scope, Construct) else ""
            self.checks.raise_for(f"{path}/{self.id}" if path else str(self.id))

    def _look(self) -> Place:
        scope = self.scope
        if not isinstance(scope, Construct):
            fix = "Give the stack, or a construct in it: usually self."
            self.checks.refuse("scope", scope, "a construct", fix)
        elif not isinstance(scope.node.root, cdk.App):
            fix = "Build the app with it, or set OPENAI_CONSTRUCTS_ENGINE to the app's before importing."
            allowed = f"in an app of {cdk.__name__}, the engine in use"
            self.checks.refuse("scope", scope.node.root, allowed, fix)
        elif not any(cdk.TerraformStack.is_stack(it) for it in scope.node.scopes):
            self.checks.refuse(
                "scope", scope, "a stack, or a construct in one", "Put it into a TerraformStack."
            )
        self._raise()
        stack = cdk.TerraformStack.of(scope)
        memory = _memories.setdefault(stack, StackMemory())
        path_of_stack = stack.node.path
        memory.stack_name = path_of_stack.replace("/", "-")
        path = scope.node.path.removeprefix(path_of_stack).lstrip("/")
        place = _places[scope] = Place(stack, f"{path}/" if path else "", memory)
        return place
