"""Values of any type in any argument: one clear error, bounded in length, and nothing made in the tree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from constructs import Construct
from tests.engine import (
    App,
    Fn,
    TerraformProvider,
    TerraformResource,
    TerraformStack,
    TerraformVariable,
)

from openai_constructs import (
    BasicChat,
    ChatCompletion,
    ChatFleet,
    CompletionLookup,
    DataOpenaiChatCompletion,
    DataOpenaiChatCompletions,
    Function,
    FunctionCallingChat,
    InvalidInputError,
    OpenaiProvider,
    PromptMatrix,
    StoredCompletion,
    Tool,
)
from openai_constructs.cdk.parameters import Parameters


class Array:
    """Behaves like an array of numpy: its comparisons are arrays, which have no truth value."""

    def __eq__(self, other: object) -> Any:
        return self

    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> bool:
        raise ValueError("The truth value of an array with more than one element is ambiguous.")

    def __len__(self) -> int:
        return 2


def nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": {}}
    for _ in range(depth):
        schema = {"type": "object", "properties": {"a": schema}}
    return schema


def cyclic() -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": {}}
    schema["properties"]["a"] = schema
    return schema


ODD: dict[str, Any] = {
    "inf": float("inf"),
    "nan": float("nan"),
    "a huge int": 10**5000,
    "an array": Array(),
    "an object": object(),
    "a class": TerraformVariable,
    "bytes": b"x",
    "a set": {1},
    "a cyclic dict": cyclic(),
    "a deep dict": nested(2000),
    "many wrong entries": [object()] * 200_000,
    "a lambda": lambda: None,
}

MESSAGES: Any = [{"role": "user", "content": "p"}]
FUNCTIONS: Any = [{"name": "f", "parameters": {"type": "object", "properties": {}}}]
PARAMETERS = tuple(Parameters.__annotations__)
META = ("count", "depends_on", "for_each", "lifecycle", "provider")
MAKERS: dict[str, tuple[Callable[..., object], dict[str, Any], tuple[str, ...]]] = {
    "BasicChat": (
        BasicChat,
        {"model": "m", "prompt": "p"},
        (*PARAMETERS, "system", "source", "version", "provider", "depends_on", "store", "metadata"),
    ),
    "FunctionCallingChat": (
        FunctionCallingChat,
        {"model": "m", "functions": FUNCTIONS, "prompt": "p", "function_call": "auto"},
        (),
    ),
    "ChatFleet": (ChatFleet, {"model": "m", "chats": {"a": "p"}}, ("system", "functions", "function_call")),
    "PromptMatrix": (PromptMatrix, {"prompts": {"a": "p"}, "models": ["m"]}, ("parameters", "system")),
    "StoredCompletion": (
        StoredCompletion,
        {"model": "m", "prompt": "p"},
        ("messages", "on_change", "lifecycle", "provider", "depends_on", "metadata"),
    ),
    "ChatCompletion": (ChatCompletion, {"model": "m", "messages": MESSAGES}, (*META, "stream", "imported")),
    "DataOpenaiChatCompletion": (DataOpenaiChatCompletion, {"completion_id": "c"}, META),
    "DataOpenaiChatCompletions": (DataOpenaiChatCompletions, {}, ("limit", "order", "metadata")),
    "CompletionLookup": (
        CompletionLookup,
        {"completion_id": "c"},
        ("completion", "enable_chat_completions_store", "messages", "recent", "provider"),
    ),
    "OpenaiProvider": (
        OpenaiProvider,
        {},
        (
            *("api_key", "organization", "base_url", "timeout", "alias", "project", "max_retries", "headers"),
            *("source", "version"),
        ),
    ),
}


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("native", [False, True])
def test_values_of_any_type_make_one_clear_error(stack: TerraformStack, name: str, *, native: bool) -> None:
    """Whatever stands in an argument: InvalidInputError, at most a few thousand characters long."""
    if name != "OpenaiProvider":
        OpenaiProvider(stack, "openai", native=native)
    make, valid, optional = MAKERS[name]
    for argument in (*valid, *optional):
        for kind, value in ODD.items():
            given = {**valid, argument: value}
            if name == "OpenaiProvider":
                given["native"] = native
            with pytest.raises(InvalidInputError) as error:
                make(stack, f"of_{argument}", **given)
            assert len(str(error.value)) < 20_000, f"{argument} = {kind}"
    make(stack, "it", **valid)


@pytest.mark.parametrize("id_", [5, None, ["a"], Array(), float("inf"), object()])
@pytest.mark.parametrize("name", MAKERS)
def test_ids_of_any_type(stack: TerraformStack, name: str, id_: Any) -> None:
    """What is no text is no id."""
    make, valid, _ = MAKERS[name]
    with pytest.raises(InvalidInputError, match="id = "):
        make(stack, id_, **valid)


@pytest.mark.parametrize(
    ("make", "near"),
    [
        (lambda stack: BasicChat(stack, "a", model="m", prompt="p", temprature=1), "temperature"),
        (lambda stack: BasicChat(stack, "a", model="m", prompt="p", sytem="s"), "system"),
        (lambda stack: StoredCompletion(stack, "a", model="m", prompt="p", onchange="keep"), "on_change"),
        (lambda stack: ChatFleet(stack, "a", chats={"a": "b"}, modle="m"), "model"),
    ],
)
def test_misspelt_keywords(stack: TerraformStack, make: Any, near: str) -> None:
    """A keyword that is nearly one of the constructor's is answered with that one."""
    with pytest.raises(TypeError, match=f"unexpected keyword argument '[a-z]+'. Did you mean '{near}'?"):
        make(stack)


@pytest.mark.parametrize("make", [Function, Tool])
@pytest.mark.parametrize("schema", [cyclic(), nested(2000)], ids=["cyclic", "deep"])
def test_schemas_without_an_end(stack: TerraformStack, make: Any, schema: Any) -> None:
    """A schema that contains itself, or is nested too deep, is refused with its place."""
    OpenaiProvider(stack, "openai", native=True)
    with pytest.raises(InvalidInputError, match="nested at most"):
        FunctionCallingChat(stack, "it", model="m", prompt="p", functions=[make("f", "d", schema)])


@pytest.mark.parametrize("scope", ["2024-report", "-report"])
def test_scopes_that_begin_no_name(stack: TerraformStack, scope: str) -> None:
    """Terraform names begin with the path, so its first id may not begin with a digit or hyphen."""
    with pytest.raises(InvalidInputError, match=f"scope = '{scope}': must be .*begins with a letter"):
        BasicChat(Construct(Construct(stack, scope), "in"), "it", model="m", prompt="p")


def test_providers_and_dependencies_of_another_stack(app: App) -> None:
    """Terraform knows neither in this stack; the error names the way out."""
    here, there = TerraformStack(app, "here"), TerraformStack(app, "there")
    provider = OpenaiProvider(there, "eu", alias="eu")
    other = TerraformProvider(there, "o", terraform_resource_type="o")
    chat = BasicChat(there, "chat", model="m", prompt="p")
    resource = TerraformResource(there, "r", terraform_resource_type="terraform_data")
    makers: list[Callable[..., object]] = [
        lambda **meta: BasicChat(here, "it", model="m", prompt="p", **meta),
        lambda **meta: StoredCompletion(here, "it", model="m", prompt="p", **meta),
        lambda **meta: DataOpenaiChatCompletion(here, "it", completion_id="c", **meta),
    ]
    for make in makers:
        for foreign in (provider, other):
            with pytest.raises(InvalidInputError, match="provider = 'there/.*a provider of the same"):
                make(provider=foreign)
        for dependency in (chat, resource):
            with pytest.raises(InvalidInputError, match=r"depends_on\[0\] = 'there/.*add_dependency"):
                make(depends_on=[dependency])
    own = BasicChat(here, "own", model="m", prompt="p", provider=OpenaiProvider(here, "eu", alias="eu"))
    BasicChat(here, "it", model="m", prompt="p", depends_on=[own])


def test_messages_that_point_the_right_way(stack: TerraformStack) -> None:
    """The fix names what this construct takes."""
    merged: Any = Fn.merge([{"a": "b"}, {"c": "d"}])
    whole: Any = TerraformVariable(stack, "v", type="list(any)").list_value
    cases: list[tuple[Callable[[], object], str]] = [
        (lambda: BasicChat(stack, "e", model="m", prompt=None), "prompt = None: must be text. Write"),  # type: ignore[arg-type]
        (lambda: StoredCompletion(stack, "e", model="m"), "Give prompt or messages"),
        (lambda: ChatFleet(stack, "e", chats={"a": "x"}), "Give model= to the fleet or to this chat"),
        (lambda: ChatFleet(stack, "e", model="m", chats={"a": {}}), "Give prompt or messages"),
        (lambda: StoredCompletion(stack, "e", model="m", prompt="p", metadata=merged), "as_string_map"),
        (lambda: StoredCompletion(stack, "e", model="m", messages=whole), "known at synthesis"),
        (lambda: BasicChat(stack, "e", model="m", prompt="p", stop=merged), "Token.as_list"),
        (
            lambda: BasicChat(stack, "e", model="m", prompt="p", depends_on=[OpenaiProvider]),  # type: ignore[list-item]
            "a resource, a data source or a module call",
        ),
        (
            lambda: StoredCompletion(
                stack, "e", model="m", prompt="p", lifecycle={"precondition": [{"condition": True}]}
            ),
            r"Write Precondition\(condition=",
        ),
    ]
    for make, message in cases:
        with pytest.raises(InvalidInputError, match=message):
            make()
