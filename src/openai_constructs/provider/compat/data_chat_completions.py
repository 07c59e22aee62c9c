"""``data "openai_chat_completions"``: a page of the stored completions."""

from __future__ import annotations

import time
from typing import ClassVar

from tf.utils import Diagnostics

from openai_constructs.provider.compat.answers import Choice, Completion, choices_state, read_completion
from openai_constructs.provider.compat.client import Client, RequestError
from openai_constructs.provider.compat.data import Lookup, query
from openai_constructs.provider.compat.wire import WireError, parse
from openai_constructs.provider.core.blocks import State
from openai_constructs.schema import CHAT_COMPLETIONS_DATA, Block

__all__ = ["ChatCompletionsData"]


class ChatCompletionsData(Lookup):
    """``GET /v1/chat/completions``: one page. The argument ``model`` is taken and ignored."""

    name: ClassVar[str] = "chat_completions"
    table: ClassVar[Block] = CHAT_COMPLETIONS_DATA

    def look_up(self, client: Client, asked: State) -> State:
        """The page."""
        pairs = [(name, asked[name]) for name in ("limit", "order", "after")]
        # Unlike the others, a label is sent even when its value is empty.
        labels = [f"metadata[{key}]={value}" for key, value in sorted((asked["metadata"] or {}).items())]
        page = "&".join([query(pairs), *labels])
        text = client.get(f"/v1/chat/completions{page}")
        try:
            fields = parse(text, "ChatCompletionsResponse")
            completions = fields.many("data", "ChatCompletionResponse", read_completion)
            has_more = fields.flag("has_more")
        except WireError as error:
            raise WireError(f"error parsing chat completions response: {error}") from error
        listed = [_listed(it, number) for number, it in enumerate(completions)]
        return {"id": _id(), "has_more": has_more, "chat_completions": listed}

    def without_answer(self, diagnostics: Diagnostics, asked: State, error: RequestError) -> State | None:
        """Whatever goes wrong, a wrong key too, is a warning and an empty list."""
        diagnostics.add_warning(
            "Error retrieving chat completions",
            f"Could not retrieve chat completions: {error}. Returning empty list.",
        )
        return {"id": _id(), "has_more": False, "chat_completions": []}


def _listed(completion: Completion, number: int) -> State:
    choices = choices_state(completion.choices, refuses_names_at=f"chat_completions.{number}.choices")
    return {
        "id": completion.id,
        "object": completion.object,
        "created": completion.created,
        "model": completion.model,
        "choices": [_with_role(it, of) for it, of in zip(choices, completion.choices, strict=True)],
        "usage": completion.usage if completion.total_tokens > 0 else None,
    }


def _with_role(state: State, choice: Choice) -> State:
    """A message without a role is left out."""
    return state if choice.message.role else {**state, "message": []}


def _id() -> str:
    """An id that is another one every second: an output of the whole data source changes with every plan."""
    return f"chat_completions_{int(time.time())}"
