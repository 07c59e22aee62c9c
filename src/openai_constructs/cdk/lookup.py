"""Lookups of completions in the Chat Completions Store, with a gate for accounts without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from constructs import Construct

from openai_constructs.cdk.annotations import warn_of_lookup
from openai_constructs.cdk.bindings.chat_completion import ChatCompletion
from openai_constructs.cdk.bindings.data_chat_completion import DataOpenaiChatCompletion
from openai_constructs.cdk.bindings.data_chat_completion_messages import DataOpenaiChatCompletionMessages
from openai_constructs.cdk.bindings.data_chat_completions import DataOpenaiChatCompletions
from openai_constructs.cdk.chats import Chat
from openai_constructs.cdk.context import ConstructContext
from openai_constructs.cdk.engine import cdk
from openai_constructs.cdk.expressions import as_number, as_text
from openai_constructs.cdk.meta import check_provider
from openai_constructs.cdk.readers import (
    ElementReader,
    FallbackReader,
    InstanceReader,
    ModuleReader,
    NothingReader,
    Reader,
    SentMessagesReader,
)
from openai_constructs.cdk.results import (
    Choice,
    ListedMessage,
    ResultList,
    StoredChatCompletion,
    Usage,
)
from openai_constructs.cdk.scopes import register_scope
from openai_constructs.schema import (
    CHAT_COMPLETION_DATA,
    CHAT_COMPLETION_MESSAGES_DATA,
    CHAT_COMPLETIONS_DATA,
    NATIVE,
    Block,
)
from openai_constructs.values.checks import Checks
from openai_constructs.values.queries import CompletionsQuery, MessagesQuery, query_arguments
from openai_constructs.values.tokens import is_token

if TYPE_CHECKING:
    from openai_constructs.cdk.structural import Variable

__all__ = ["CompletionLookup"]

Gate: TypeAlias = "bool | Variable | cdk.IResolvable"

_CONTENT: Final = "choices[0].message[0].content"
_NOTHING: Final = NothingReader("messages", "chat_completions")


class CompletionLookup(Construct):
    """A lookup of completions in the store, if the store is enabled.

    With the gate open it has up to three data sources: the completion, its messages, and a list of recent
    completions. With the gate closed it has none, and the answer, messages and usage come from the
    completion's own state. The state is also the fallback if the store no longer has the completion.

    Source: API reference, get chat completion, get chat messages, list chat completions.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        completion: ChatCompletion | Chat | None = None,
        completion_id: str | None = None,
        enable_chat_completions_store: Gate = False,
        messages: MessagesQuery | None = None,
        recent: CompletionsQuery | None = None,
        provider: cdk.TerraformProvider | None = None,
    ) -> None:
        """Create the data sources, if the gate is open.

        Args:
            scope: The stack, or a construct in it.
            id_: Name of ``data.openai_chat_completion`` if the scope is the stack; else part of the name.
            completion: A stored completion or a chat of this app.
            completion_id: Id of any other completion; an alternative to ``completion``.
            enable_chat_completions_store: The gate. A bool is decided at synthesis; a bool variable or token
                is decided by Terraform (``count = var.x ? 1 : 0``).
            messages: Query of the completion's messages; ``None`` omits them.
            recent: Query of recent completions; ``None`` omits them.
            provider: An ``OpenaiProvider`` with an alias; default: the stack's default provider.

        Raises:
            InvalidInputError: With all problems of the arguments.
        """
        context = ConstructContext(scope, id_)
        checks = context.checks
        _check_target(checks, completion, completion_id)
        gate = _gate(checks, enable_chat_completions_store)
        asked = _query(checks, "messages", messages, MessagesQuery, CHAT_COMPLETION_MESSAGES_DATA)
        recently = _query(checks, "recent", recent, CompletionsQuery, CHAT_COMPLETIONS_DATA)
        check_provider(checks, context.scope.stack, provider)
        name = _claim(context, "id", DataOpenaiChatCompletion, None, "")
        messages_name = _claim(
            context, "messages.name", DataOpenaiChatCompletionMessages, messages, "_messages"
        )
        recent_name = _claim(context, "recent.name", DataOpenaiChatCompletions, recent, "_recent")
        with context.raise_or_create():
            super().__init__(scope, id_)
        names = {"completion": name, "messages": messages_name, "recent": recent_name}
        register_scope(self, context.as_scope(names))

        self.data_completion: DataOpenaiChatCompletion | None = None
        """The data source of the completion; ``None`` if the gate is closed at synthesis."""
        self.data_messages: DataOpenaiChatCompletionMessages | None = None
        """The data source of the messages; ``None`` without ``messages`` or if the gate is closed."""
        self.data_completions: DataOpenaiChatCompletions | None = None
        """The data source of recent completions; ``None`` without ``recent`` or if the gate is closed."""
        if gate is not False:
            wanted = completion.id if completion is not None else str(completion_id)
            meta: dict[str, Any] = {"provider": provider, "count": _count(gate)}
            self.data_completion = DataOpenaiChatCompletion(self, "completion", completion_id=wanted, **meta)
            if asked is not None:
                self.data_messages = DataOpenaiChatCompletionMessages(
                    self, "messages", completion_id=wanted, **asked, **meta
                )
            if recently is not None:
                first = _list_dependencies(completion, context.scope.stack)
                self.data_completions = DataOpenaiChatCompletions(
                    self, "recent", depends_on=first, **recently, **meta
                )

        if isinstance(completion, Chat) and gate is not False:
            warn_of_lookup(self, completion.store)
        self._is_native = context.state.edition.is_native
        self._otherwise = "none" if completion is None else "state"
        own = _state_reader(completion)
        self._answer = own
        self._stored: Reader | None = None
        if self.data_completion is not None:
            self._stored = _store_reader(self.data_completion, gate)
            self._answer = FallbackReader(self._stored, own)
        # The packaged module already outputs the messages of a chat in this form.
        is_raw = isinstance(completion, ChatCompletion) and context.state.edition is not NATIVE
        sent = SentMessagesReader(own) if is_raw else own
        self._messages = _gated(self.data_messages, gate, sent) if asked is not None or completion else None
        self._recent = _gated(self.data_completions, gate, _NOTHING) if recently is not None else None

    @property
    def content(self) -> str:
        """Text of the first answer; null if neither store nor state has it."""
        return self._answer.string(_CONTENT)

    @property
    def choices(self) -> ResultList[Choice]:
        """All answers."""
        return ResultList(self._answer, "choices", Choice)

    @property
    def usage(self) -> Usage:
        """Token counts."""
        return Usage(self._answer, "usage")

    @property
    def messages(self) -> ResultList[ListedMessage]:
        """The messages from the store; with the gate closed, the messages that were sent.

        Raises:
            InvalidInputError: If the lookup has neither a ``completion`` nor a ``messages`` query.
        """
        return ResultList(
            self._require_query("messages", "MessagesQuery", self._messages), "messages", ListedMessage
        )

    @property
    def source(self) -> str:
        """Origin of the answer: ``store``, ``archive``, ``state``, or ``none``; native provider.

        Raises:
            InvalidInputError: With the public provider, which does not report it.
        """
        if not self._is_native:
            checks = Checks()
            allowed = "read with the native provider only"
            checks.refuse("source", "of a lookup", allowed, "Set native=True of OpenaiProvider.")
            checks.raise_for(self.node.path)
        if self._stored is None:
            return self._otherwise
        otherwise = f'"{self._otherwise}"'
        return as_text("try(coalesce(", *self._stored.parts("source"), f", {otherwise}), {otherwise})")

    @property
    def recent(self) -> ResultList[StoredChatCompletion]:
        """The recent completions; an empty list with the gate closed.

        Raises:
            InvalidInputError: If the lookup has no ``recent`` query.
        """
        reader = self._require_query("recent", "CompletionsQuery", self._recent)
        return ResultList(reader, "chat_completions", StoredChatCompletion)

    def _require_query(self, argument: str, query: str, reader: Reader | None) -> Reader:
        if reader is None:
            checks = Checks()
            checks.refuse(
                argument, None, f"a {query}, to have something to read", f"Set {argument}={query}()."
            )
            checks.raise_for(self.node.path)
        return reader  # type: ignore[return-value]  # raised above


def _check_target(checks: Checks, completion: object, completion_id: object) -> None:
    if (completion is None) == (completion_id is None):
        given = "neither" if completion is None else "both"
        fix = "Use completion= for a completion of this app, and completion_id= for any other."
        checks.refuse("completion and completion_id", given, "one of the two", fix)
    if completion is not None and not isinstance(completion, ChatCompletion | Chat):
        fix = "Pass a StoredCompletion, or a chat with store=True."
        checks.refuse("completion", completion, "a completion of this app", fix)
    if completion_id is not None:
        checks.attribute("completion_id", completion_id, CHAT_COMPLETION_DATA.attributes["completion_id"])


def _gate(checks: Checks, value: object) -> Any:
    """Return the gate as a bool or as a token of a bool."""
    may_be_one = isinstance(value, bool | cdk.TerraformVariable) or (
        is_token(value) and not isinstance(value, list | dict)
    )
    if not may_be_one:
        fix = "Use True, False, or a variable of type bool."
        checks.refuse("enable_chat_completions_store", value, "a bool, a variable or a token", fix)
    return value


def _query(checks: Checks, argument: str, query: Any, kind: type[Any], block: Block) -> dict[str, Any] | None:
    if query is None or isinstance(query, kind):
        return None if query is None else query_arguments(checks, argument, query, block)
    checks.refuse(argument, query, f"a {kind.__name__}", f"Write {argument}={kind.__name__}(limit=10).")
    return None


def _claim(context: ConstructContext, argument: str, kind: Any, query: Any, suffix: str) -> str | None:
    """Return the Terraform name of a data source; ``None`` lets the engine choose."""
    if argument != "id" and query is None:
        return None
    name = getattr(query, "name", None)
    if name is None and context.is_at_top:
        name = f"{context.id}{suffix}"
    if name is not None:
        context.claim(argument, f"data.{kind.TF_RESOURCE_TYPE}", name)
    return name


def _list_dependencies(completion: Any, stack: cdk.TerraformStack) -> list[Any] | None:
    """Return the dependencies of the list of completions.

    Nothing in its query refers to the completion: without this Terraform lists the store before the
    completion is in it, and the next plan finds another list. Another stack's completion is there before
    this stack is applied.
    """
    if completion is None or completion._scope.stack is not stack:
        return None
    return [completion]


def _count(gate: Any) -> Any:
    if gate is True:
        return None
    # What is no variable may be a conditional itself.
    condition = (gate,) if isinstance(gate, cdk.TerraformVariable) else ("(", gate, ")")
    return as_number(*condition, " ? 1 : 0")


def _state_reader(completion: ChatCompletion | Chat | None) -> Reader:
    """Return a reader of the completion's own state."""
    if completion is None:
        return _NOTHING
    return (
        ModuleReader(completion, "completion") if isinstance(completion, Chat) else ElementReader(completion)
    )


def _store_reader(data: cdk.TerraformDataSource, gate: Any) -> Reader:
    return ElementReader(data) if gate is True else InstanceReader(data, 0)


def _gated(data: cdk.TerraformDataSource | None, gate: Any, otherwise: Reader) -> Reader:
    """Return a reader of a data source with a fallback for a closed gate."""
    if data is None or gate is True:
        return otherwise if data is None else ElementReader(data)
    return FallbackReader(InstanceReader(data, 0), otherwise)
