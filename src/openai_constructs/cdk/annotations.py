"""Warnings at synthesis about requests with an effect that their author may not expect.

They are CDK annotations: the CLI prints them, and the app still synthesizes. Warnings about the public
provider appear only in stacks that use it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from constructs import IConstruct

from openai_constructs.cdk.engine import cdk
from openai_constructs.cdk.scopes import StackState
from openai_constructs.values.models import is_reasoning, predates_store, shutdown_date, shutdown_notice
from openai_constructs.values.tokens import has_token, is_token

__all__ = ["fleet_warnings", "query_warnings", "request_warnings", "warn_of_lookup"]

_PLAIN_QUERY: Final = re.compile(r"[A-Za-z0-9_.~-]*")


def request_warnings(request: Mapping[str, Any], state: StackState) -> list[str]:
    """Return the warnings of a request."""
    return list(_about_request(request, state))


def fleet_warnings(requests: Mapping[str, Mapping[str, Any]], state: StackState) -> list[str]:
    """Return the warnings of a fleet's requests, each once with the keys of its chats."""
    keys: dict[str, list[str]] = {}
    for key, request in requests.items():
        for message in _about_request(request, state):
            keys.setdefault(message, []).append(key)
    return [f"{message} In {_listed(it)}." for message, it in keys.items()]


def _listed(keys: Sequence[str]) -> str:
    shown = ", ".join(f"chats[{key!r}]" for key in keys[:3])
    return shown if len(keys) <= 3 else f"{shown} and {len(keys) - 3} more"


def query_warnings(data_type: str, query: Mapping[str, Any], state: StackState) -> list[str]:
    """Return the warnings of a query of the store."""
    if not state.is_public:
        return []
    about_list = _about_list(query) if data_type == "openai_chat_completions" else ()
    return [*about_list, *_about_encoding(query)]


def warn_of_lookup(construct: IConstruct, store: object) -> None:
    """Warn of looking up a completion that was not stored."""
    if store is None or store is False:
        cdk.Annotations.of(construct).add_warning(
            "The completion does not have store=True, so the store will not have it."
        )


def _about_request(request: Mapping[str, Any], state: StackState) -> Iterator[str]:
    yield from _about_model(request, state)
    yield from _about_text(request)
    if state.is_public:
        yield from _about_public_provider(request)


def _about_model(request: Mapping[str, Any], state: StackState) -> Iterator[str]:
    model, stored = request["model"], request.get("store") is True
    if not isinstance(model, str):  # a token
        model = ""
    models = [model, *_texts_of(request.get("fallback_models"))]
    for name in models:
        notice = shutdown_notice(name, shutdown_date(name), date.today(), state.shutdown_warning_days)
        if notice is not None:
            yield notice
    if is_reasoning(model):
        yield from _about_reasoning(model, request, state)
    if stored and predates_store(model):
        yield f"Model {model} predates the Chat Completions Store: use gpt-4-1106-preview or a later one."
    if request.get("metadata") and request.get("store") in (None, False):
        yield "metadata without store=True has no effect, and the API rejects it for most accounts."


def _about_reasoning(model: str, request: Mapping[str, Any], state: StackState) -> Iterator[str]:
    if request.get("max_tokens") is not None:
        fix = "omit it" if state.is_public else "use max_completion_tokens"
        yield f"Model {model} is a reasoning model, which rejects max_tokens: {fix}."
    temperature = request.get("temperature")
    if temperature is not None and temperature != 1 and not is_token(temperature):
        yield f"Model {model} is a reasoning model, which rejects temperature={temperature}: omit it."


def _texts_of(value: Any) -> list[str]:
    """Return the texts of a list; none if the list is a token."""
    return [it for it in value if isinstance(it, str)] if isinstance(value, list | tuple) else []


def _about_text(request: Mapping[str, Any]) -> Iterator[str]:
    changed = [place.lstrip(".") for place in _places_not_nfc(request)]
    if changed:
        yield f"Terraform writes all text in Unicode form NFC, so it will change {', '.join(changed)}."


def _places_not_nfc(value: Any) -> list[str]:
    """Return the places of texts that are not in Unicode form NFC, such as ``.messages[0].content``."""
    match value:
        case str():
            return [] if value.isascii() or unicodedata.is_normalized("NFC", value) else [""]
        case list() | tuple():
            parts = enumerate(value)
            return [f"[{index}]{place}" for index, part in parts for place in _places_not_nfc(part)]
        case int() | float() | None:
            return []
        case dict() | Mapping():  # isinstance of the abstract class takes several times longer
            return [f".{key}{place}" for key, part in value.items() for place in _places_not_nfc(part)]
        case _:
            return []


def _about_public_provider(request: Mapping[str, Any]) -> Iterator[str]:
    for name in ("temperature", "top_p", "store"):
        if name in request and not is_token(request[name]) and not request[name]:
            yield f"{name}={request[name]} is not sent: the provider drops zeros. The API uses its default."
    if request.get("stream") is True:
        yield "stream=True cannot work: the provider cannot read a streamed answer, and fails after you pay."
    if any(message.get("role") == "developer" for message in request["messages"]):
        yield "Role developer: the provider's 1.x releases reject it at plan. Use role system."


def _about_list(query: Mapping[str, Any]) -> Iterator[str]:
    yield (
        "The provider turns every error of this list, including a wrong API key, into an empty list and a "
        "Terraform warning."
    )
    if "model" in query:
        yield "The provider ignores the model filter, so it is not sent."


def _about_encoding(query: Mapping[str, Any]) -> Iterator[str]:
    metadata = {} if is_token(query.get("metadata")) else query.get("metadata", {})
    labels = [text for pair in metadata.items() for text in pair]
    sent = [query.get("completion_id"), query.get("after"), *labels]
    for text in sent:
        if isinstance(text, str) and not has_token(text) and not _PLAIN_QUERY.fullmatch(text):
            yield f"The provider sends {text!r} without percent-encoding, so the API reads something else."
