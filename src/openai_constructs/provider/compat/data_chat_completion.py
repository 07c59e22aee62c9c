"""``data "openai_chat_completion"``: one stored completion."""

from __future__ import annotations

from typing import ClassVar

from tf.utils import Diagnostics

from openai_constructs.provider.compat.answers import choices_state, parse_completion
from openai_constructs.provider.compat.client import Client, RequestError
from openai_constructs.provider.compat.data import Lookup, is_not_found
from openai_constructs.provider.compat.wire import WireError
from openai_constructs.provider.core.blocks import State
from openai_constructs.schema import CHAT_COMPLETION_DATA, Block

__all__ = ["ChatCompletionData"]


class ChatCompletionData(Lookup):
    """``GET /v1/chat/completions/{completion_id}``."""

    name: ClassVar[str] = "chat_completion"
    table: ClassVar[Block] = CHAT_COMPLETION_DATA

    def look_up(self, client: Client, asked: State) -> State:
        """The completion, with the calls of tools in it."""
        text = client.get(f"/v1/chat/completions/{asked['completion_id']}")
        try:
            completion = parse_completion(text, with_tools=True)
        except WireError as error:
            raise WireError(f"error parsing chat completion response: {error}") from error
        # Without an id the provider's SDK takes it for nothing, and Terraform gets an object of nulls.
        if not completion.id:
            return {}
        found: State = {
            "id": completion.id,
            "created": completion.created,
            "object": completion.object,
            "model": completion.model,
            "usage": completion.usage,
        }
        if completion.choices:
            choices = choices_state(completion.choices, with_tools=True, refuses_names_at="choices")
            found["choices"] = choices
        return found

    def without_answer(self, diagnostics: Diagnostics, asked: State, error: RequestError) -> State | None:
        """A completion that is gone is a warning, and an object with nothing but its id."""
        completion_id = asked["completion_id"]
        if is_not_found(diagnostics, completion_id, error):
            return {"id": completion_id}
        diagnostics.add_error(f"Error retrieving chat completion with ID '{completion_id}': {error}", "")
        return None
