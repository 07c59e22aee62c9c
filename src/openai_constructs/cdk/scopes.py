"""The place a construct is made in: its stack, its path, and what the constructs of a stack share.

Asking the engine takes a call to Node each time, so every scope is asked once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache, cached_property
from typing import Final
from weakref import WeakKeyDictionary

from constructs import Construct, IConstruct

from openai_constructs.cdk.engine import cdk, is_other_engine_loaded
from openai_constructs.schema import COMPAT, NATIVE, Edition, Limits
from openai_constructs.values.checks import Checks
from openai_constructs.values.tokens import is_token

__all__ = [
    "ASSET_ID",
    "HASHES_ID",
    "IDENTIFIER",
    "PUBLIC_SOURCE",
    "PUBLIC_VERSION",
    "Construction",
    "Place",
    "StackMemory",
    "file_id",
    "is_public",
]

PUBLIC_SOURCE: Final = "mkdev-me/openai"
"""The public provider; the one the packaged module names."""

_REGISTRIES: Final = ("registry.terraform.io", "registry.opentofu.org")

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
    address = str(source).lower()
    return address in (PUBLIC_SOURCE, *(f"{registry}/{PUBLIC_SOURCE}" for registry in _REGISTRIES))


def file_id(id_: str) -> str:
    """Id of the file with the chats of a fleet, which lies beside it in the tree."""
    return f"{id_}-chats"


class StackMemory:
    """What the constructs of one stack share.

    Attributes:
        provider_source: Source of the stack's provider ``openai``.
        provider_version: Version constraint of the same.
        aliases: Paths of the provider's configurations by alias; ``None`` is the default one.
        module_source: Where the stack holds the packaged module, once a chat needed it.
        hashes: Key and hash of each completion's request, where Python keeps them and there are any.
        addresses: Terraform addresses our constructs have at the top of the stack, with the path of each.
    """

    def __init__(self, stack: cdk.TerraformStack) -> None:
        self._stack = stack
        self.provider_source = PUBLIC_SOURCE
        self.provider_version = PUBLIC_VERSION
        self.aliases: dict[str | None, str] = {}
        self.module_source: str | None = None
        self.hashes: dict[Construct, tuple[str, str]] | None = None
        self.addresses: dict[str, str] = {}

    @cached_property
    def path(self) -> str:
        """Path of the stack in its app."""
        return self._stack.node.path

    @property
    def edition(self) -> Edition:
        """What the stack's provider takes: the native one's own, or what the public one does."""
        return NATIVE if self.provider_source == NATIVE.source else COMPAT

    @property
    def is_public(self) -> bool:
        """Whether the stack's provider is the public one."""
        return is_public(self.provider_source)


class Place:
    """A scope, as it was found.

    Attributes:
        stack: The stack it belongs to.
        path: Its path inside the stack, with a closing slash; empty for the stack itself.
        memory: What the stack's constructs share.
        names: Terraform names that what is made in it is to have, by id.
        ids: Ids our constructs have in this scope.
        files: Ids of the files of fleets.
    """

    def __init__(
        self, stack: cdk.TerraformStack, path: str, memory: StackMemory, names: Mapping[str, str | None]
    ) -> None:
        self.stack, self.path, self.memory, self.names = stack, path, memory, names
        self.ids: set[str] = set()
        self.files: set[str] = set()


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
        addresses = self.place.memory.addresses
        for address in [it for it, owner in addresses.items() if owner == self.path]:
            del addresses[address]
        return False

    @property
    def key(self) -> str:
        """A name for the construct that is unique in its stack: its path, where that is plain."""
        path = self.path
        if _PLAIN_PATH.fullmatch(path):
            return path
        from hashlib import sha256  # few paths are not plain

        digest = sha256(path.encode(errors="surrogatepass")).hexdigest()
        return f"{re.sub(r'[^A-Za-z0-9_-]', '', self.id)}_{digest[:8]}"

    @property
    def path(self) -> str:
        """The construct's path inside its stack."""
        return self.place.path + str(self.id).replace("/", "--")

    def is_there(self, path: str) -> bool:
        """Whether there is a construct in the stack under this path. The engine is asked, once a step."""
        found: IConstruct | None = self.place.stack
        for id_ in path.split("/"):
            found = None if found is None else found.node.try_find_child(id_)
        return found is not None

    @property
    def idempotency_key(self) -> str:
        """The same in every run, and another one for every construct of the app."""
        return f"{self.place.memory.path.replace('/', '-')}/{self.key}"

    @property
    def name(self) -> str | None:
        """The Terraform name it is to have; ``None`` where the engine makes it up."""
        return self.place.names.get(self.id)

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
        if name is not None and (not isinstance(name, str) or not IDENTIFIER.fullmatch(name)):
            self.checks.refuse(argument, name, "a Terraform identifier", _IDENTIFIER_FIX)
        address = f"{kind}.{self.id if name is None else name}"
        owner = self.place.memory.addresses.get(address)
        if owner is not None and self.is_there(owner):
            self.checks.refuse(argument, address, "an address that is free in the stack", _CLASH_FIX)
        self._claimed.add(address)

    def check_provider(self, provider: object) -> None:
        """Note a provider that is none."""
        if provider is not None and not isinstance(provider, cdk.TerraformProvider):
            self.checks.refuse("provider", provider, "an OpenaiProvider", "Give the construct itself.")

    def check_dependencies(self, depends_on: object) -> None:
        """Note what nothing can depend on, and the engine would pass over."""
        if depends_on is None:
            return
        for index, it in enumerate(self.checks.sequence("depends_on", depends_on, Limits(), "constructs")):
            # Of the class: the engine would be asked for that of an object.
            if not hasattr(type(it), "fqn") and (isinstance(it, Construct) or not is_token(it)):
                allowed = "a resource, a data source or a module call"
                fix = "Give what is in the construct; of a lookup, its data_completion."
                self.checks.refuse(f"depends_on[{index}]", it, allowed, fix)

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
            id_ = self.id.replace("/", "--")
            names = (id_, ASSET_ID, HASHES_ID, file_id(id_))
            taken = [it for it in names if f"already a Construct with name '{it}'" in str(error)]
            if not taken:
                raise
            if taken[0] == HASHES_ID:  # found when the construct itself was made
                self.scope.node.try_remove_child(id_)
            allowed = "unique in its scope" if taken[0] == id_ else "left to the library"
            self.checks.refuse("id", taken[0], allowed, _CLASH_FIX)
            self._raise()
        self.place.ids.add(self.id)
        self.place.memory.addresses |= dict.fromkeys(self._claimed, self.path)

    def _raise(self) -> None:
        if self.checks.problems:
            path = self.scope.node.path if isinstance(self.scope, Construct) else ""
            self.checks.raise_for(f"{path}/{self.id}" if path else str(self.id))

    def hold(self, construct: Construct, names: Mapping[str, str | None]) -> None:
        """Note that the construct is a scope itself, so that the engine need not be asked for its place.

        Args:
            construct: The construct.
            names: Terraform names that what is made in it is to have, by id; ``None`` is no special one.
        """
        place = self.place
        _places[construct] = Place(place.stack, f"{self.path}/", place.memory, names)

    def _look(self) -> Place:
        scope = self.scope
        if not isinstance(scope, Construct):
            fix = "Give the stack, or a construct in it: usually self."
            self.checks.refuse("scope", scope, "a construct", fix)
            self._raise()
        if is_other_engine_loaded() and not isinstance(root := scope.node.root, cdk.App):
            fix = "Build the app with it, or set OPENAI_CONSTRUCTS_ENGINE to the app's before importing."
            self.checks.refuse("scope", root, f"in an app of {cdk.__name__}, the engine in use", fix)
            self._raise()
        if isinstance(scope, cdk.TerraformStack):
            return self._remember(scope, "")
        stack = self._stack()
        path = scope.node.path.removeprefix(_memory(stack).path).lstrip("/")
        return self._remember(stack, f"{path}/")

    def _remember(self, stack: cdk.TerraformStack, path: str) -> Place:
        place = _places[self.scope] = Place(stack, path, _memory(stack), names={})
        return place

    def _stack(self) -> cdk.TerraformStack:
        try:
            return cdk.TerraformStack.of(self.scope)
        except RuntimeError:  # what jsii makes of every error of the engine
            allowed, fix = "a stack, or a construct in one", "Put it into a TerraformStack."
            self.checks.refuse("scope", self.scope, allowed, fix)
            self._raise()
            raise


def _memory(stack: cdk.TerraformStack) -> StackMemory:
    memory = _memories.get(stack)
    if memory is None:
        memory = _memories[stack] = StackMemory(stack)
    return memory
