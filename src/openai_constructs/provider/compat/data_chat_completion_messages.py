"""``data "openai_chat_completion_messages"``: the messages of one stored completion."""

from __future__ import annotations

from typing import ClassVar

from tf.utils import Diagnostics

from openai_constructs.provider.compat.answers import read_answer
from openai_constructs.provider.compat.client import Client, RequestError
from openai_constructs.provider.compat.data import Lookup, is_not_found, query
from openai_constructs.provider.compat.wire import WireError, parse
from openai_constructs.provider.core.blocks import State
from openai_constructs.schema import CHAT_COMPLETION_MESSAGES_DATA, Block

__all__ = ["ChatCompletionMessagesData"]


class ChatCompletionMessagesData(Lookup):
    """``GET /v1/chat/completions/{completion_id}/messages``: one page."""

    name: ClassVar[str] = "chat_completion_messages"
    table: ClassVar[Block] = CHAT_COMPLETION_MESSAGES_DATA

    def look_up(self, client: Client, asked: State) -> State:
        """The page. Calls of tools are dropped, and the ids of the messages."""
        page = query((name, asked[name]) for name in ("limit", "order", "after"))
        text = client.get(f"/v1/chat/completions/{asked['completion_id']}/messages{page}")
        try:
            fields = parse(text, "ChatCompletionMessageResponse")
            messages = fields.many("data", "ChatCompletionMessage", read_answer)
            return {
                "id": _id(asked),
                "first_id": fields.text("first_id"),
                "last_id": fields.text("last_id"),
                "has_more": fields.flag("has_more"),
                "messages": [{**it.state, "name": it.name or None} for it in messages],
            }
        except WireError as error:
            raise WireError(f"error parsing chat completion messages response: {error}") from error

    def without_answer(self, diagnostics: Diagnostics, asked: State, error: RequestError) -> State | None:
        """A completion that is gone is a warning, and has no messages."""
        completion_id = asked["completion_id"]
        if is_not_found(diagnostics, completion_id, error):
            return {"id": _id(asked), "has_more": False, "messages": []}
        told = f"Error retrieving messages for chat completion with ID '{completion_id}': {error}"
        diagnostics.add_error(told, "")
        return None


def _id(asked: State) -> str:
    return f"{asked['completion_id']}-messages"
