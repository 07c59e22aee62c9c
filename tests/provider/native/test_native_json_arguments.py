"""Arguments that are JSON objects, and `extra`, whose members become parts of the body."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.engine import TerraformStack, TerraformVariable
from tests.provider.loopback import Loopback
from tests.provider.native.managed import Managed
from tests.provider.native.native_direct import NAME, Direct, config, told
from tests.provider.native.store_host import StoreHost
from tests.support import template
from tf.gen import tfplugin_pb2 as pb
from tf.utils import to_dynamic_value

from openai_constructs import BasicChat, ChatFleet, InvalidInputError, OpenaiProvider, StoredCompletion
from openai_constructs.emulator import Emulator

Make = Callable[..., Direct]
pytestmark = pytest.mark.engine
OBJECTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "prompt_cache_options": ({"mode": "implicit", "ttl": "30m"}, {"mode": "explicit"}),
    "prediction": ({"type": "content", "content": "a"}, {"type": "content", "content": "b"}),
    "web_search_options": ({}, {"search_context_size": "low"}),
    "extra": ({"moderation": {"a": [1, None, "${b}"]}}, {"moderation": {}}),
}
each = pytest.mark.parametrize("name", OBJECTS)


def members(name: str, value: dict[str, Any]) -> dict[str, Any]:
    """The parts of a body that an argument becomes."""
    return value if name == "extra" else {name: value}


@each
@pytest.mark.parametrize("as_text", [False, True])
def test_a_dict_or_its_text(stack: TerraformStack, name: str, as_text: bool) -> None:
    """Every construct takes either, and the predicted body has the object, `${` and all."""
    value, _ = OBJECTS[name]
    given: dict[str, Any] = {name: json.dumps(value) if as_text else value}
    OpenaiProvider(stack, "openai", native=True)
    BasicChat(stack, "chat", model="m", prompt="p", **given)
    StoredCompletion(stack, "stored", model="m", prompt="p", **given)
    ChatFleet(stack, "fleet", model="m", chats={"a": "p"}, **given)
    chats = template(stack).find_chats()
    assert len(chats) == 3
    for chat in chats.values():
        assert chat.request().items() >= members(name, value).items()


def test_tokens_in_a_dict(stack: TerraformStack) -> None:
    """What only Terraform knows is encoded by Terraform."""
    city = TerraformVariable(stack, "city", type="string")
    OpenaiProvider(stack, "openai", native=True)
    BasicChat(stack, "chat", model="m", prompt="p", extra={"where": city.string_value, "all": [city.value]})
    written = template(stack).find_modules()["chat"]["extra"]
    assert written.startswith('{"where":"${')
    assert "var.city" in written


@each
def test_what_is_no_object(stack: TerraformStack, name: str) -> None:
    """Texts that hold something else, and values that JSON has not, are refused by name."""
    OpenaiProvider(stack, "openai", native=True)
    for value in ("[]", "{", "", 3, [1], {1: "a"}, {"a": float("nan")}, {"a": {1, 2}}):
        with pytest.raises(InvalidInputError, match=name):
            BasicChat(stack, "chat", model="m", prompt="p", **{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["model", "store", "stream", "messages", "on_destroy", "extra"])
@pytest.mark.parametrize("as_text", [False, True])
def test_names_that_extra_may_not_have(stack: TerraformStack, direct: Make, name: str, as_text: bool) -> None:
    """A name that is an argument is refused at construction, and by the provider before anything is sent."""
    extra = {"moderation": {}, name: 1}
    OpenaiProvider(stack, "openai", native=True)
    with pytest.raises(InvalidInputError, match=rf"extra\['{name}'\].*Use the argument {name}"):
        BasicChat(stack, "c", model="m", prompt="p", extra=json.dumps(extra) if as_text else extra)
    at = direct("http://127.0.0.1:1")
    request = pb.ValidateResourceConfig.Request(
        type_name=NAME, config=to_dynamic_value(config(extra=json.dumps(extra)))
    )
    ((severity, _, detail),) = told(at.servicer.ValidateResourceConfig(request, None))
    assert severity == "error"
    assert f"extra['{name}']" in detail


@each
def test_all_its_life(managed: Managed, host: StoreHost, api: Loopback, name: str) -> None:
    """Sent as an object, planned empty however it is written; an edit of the question asks again."""
    value, other = OBJECTS[name]
    managed.apply(**{name: json.dumps(value)})
    assert (managed.told, host.created[-1].items() >= members(name, value).items()) == ([], True)
    assert managed.is_planned_empty(**{name: json.dumps(value, indent=1)})
    asks = name != "prompt_cache_options"
    assert managed.asks(**{name: json.dumps(other)}) is asks
    managed.apply(**{name: json.dumps(other)})
    assert managed.told == []
    assert len(host.created) == 1 + asks


def test_the_emulator_takes_them(direct: Make) -> None:
    """The local world answers requests with each of them."""
    with Emulator() as emulator:
        at = direct(emulator.url)
        given = {name: json.dumps(value) for name, (value, _) in OBJECTS.items()}
        state, problems = at.create(**given, model="gpt-6-luna")
        assert problems == []
        assert state["extra"] == given["extra"]
        body = emulator.requests()[-1]["body"]
    for name, (value, _) in OBJECTS.items():
        assert body.items() >= members(name, value).items()
