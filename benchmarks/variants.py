"""What is measured: the constructs, and their rivals with the same payload."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from cdktf import App, TerraformHclModule, TerraformResource, TerraformResourceLifecycle, TerraformStack

from openai_constructs import (
    BasicChat,
    ChatFleet,
    Function,
    FunctionCallingChat,
    Message,
    MultiTurnChat,
    OpenaiProvider,
    StoredCompletion,
)

SYSTEM: Final = "You are a helpful assistant."
PARAMETERS: Final[dict[str, Any]] = {"temperature": 0.5, "max_tokens": 100}

Make = Callable[[TerraformStack, int], object]


def payload(index: int) -> dict[str, Any]:
    """What every variant asks."""
    messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": f"Question {index}"}]
    return {"model": "llama-3.3-70b", **PARAMETERS, "messages": messages}


def trigger(index: int) -> str:
    """What a stored completion is replaced by."""
    return f"terraform_data.it{index}_request"


def raw_module(stack: TerraformStack, index: int) -> None:
    """The engine's own call of a module."""
    TerraformHclModule(
        stack,
        f"it{index}",
        source="./module",
        skip_asset_creation_from_local_modules=True,
        variables=payload(index),
    )


def raw_resource(stack: TerraformStack, index: int) -> None:
    """The engine's own resource: without bindings, each attribute is an override."""
    lifecycle = TerraformResourceLifecycle(replace_triggered_by=[trigger(index)])
    kind = "openai_chat_completion"
    made = TerraformResource(stack, f"it{index}", terraform_resource_type=kind, lifecycle=lifecycle)
    for name, value in {**payload(index), "store": True}.items():
        made.add_override(name, value)


def generated_resource(stack: TerraformStack, index: int) -> None:
    """What `cdktf get` generates for the provider's schema."""
    from openai.chat_completion import ChatCompletion, ChatCompletionMessages

    asked = payload(index)
    asked["messages"] = [ChatCompletionMessages(**it) for it in asked["messages"]]
    lifecycle = TerraformResourceLifecycle(replace_triggered_by=[trigger(index)])
    ChatCompletion(stack, f"it{index}", **asked, store=True, lifecycle=lifecycle)


def ours(kind: Any, **given: Any) -> Make:
    """One of the constructs measured."""
    return lambda stack, index: kind(
        stack,
        f"it{index}",
        model="llama-3.3-70b",
        system=SYSTEM,
        prompt=f"Question {index}",
        **PARAMETERS,
        **given,
    )


def multi_turn(stack: TerraformStack, index: int) -> None:
    """The same, said as messages."""
    messages = [Message.system(SYSTEM), Message.user(f"Question {index}")]
    MultiTurnChat(stack, f"it{index}", model="llama-3.3-70b", messages=messages, **PARAMETERS)


VARIANTS: Final[dict[str, Make]] = {
    "raw TerraformHclModule": raw_module,
    "BasicChat": ours(BasicChat),
    "MultiTurnChat": multi_turn,
    "FunctionCallingChat": ours(FunctionCallingChat, functions=[Function("search", "Searches.")]),
    "raw TerraformResource": raw_resource,
    "generated bindings": generated_resource,
    "StoredCompletion": ours(StoredCompletion),
}
"""One construct, by the name of what makes it."""

FLEET: Final = "ChatFleet"
"""Made whole, so it is no variant of one construct."""


def stack_of(folder: str) -> TerraformStack:
    """A stack in which everything is there that a stack pays once."""
    stack = TerraformStack(App(outdir=folder), "stack")
    OpenaiProvider(stack, "openai")
    BasicChat(stack, "first", model="m", prompt="p")
    StoredCompletion(stack, "first_stored", model="m", prompt="p")
    return stack


def make_fleet(stack: TerraformStack, count: int) -> None:
    """As many chats as one fleet."""
    asked = {f"it{index}": f"Question {index}" for index in range(count)}
    ChatFleet(stack, "fleet", model="llama-3.3-70b", system=SYSTEM, chats=asked, **PARAMETERS)
