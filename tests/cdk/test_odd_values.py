"""Values of any type in any argument: one clear error, bounded in length, and nothing made in the tree."""

from __future__ import annotations

import random
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
from tests.support import sized, template

from openai_constructs import (
    BasicChat,
    Budget,
    ChatCompletion,
    ChatFleet,
    CompletionLookup,
    DataOpenaiChatCompletion,
    DataOpenaiChatCompletions,
    Function,
    FunctionCallingChat,
    Image,
    InvalidInputError,
    Message,
    MultiTurnChat,
    OpenaiProvider,
    PromptMatrix,
    StoredCompletion,
    Tool,
    ToolCall,
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


@pytest.mark.parametrize("argument", ["images", "files", "tool_calls", "tool_call_id", "content", "name"])
@pytest.mark.parametrize("native", [False, True])
def test_fields_of_a_message(stack: TerraformStack, argument: str, *, native: bool) -> None:
    """So it is with each field of a message."""
    OpenaiProvider(stack, "openai", native=native)
    for kind, value in ODD.items():
        message = Message(**{"role": "user", "content": "x", argument: value})
        problem = problem_of(MultiTurnChat, stack, "it", model="m", messages=[message])
        assert 0 < len(problem) < 20_000, kind


@pytest.mark.parametrize("kind", [*ODD, "a text", "a list", "a dict"])
def test_dicts_of_the_sdk(stack: TerraformStack, kind: str) -> None:
    """A custom tool or a content part with anything in it is refused, and nothing of it is dropped."""
    value = {**ODD, "a text": "it", "a list": [1], "a dict": {}}[kind]
    OpenaiProvider(stack, "openai", native=True)
    for format_ in (value, {"type": "grammar", "grammar": value}, {"type": value}):
        tools = [{"type": "custom", "custom": {"name": "x", "format": format_}}]
        assert problem_of(BasicChat, stack, "it", model="m", prompt="p", tools=tools)
    for part in ({"type": value}, {"type": "image_url", "image_url": {"url": value}}):
        messages = [{"role": "user", "content": [part]}]
        assert problem_of(MultiTurnChat, stack, "it", model="m", messages=messages)


def test_counts_and_dependencies_that_jsii_does_not_know(stack: TerraformStack) -> None:
    """A count that is a token of text or of a list is refused; dependencies may be a tuple."""
    OpenaiProvider(stack, "openai")
    variable = TerraformVariable(stack, "v")
    for count in (variable.string_value, variable.list_value, variable.value):
        assert "count = " in problem_of(
            ChatCompletion, stack, "it", model="m", messages=MESSAGES, count=count
        )
    first = ChatCompletion(stack, "first", model="m", messages=MESSAGES, count=variable.number_value)
    BasicChat(stack, "second", model="m", prompt="p", depends_on=(first,))
    written = template(stack).to_json()
    assert written["module"]["second"]["depends_on"] == ["openai_chat_completion.first"]


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(sized(20, 1)))
def test_random_calls(stack: TerraformStack, seed: int, record_property: Any) -> None:
    """With arguments of random types, a construct is created or one InvalidInputError is raised."""
    chance = random.Random(seed)
    native = seed % 2 == 0
    OpenaiProvider(stack, "openai", native=native)
    calls = sized(1_000, 200)
    for number in range(calls):
        name = chance.choice([it for it in MAKERS if it != "OpenaiProvider"])
        make, valid, optional = MAKERS[name]
        arguments = [*valid, *optional]
        changed = chance.sample(arguments, min(len(arguments), chance.randrange(1, 5)))
        given = {**valid, **{argument: random_value(chance) for argument in changed}}
        assert len(problem_of(make, stack, f"it{number}", **given)) < 20_000
    record_property("API calls with random arguments", calls)


def problem_of(make: Callable[..., object], *arguments: Any, **given: Any) -> str:
    """The one kind of error that there may be; empty if there is none."""
    try:
        make(*arguments, **given)
    except InvalidInputError as error:
        return str(error)
    return ""


def random_value(chance: random.Random, depth: int = 0) -> Any:
    """A value of a random type: odd, plain, a token, or a list or dict of others."""
    kind = chance.randrange(8 if depth < 4 else 5)
    if kind == 0:
        return chance.choice([it for name, it in ODD.items() if name != "many wrong entries"])
    if kind == 1:
        alphabet = 'ab ${}%"\\\r\n\0\u0301\ud800é語😀TfToken[]#&.'
        return "".join(chance.choices(alphabet, k=chance.randrange(30)))
    if kind == 2:
        return chance.choice([None, True, False, 0, -1, 1, 0.5, 2**60, -8.1e298, "auto", "m", "user"])
    if kind == 3:
        return chance.choice([Fn.join(",", ["a"]), Fn.split(",", "a"), Message.user("x"), Function("f")])
    if kind == 4:
        return chance.choice([(), [], {}, "", ToolCall("1", "f", "{}"), Image("x.png"), Budget])
    values = [random_value(chance, depth + 1) for _ in range(chance.randrange(4))]
    if kind == 5:
        return chance.choice([list, tuple])(values)
    keys = ["role", "content", "name", "type", "parameters", "function", "tool_calls", "a b", ""]
    return dict(zip(chance.sample(keys, len(values)), values, strict=True))


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
        (lambda: StoredCompletion(stack, "e", model="m"), "Set prompt or messages"),
        (lambda: ChatFleet(stack, "e", chats={"a": "x"}), "Set model= of the fleet or of this chat"),
        (lambda: ChatFleet(stack, "e", model="m", chats={"a": {}}), "Set prompt or messages"),
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
