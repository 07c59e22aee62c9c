"""The three data sources of the native edition. They escape ids in paths, and report API errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Final

from tf.iface import ReadDataContext
from tf.utils import Diagnostics

from openai_constructs.errors import ArchiveError
from openai_constructs.provider.core.blocks import State, decode, encode
from openai_constructs.provider.core.planning import with_defaults
from openai_constructs.provider.core.table_types import TableSource
from openai_constructs.provider.native.answers import (
    choices_state,
    flag,
    items,
    message_state,
    text,
    usage_state,
    whole,
)
from openai_constructs.provider.native.checks import check
from openai_constructs.provider.native.client import Api
from openai_constructs.provider.native.creation import StoredRef
from openai_constructs.provider.native.diagnostics import add_error, add_warning
from openai_constructs.provider.native.ledger import Ledger
from openai_constructs.provider.native.problems import COLLECTION, ApiProblem
from openai_constructs.provider.native.session import Session
from openai_constructs.schema import NATIVE, Block

__all__ = ["DATA_SOURCES"]

_GONE: Final = "All attributes of the data source except its id are empty."


class _Lookup(TableSource):
    """Base of the data sources: one request per read."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def validate(self, diags: Diagnostics, type_name: str, config: Mapping[str, Any]) -> None:
        check(diags, self.table, decode(self.table, config) or {})

    def read(self, ctx: ReadDataContext, config: Mapping[str, Any]) -> State | None:
        arguments = with_defaults(self.table, decode(self.table, config) or {})
        api = self._session.api
        try:
            values = api.run(self.look_up(api, arguments))
            return encode(self.table, {**arguments, **values, "source": "store"})
        except ApiProblem as problem:
            if (archived := self._archived(ctx.diagnostics, problem, arguments)) is not None:
                return encode(self.table, {**arguments, **archived, "source": "archive"})
            # Like the public provider, do not fail because a completion is gone.
            if problem.is_gone and "completion_id" in arguments:
                add_warning(ctx.diagnostics, problem, _GONE)
                return encode(self.table, {**arguments, **self.empty(arguments)})
            add_error(ctx.diagnostics, problem)
            return None

    def _archived(self, diagnostics: Diagnostics, problem: ApiProblem, arguments: State) -> State | None:
        """Read the archive if the store no longer has a completion, or if there is no store."""
        ledger = self._session.ledger
        if ledger is None or not (problem.is_gone or problem.is_no_store):
            return None
        try:
            return self.read_archived(ledger, arguments)
        except ArchiveError as error:
            diagnostics.add_warning("The archive cannot be used", str(error))
            return None

    def read_archived(self, ledger: Ledger, arguments: State) -> State | None:
        """Return the values from the archive; ``None`` if it does not have them.

        Raises:
            ArchiveError: If it cannot be read.
        """
        raise NotImplementedError

    async def look_up(self, api: Api, arguments: State) -> State:
        """Return the values from the API.

        Raises:
            ApiProblem: If the request fails.
        """
        raise NotImplementedError

    def empty(self, arguments: State) -> State:
        """Return the values for a completion that the store no longer has."""
        raise NotImplementedError


class ChatCompletionData(_Lookup):
    """``data "openai_chat_completion"``."""

    name: ClassVar[str] = "chat_completion"
    table: ClassVar[Block] = NATIVE.data_sources["chat_completion"]

    async def look_up(self, api: Api, arguments: State) -> State:
        """Return the completion."""
        return _completion_state(await api.send("GET", StoredRef(arguments["completion_id"]).path))

    def read_archived(self, ledger: Ledger, arguments: State) -> State | None:
        """Return the completion, under the requested id."""
        completion = ledger.archive.completion(arguments["completion_id"])
        return (
            None
            if completion is None
            else {**_completion_state(completion), "id": arguments["completion_id"]}
        )

    def empty(self, arguments: State) -> State:
        """Return the id alone."""
        return {"id": arguments["completion_id"]}


class ChatCompletionMessagesData(_Lookup):
    """``data "openai_chat_completion_messages"``."""

    name: ClassVar[str] = "chat_completion_messages"
    table: ClassVar[Block] = NATIVE.data_sources["chat_completion_messages"]

    async def look_up(self, api: Api, arguments: State) -> State:
        """Return the page of messages."""
        page = await api.send(
            "GET", f"{StoredRef(arguments['completion_id']).path}/messages", query=_page_query(arguments)
        )
        return {
            **self.empty(arguments),
            "first_id": text(page, "first_id"),
            "last_id": text(page, "last_id"),
            "has_more": flag(page, "has_more"),
            "messages": [_message_with_name(it) for it in items(page, "data")],
        }

    def read_archived(self, ledger: Ledger, arguments: State) -> State | None:
        """Return the page of the messages that were sent; ``None`` if the archive keeps no prompts."""
        completion = ledger.archive.completion(arguments["completion_id"])
        if completion is None or "messages" not in completion:
            return None
        sent = [
            (f"{arguments['completion_id']}-{number}", _message_with_name(message))
            for number, message in enumerate(items(completion, "messages"))
        ]
        if arguments["order"] == "desc":
            sent.reverse()
        ids = [message_id for message_id, _ in sent]
        if arguments["after"] in ids:
            sent = sent[ids.index(arguments["after"]) + 1 :]
        page = sent[: int(arguments["limit"] or len(sent))]
        return {
            **self.empty(arguments),
            "first_id": page[0][0] if page else "",
            "last_id": page[-1][0] if page else "",
            "has_more": len(page) < len(sent),
            "messages": [message for _, message in page],
        }

    def empty(self, arguments: State) -> State:
        """Return an empty page."""
        return {"id": f"{arguments['completion_id']}-messages", "has_more": False, "messages": []}


class ChatCompletionsData(_Lookup):
    """``data "openai_chat_completions"``."""

    name: ClassVar[str] = "chat_completions"
    table: ClassVar[Block] = NATIVE.data_sources["chat_completions"]

    async def look_up(self, api: Api, arguments: State) -> State:
        """Return the page of completions; its id is constant."""
        filters = {name: arguments[name] for name in ("model", "metadata") if arguments[name]}
        page = await api.send("GET", COLLECTION, query={**_page_query(arguments), **filters})
        return _page_state(items(page, "data"), flag(page, "has_more"))

    def read_archived(self, ledger: Ledger, arguments: State) -> State:
        """Return the page from the archived completions that the store would have."""
        return _page_state(*ledger.stored_page(arguments))


DATA_SOURCES: Final = (ChatCompletionData, ChatCompletionMessagesData, ChatCompletionsData)


def _page_state(completions: Iterable[Mapping[str, Any]], has_more: bool) -> State:
    listed = [_completion_state(completion) for completion in completions]
    return {"id": "chat_completions", "has_more": has_more, "chat_completions": listed}


def _page_query(arguments: State) -> dict[str, Any]:
    return {name: arguments[name] for name in ("limit", "order", "after") if arguments[name] is not None}


def _message_with_name(message: Mapping[str, Any]) -> State:
    return {
        **message_state(message),
        "name": text(message, "name") or None,
        "tool_call_id": text(message, "tool_call_id") or None,
    }


def _completion_state(completion: Mapping[str, Any]) -> State:
    return {
        "id": text(completion, "id"),
        "object": text(completion, "object"),
        "created": whole(completion, "created"),
        "model": text(completion, "model"),
        "choices": choices_state(completion),
        "usage": usage_state(completion),
    }
