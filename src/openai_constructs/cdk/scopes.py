"""Scopes of constructs: stack and path, and the state that the constructs of one stack share.

Each call of the engine is a round trip to Node. So these objects are cached as an attribute of the scope and
of the stack.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from constructs import Construct, IConstruct

from openai_constructs.cdk.engine import cdk, is_other_engine_loaded
from openai_constructs.cdk.requirements import PUBLIC_SOURCE, PUBLIC_VERSION, is_public
from openai_constructs.errors import InvalidInputError, Problem
from openai_constructs.schema import COMPAT, NATIVE, Edition
from openai_constructs.values.checks import shown
from openai_constructs.values.models import SHUTDOWN_WARNING_DAYS

__all__ = ["OWN_NAME", "Scope", "StackState", "register_scope", "scope_of"]

OWN_NAME: Final = "openai"
"""Terraform's default local name for the provider of ``openai_chat_completion``."""

_SCOPE: Final = "_openai_constructs_scope"
_STATE: Final = "_openai_constructs_state"


class StackState:
    """State that the constructs of one stack share; an attribute of the stack.

    Attributes:
        path: Path of the stack in its app.
        provider_source: Source address of the stack's provider.
        provider_version: Version constraint of the provider.
        local_name: Local name of the provider: the key of ``required_providers``.
        aliases: Paths of the provider's configurations by alias; ``None`` is the default configuration.
        module_source: Path of the packaged module, once a chat of the stack has needed it.
        request_hashes: Request hashes of stored completions, by the name of their ``terraform_data``.
        shutdown_warning_days: Days before a model's shutdown from which warnings begin; 0 for none.
        addresses: Paths of this library's constructs at the top of the stack, by Terraform address.
    """

    def __init__(self, stack: cdk.TerraformStack) -> None:
        self.path: str = stack.node.path
        self.provider_source = PUBLIC_SOURCE
        self.provider_version = PUBLIC_VERSION
        self.local_name = OWN_NAME
        self.aliases: dict[str | None, str] = {}
        self.module_source: str | None = None
        self.request_hashes: dict[IConstruct, tuple[str, str]] = {}
        self.shutdown_warning_days = SHUTDOWN_WARNING_DAYS
        self.addresses: dict[str, str] = {}

    @property
    def edition(self) -> Edition:
        """The table's edition for the stack's provider."""
        return NATIVE if self.provider_source == NATIVE.source else COMPAT

    @property
    def is_public(self) -> bool:
        """Whether the stack's provider is the public one."""
        return is_public(self.provider_source)


class Scope:
    """A scope with constructs of this library; an attribute of the scope's construct.

    Attributes:
        stack: The stack.
        state: State of the stack.
        path: Path of the scope in the stack, with a trailing slash; empty for the stack itself.
        names: Terraform names reserved for children, by id; ``None`` lets the engine choose.
        ids: Ids of this library's constructs in the scope.
        files: Ids of the chat files of fleets.
    """

    def __init__(
        self,
        stack: cdk.TerraformStack,
        state: StackState,
        path: str,
        names: Mapping[str, str | None] | None = None,
    ) -> None:
        self.stack, self.state, self.path, self.names = stack, state, path, names or {}
        self.ids: set[str] = set()
        self.files: set[str] = set()


def scope_of(construct: Any, id_: object) -> Scope:
    """Return a construct as a scope. The result is cached as an attribute of the construct.

    Args:
        construct: The user's argument ``scope``.
        id_: Id of the new construct, for the error.

    Raises:
        InvalidInputError: If the construct cannot be a scope.
    """
    if not isinstance(construct, Construct):
        fix = "Pass the stack or a construct in it, usually self."
        raise _scope_error(str(id_), construct, "a construct", fix)
    scope: Scope | None = vars(construct).get(_SCOPE)
    if scope is None:
        scope = _find(construct, id_)
        setattr(construct, _SCOPE, scope)
    return scope


def register_scope(construct: Construct, scope: Scope) -> None:
    """Cache a new construct of this library as a scope, which saves calls of the engine."""
    setattr(construct, _SCOPE, scope)


def _find(construct: Construct, id_: object) -> Scope:
    if is_other_engine_loaded() and not isinstance(root := construct.node.root, cdk.App):
        fix = "Build the app with it, or set OPENAI_CONSTRUCTS_ENGINE to the app's before importing."
        allowed = f"in an app of {cdk.__name__}, the engine in use"
        raise _scope_error(f"{construct.node.path}/{id_}", root, allowed, fix)
    if isinstance(construct, cdk.TerraformStack):
        return Scope(construct, _state_of(construct), "")
    try:
        stack = cdk.TerraformStack.of(construct)
    except RuntimeError as error:  # jsii raises this for all errors of the engine
        allowed, fix = "a stack, or a construct in one", "Put it into a TerraformStack."
        raise _scope_error(f"{construct.node.path}/{id_}", construct, allowed, fix) from error
    state = _state_of(stack)
    path = construct.node.path.removeprefix(state.path).lstrip("/")
    return Scope(stack, state, f"{path}/")


def _state_of(stack: cdk.TerraformStack) -> StackState:
    state: StackState | None = vars(stack).get(_STATE)
    if state is None:
        state = StackState(stack)
        setattr(stack, _STATE, state)
    return state


def _scope_error(path: str, value: object, allowed: str, fix: str) -> InvalidInputError:
    return InvalidInputError(path, [Problem("scope", shown(value), allowed, fix)])
