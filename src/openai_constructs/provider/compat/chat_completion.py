"""``resource "openai_chat_completion"`` of the compat edition: requested once, and immutable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from tf.iface import ImportContext, ReadContext
from tf.utils import Diagnostics

from openai_constructs.provider.compat.answers import Answer, Completion, choices_state, parse_completion
from openai_constructs.provider.compat.checks import check
from openai_constructs.provider.compat.client import HasClient, RequestError
from openai_constructs.provider.compat.planning import plan_completion, with_empty_texts
from openai_constructs.provider.compat.request import crash, request_body
from openai_constructs.provider.compat.wire import WireError, dump
from openai_constructs.provider.core.blocks import State, Unknown, decode
from openai_constructs.provider.core.planning import Change, Plan, Private
from openai_constructs.provider.core.table_types import TableResource
from openai_constructs.schema import CHAT_COMPLETION, Block

__all__ = ["ChatCompletion"]

_PATH: Final = "/v1/chat/completions"
_IMMUTABLE: Final = "chat completions are immutable and cannot be updated"
# The public provider invents this for an imported completion, because the API does not return it.
_INVENTED: Final[Mapping[str, Any]] = {
    "temperature": 0.7,
    "max_tokens": 300,
    "frequency_penalty": 0,
    "presence_penalty": 0,
    "top_p": 1,
    "n": 1,
    "stream": False,
    "store": True,
}
_INVENTED_SYSTEM: Final = Answer("system", "You are a helpful assistant.", "", None, ())


class ChatCompletion(TableResource):
    """One completion."""

    name: ClassVar[str] = "chat_completion"
    table: ClassVar[Block] = CHAT_COMPLETION

    def __init__(self, provider: HasClient) -> None:
        self._provider = provider

    def validate(self, diags: Diagnostics, type_name: str, config: Mapping[str, Any]) -> None:
        """Check a configuration."""
        check(diags, CHAT_COMPLETION, decode(CHAT_COMPLETION, config) or {})

    def plan_change(self, prior: State | None, config: State, private: Private) -> Plan:
        """Plan a creation or a change."""
        return plan_completion(prior, config)

    def apply_change(self, change: Change) -> State | None:
        """Create, change or forget the completion, as planned. A stored completion stays at OpenAI."""
        if change.planned is None:
            return None
        if change.prior is None:
            return self._create(change.diagnostics, change.planned)
        return self._update(change.diagnostics, change.planned)

    def _create(self, diagnostics: Diagnostics, planned: State) -> State | None:
        """Request a completion. A failed request leaves no state."""
        # With `imported` the public provider assumes an existing completion, finds no id, and returns null.
        if planned["imported"]:
            return None
        if (reason := crash(planned)) is not None:
            diagnostics.add_error("The released provider crashes here", reason)
            return None
        try:
            body = request_body(self.table, planned)
        except WireError as error:
            # Not measured: the public provider fails before the request, but its text may differ.
            cause = f"json: error calling MarshalJSON for type json.RawMessage: {error}"
            diagnostics.add_error(f"error serializing request: {cause}", "")
            return None
        try:
            completion = parse_completion(self._provider.client.post(_PATH, dump(body)))
        except RequestError as error:
            is_missing = "404" in str(error)
            failed = "chat completions endpoint not found (404)" if is_missing else "error making request"
            diagnostics.add_error(f"{failed}: {error}", "")
            return None
        except WireError as error:
            diagnostics.add_error(f"error parsing response: {error}", "")
            return None
        if not completion.id:
            return None  # SDKv2 treats a resource without an id as missing
        state = {**planned, "choices": _without_unknowns(planned["choices"]), **_answered(completion)}
        return {**state, "id": completion.id, "usage": completion.usage}

    def read(self, ctx: ReadContext, current: State) -> State | None:
        """Refresh without a request if the id is known, because a completion never changes.

        SDKv2 rewrites the state, which turns null texts into "".
        """
        current = with_empty_texts(CHAT_COMPLETION, current)
        if current.get("imported") or current.get("chat_completion_id"):
            return current
        try:
            completion = parse_completion(self._provider.client.get(f"{_PATH}/{current['id']}"))
        except RequestError:
            return {**current, "chat_completion_id": current["id"]}
        except WireError as error:
            ctx.diagnostics.add_error(f"error parsing response: {error}", "")
            return current
        usage = {"usage": completion.usage} if completion.total_tokens > 0 else {}
        return {**current, **_answered(completion), **usage}

    def _update(self, diagnostics: Diagnostics, planned: State) -> State | None:
        """Reject the change, but keep the new configuration with the old answer, like the public provider.

        An imported completion accepts any change, without a request.
        """
        if not planned["imported"]:
            diagnostics.add_error(_IMMUTABLE, "")
        return {**planned, "choices": _without_unknowns(planned["choices"])}

    def import_(self, ctx: ImportContext, id: str) -> State | None:
        """Look up the completion and invent its request. After a failure the state has only empty values."""
        shell: State = {
            **dict.fromkeys(CHAT_COMPLETION.attributes),
            "messages": [],
            "functions": [],
            "choices": [],
        }
        shell |= {"id": id, "chat_completion_id": id, "imported": True}
        try:
            completion = parse_completion(self._provider.client.get(f"{_PATH}/{id}"))
        except (RequestError, WireError):
            return shell
        usage = {"usage": completion.usage} if completion.total_tokens > 0 else {}
        return {
            **shell,
            **_INVENTED,
            **usage,
            "model": completion.model,
            "model_used": completion.model,
            "created": completion.created,
            "object": completion.object,
            "messages": _invented_messages(completion),
        }


def _without_unknowns(choices: Any) -> list[State]:
    """Return planned choices with null in place of unknowns, which no answer has set."""
    planned = [] if choices is Unknown else choices or []
    return [
        {name: None if value is Unknown else value for name, value in choice.items()} for choice in planned
    ]


def _answered(completion: Completion) -> State:
    state: State = {
        "chat_completion_id": completion.id,
        "created": completion.created,
        "object": completion.object,
        "model_used": completion.model,
    }
    if completion.choices:
        state["choices"] = choices_state(completion.choices)
    return state


def _invented_messages(completion: Completion) -> list[State]:
    """Return the answers as messages of the request, after a system message."""
    if not completion.choices:
        return []
    told = [choice.message for choice in completion.choices]
    # Of several system messages the public provider keeps the last.
    system = next((it for it in reversed(told) if it.role == "system"), _INVENTED_SYSTEM)
    return [{**it.state, "name": it.name} for it in (system, *(it for it in told if it.role != "system"))]
