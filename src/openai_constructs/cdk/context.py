"""The context in which a construct is created: its id, names and addresses, and its arguments' problems."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from constructs import Construct, IConstruct

from openai_constructs.cdk.scopes import Scope, scope_of
from openai_constructs.values.checks import Checks

__all__ = ["ASSET_ID", "HASHES_ID", "IDENTIFIER", "ConstructContext", "file_id"]

ASSET_ID: Final = "openai_constructs"
"""Id of the asset with the packaged module; each stack with a chat has one."""

HASHES_ID: Final = "openai_chat_completion_request"
"""Id of the element with the request hashes; each stack with a stored completion may have one."""

IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
"""Valid Terraform names."""

_IDENTIFIER_FIX: Final = (
    "Use letters, digits, underscores and hyphens, without a digit first: it becomes a Terraform name."
)
_PLAIN_PATH: Final = re.compile(r"[A-Za-z0-9_./ -]+")
_CLASH_FIX: Final = "Give one of the two another name."


def file_id(id_: str) -> str:
    """Return the id of the file with the chats of a fleet. The file is a sibling of the fleet."""
    return f"{id_}-chats"


class ConstructContext:
    """The scope and id of a new construct, and the problems of its arguments so far.

    Attributes:
        parent: Scope of the new construct.
        scope: What this library knows about that scope.
        state: State of the stack.
        id: Id of the new construct.
        checks: Collector of the problems.
    """

    def __init__(self, parent: Construct, id_: str) -> None:
        """Check scope and id.

        Raises:
            InvalidInputError: If the scope cannot hold the construct at all.
        """
        self.parent, self.id = parent, id_
        self.scope: Scope = scope_of(parent, id_)
        self.state = self.scope.state
        self.checks = Checks()
        self._claimed: set[str] = set()
        if not isinstance(id_, str) or not (self.scope.path or IDENTIFIER.fullmatch(id_)):
            self.checks.refuse("id", id_, "a Terraform identifier", _IDENTIFIER_FIX)
        elif self.path[:1].isdigit() or self.path[:1] == "-":
            first = self.path.partition("/")[0]
            allowed = "a construct whose path in the stack begins with a letter or underscore"
            self.checks.refuse("scope", first, allowed, "Rename it: Terraform names begin with the path.")
        elif self._is_taken():
            self.checks.refuse("id", id_, "unique in its scope", _CLASH_FIX)
        elif self.is_at_top and id_ in (ASSET_ID, HASHES_ID):
            self.checks.refuse("id", id_, "another id: the library uses this one itself", _CLASH_FIX)

    @property
    def path(self) -> str:
        """The construct's path in its stack."""
        return self.scope.path + str(self.id).replace("/", "--")

    @property
    def is_at_top(self) -> bool:
        """Whether the scope is the stack, so that the id is the Terraform name."""
        return not self.scope.path

    @property
    def name(self) -> str | None:
        """The Terraform name reserved for the construct; ``None`` lets the engine choose."""
        return self.scope.names.get(self.id)

    @property
    def unique_name(self) -> str:
        """A Terraform name that is unique in the stack: the id, or derived from the path."""
        if self.is_at_top:
            return self.id
        words = [re.sub(r"[^A-Za-z0-9_-]", "", part) for part in self.path.split("/")]
        name = "_".join([*filter(None, words), self._path_digest])
        return name if IDENTIFIER.fullmatch(name) else f"_{name}"

    @property
    def idempotency_key(self) -> str:
        """A key that is the same in every run and unique in the app."""
        key = self.path
        if not _PLAIN_PATH.fullmatch(key):
            key = f"{re.sub(r'[^A-Za-z0-9_-]', '', self.id)}_{self._path_digest}"
        return f"{self.state.path.replace('/', '-')}/{key}"

    @property
    def _path_digest(self) -> str:
        from hashlib import sha256  # the scope of most constructs is the stack, which needs no digest

        return sha256(self.path.encode(errors="surrogatepass")).hexdigest()[:8]

    def exists(self, path: str) -> bool:
        """Whether the stack has a construct with this path. Calls the engine once per step of the path."""
        construct: IConstruct | None = self.scope.stack
        for id_ in path.split("/"):
            construct = None if construct is None else construct.node.try_find_child(id_)
        return construct is not None

    def claim(self, argument: str, kind: str, name: str | None = None) -> None:
        """Claim the Terraform address ``kind.name`` for the construct, and note a problem if it is taken.

        The default name is the id. Below the top of the stack the engine generates unique names.
        """
        if not isinstance(self.id, str):
            return  # already reported
        if name is None and (not self.is_at_top or self.id in self.scope.ids):
            return
        if name is not None and (not isinstance(name, str) or not IDENTIFIER.fullmatch(name)):
            self.checks.refuse(argument, name, "a Terraform identifier", _IDENTIFIER_FIX)
        address = f"{kind}.{self.id if name is None else name}"
        owner = self.state.addresses.get(address)
        if owner is not None and self.exists(owner):
            self.checks.refuse(argument, address, "an address that is free in the stack", _CLASH_FIX)
        self._claimed.add(address)

    @contextmanager
    def raise_or_create(self) -> Iterator[None]:
        """Raise the problems found so far; without any, run the body, which creates the construct.

        Raises:
            InvalidInputError: If there is a problem, or if the engine reports that the id is taken.
        """
        self._raise()
        try:
            yield
        except RuntimeError as error:  # jsii raises this for all errors of the engine
            id_ = self.id.replace("/", "--")
            ids = (id_, ASSET_ID, HASHES_ID, file_id(id_))
            taken = [it for it in ids if f"already a Construct with name '{it}'" in str(error)]
            if not taken:
                raise
            if taken[0] == HASHES_ID:  # created after the construct itself
                self.parent.node.try_remove_child(id_)
            allowed = "unique in its scope" if taken[0] == id_ else "left to the library"
            self.checks.refuse("id", taken[0], allowed, _CLASH_FIX)
            self._raise()
        self.scope.ids.add(self.id)
        self.state.addresses |= dict.fromkeys(self._claimed, self.path)

    def as_scope(self, names: dict[str, str | None]) -> Scope:
        """Return the construct as a scope.

        Args:
            names: Terraform names reserved for its children, by id.
        """
        return Scope(self.scope.stack, self.state, f"{self.path}/", names)

    def _is_taken(self) -> bool:
        if self.id not in self.scope.ids:
            return False
        # A removed construct can be created again, so ask the engine, but only if there is a clash.
        if self.parent.node.try_find_child(self.id) is not None:
            return True
        self.scope.ids.discard(self.id)
        addresses = self.state.addresses
        for address in [address for address, owner in addresses.items() if owner == self.path]:
            del addresses[address]
        return False

    def _raise(self) -> None:
        if self.checks.problems:
            path = self.parent.node.path
            self.checks.raise_for(f"{path}/{self.id}" if path else str(self.id))
