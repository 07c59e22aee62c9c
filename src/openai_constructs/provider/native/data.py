"""The three data sources, native edition: what is sent is encoded, and an error is an error."""

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

_GONE: Final = "The data source is empty but for its id."


class _Lookup(TableSource):
    """A data source: one request a read."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def validate(self, diags: Diagnostics, type_name: str, config: Mapping[str, Any]) -> None:
        check(diags, self.table, decode(self.table, config) or {})

    def read(self, ctx: ReadDataContext, config: Mapping[str, Any]) -> State | None:
        asked = with_defaults(self.table, decode(self.table, config) or {})
        api = self._session.api
        try:
            found = api.run(self.look_up(api, asked))
            return encode(self.table, {**asked, **found, "source": "store"})
        except ApiProblem as problem:
            if (archived := self._archived(ctx.diagnostics, problem, asked)) is not None:
                return encode(self.table, {**asked, **archived, "source": "archive"})
            # As the public provider has it: a completion that is gone is no reason to stop.
            if problem.is_gone and "completion_id" in asked:
                add_warning(ctx.diagnostics, problem, _GONE)
                return encode(self.table, {**asked, **self.empty(asked)})
            add_error(ctx.diagnostics, problem)
            return None

    def _archived(self, diagnostics: Diagnostics, problem: ApiProblem, asked: State) -> State | None:
        """Read the archive if the store no longer has a completion, or if there is no store."""
        ledger = self._session.ledger
        if ledger is None or not (problem.is_gone or problem.is_no_store):
            return None
        try:
            return self.read_archived(ledger, asked)
        except ArchiveError as error:
            diagnostics.add_warning("The archive cannot be used", str(error))
            return None

    def read_archived(self, ledger: Ledger, asked: State) -> State | None:
        """Return the values from the archive; ``None`` if it does not have them.

        Raises:
            ArchiveError: If it cannot be read.
        """
        raise NotImplementedError

    async def look_up(self, api: Api, asked: State) -> State:
        """Return the API's answer.

        Raises:
            ApiProblem: It refuses.
        """
        raise NotImplementedError

    def empty(self, asked: State) -> State:
        """Return the values for a completion that the store no longer has."""
        raise NotImplementedError


class ChatCompletionData(_Lookup):
    """``data "openai_chat_completion"``."""

    name: ClassVar[str] = "chat_completion"
    table: ClassVar[Block] = NATIVE.data_sources["chat_completion"]

    async def look_up(self, api: Api, asked: State) -> State:
        """The completion."""
        return _listed(await api.send("GET", StoredRef(asked["completion_id"]).path))

    def read_archived(self, ledger: Ledger, asked: State) -> State | None:
        """The completion, under the id that the state has."""
        completion = ledger.archive.completion(asked["completion_id"])
        return None if completion is None else {**_listed(completion), "id": asked["completion_id"]}

    def empty(self, asked: State) -> State:
        """Its id."""
        return {"id": asked["completion_id"]}


class ChatCompletionMessagesData(_Lookup):
    """``data "openai_chat_completion_messages"``."""

    name: ClassVar[str] = "chat_completion_messages"
    table: ClassVar[Block] = NATIVE.data_sources["chat_completion_messages"]

    async def look_up(self, api: Api, asked: State) -> State:
        """The page."""
        page = await api.send("GET", f"{StoredRef(asked['completion_id']).path}/messages", query=_page(asked))
        return {
            **self.empty(asked),
            "first_id": text(page, "first_id"),
            "last_id": text(page, "last_id"),
            "has_more": flag(page, "has_more"),
            "messages": [_named(it) for it in items(page, "data")],
        }

    def read_archived(self, ledger: Ledger, asked: State) -> State | None:
        """The page of messages that were sent; none if the archive keeps no prompts."""
        completion = ledger.archive.completion(asked["completion_id"])
        if completion is None or "messages" not in completion:
            return None
        sent = [
            (f"{asked['completion_id']}-{number}", _named(message))
            for number, message in enumerate(items(completion, "messages"))
        ]
        if asked["order"] == "desc":
            sent.reverse()
        ids = [message_id for message_id, _ in sent]
        if asked["after"] in ids:
            sent = sent[ids.index(asked["after"]) + 1 :]
        page = sent[: int(asked["limit"] or len(sent))]
        return {
            **self.empty(asked),
            "first_id": page[0][0] if page else "",
            "last_id": page[-1][0] if page else "",
            "has_more": len(page) < len(sent),
            "messages": [message for _, message in page],
        }

    def empty(self, asked: State) -> State:
        """An id of its own."""
        return {"id": f"{asked['completion_id']}-messages", "has_more": False, "messages": []}


class ChatCompletionsData(_Lookup):
    """``data "openai_chat_completions"``."""

    name: ClassVar[str] = "chat_completions"
    table: ClassVar[Block] = NATIVE.data_sources["chat_completions"]

    async def look_up(self, api: Api, asked: State) -> State:
        """The page; its id is the same at each read."""
        filters = {name: asked[name] for name in ("model", "metadata") if asked[name]}
        page = await api.send("GET", COLLECTION, query={**_page(asked), **filters})
        return _page_state(items(page, "data"), flag(page, "has_more"))

    def read_archived(self, ledger: Ledger, asked: State) -> State:
        """The page, of the completions that the store would have."""
        return _page_state(*ledger.stored_page(asked))


DATA_SOURCES: Final = (ChatCompletionData, ChatCompletionMessagesData, ChatCompletionsData)


def _page_state(completions: Iterable[Mapping[str, Any]], has_more: bool) -> State:
    listed = [_listed(completion) for completion in completions]
    return {"id": "chat_completions", "has_more": has_more, "chat_completions": listed}


def _page(asked: State) -> dict[str, Any]:
    return {name: asked[name] for name in ("limit", "order", "after") if asked[name] is not None}


def _named(message: Mapping[str, Any]) -> State:
    return {
        **message_state(message),
        "name": text(message, "name") or None,
        "tool_call_id": text(message, "tool_call_id") or None,
    }


def _listed(completion: Mapping[str, Any]) -> State:
    return {
        "id": text(completion, "id"),
        "object": text(completion, "object"),
        "created": whole(completion, "created"),
        "model": text(completion, "model"),
        "choices": choices_state(completion),
        "usage": usage_state(completion),
    }
