"""Bad input: one error at construction that lists every problem, and nothing is made."""

from __future__ import annotations

import math
from collections import UserList
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import pytest
from constructs import Construct, RootConstruct
from tests.engine import NAME, App, TerraformStack, TerraformVariable
from tests.support import template

from openai_constructs import (
    BasicChat,
    ChatCompletion,
    ChatFleet,
    CompletionLookup,
    CompletionsQuery,
    DataOpenaiChatCompletion,
    DataOpenaiChatCompletionMessages,
    DataOpenaiChatCompletions,
    Function,
    FunctionCallingChat,
    InvalidInputError,
    Message,
    MessagesQuery,
    MultiTurnChat,
    OpenaiProvider,
    Problem,
    StoredCompletion,
)

MAKERS: dict[str, Callable[..., Any]] = {
    "BasicChat": lambda scope, **given: BasicChat(scope, "it", **{"model": "m", "prompt": "p", **given}),
    "MultiTurnChat": lambda scope, **given: MultiTurnChat(
        scope, "it", **{"model": "m", "messages": [Message.user("p")], **given}
    ),
    "FunctionCallingChat": lambda scope, **given: FunctionCallingChat(
        scope, "it", **{"model": "m", "prompt": "p", "functions": [Function("f")], **given}
    ),
    "StoredCompletion": lambda scope, **given: StoredCompletion(
        scope, "it", **{"model": "m", "prompt": "p", **given}
    ),
    "ChatCompletion": lambda scope, **given: ChatCompletion(
        scope, "it", **{"model": "m", "messages": [Message.user("p")], **given}
    ),
}

BAD_PARAMETERS: list[tuple[str, Any, str]] = [
    ("model", "", "model = '': must be text that is not empty. Write something, or omit it."),
    ("model", None, "model = None: must be text (str)."),
    ("model", 5, "model = 5: must be text (str)."),
    ("temperature", 2.1, "temperature = 2.1: must be a number from 0 to 2. Reduce it to at most 2."),
    ("temperature", -0.1, "temperature = -0.1: must be a number from 0 to 2. Increase it to at least 0."),
    ("temperature", True, "temperature = True: must be a number from 0 to 2. Pass a number."),
    ("temperature", "0.5", "temperature = '0.5': must be a number from 0 to 2. Pass a number."),
    ("temperature", math.nan, "temperature = nan: must be a number from 0 to 2. Pass a finite number."),
    ("temperature", math.inf, "temperature = inf: must be a number from 0 to 2. Pass a finite number."),
    ("top_p", 1.01, "top_p = 1.01: must be a number from 0 to 1. Reduce it to at most 1."),
    ("presence_penalty", 3, "presence_penalty = 3: must be a number from -2 to 2. Reduce it to at most 2."),
    (
        "frequency_penalty",
        -3,
        "frequency_penalty = -3: must be a number from -2 to 2. Increase it to at least -2.",
    ),
    ("n", 0, "n = 0: must be a whole number from 1 to 128. Increase it to at least 1."),
    ("n", 129, "n = 129: must be a whole number from 1 to 128. Reduce it to at most 128."),
    ("n", 1.0, "n = 1.0: must be a whole number from 1 to 128. Pass an int."),
    ("max_tokens", 0, "max_tokens = 0: must be a whole number from 1. Increase it to at least 1."),
    ("max_tokens", 10**400, "Reduce it: JSON has exact whole numbers only up to 2**53."),
    ("max_tokens", False, "max_tokens = False: must be a whole number from 1. Pass a number."),
    ("stop", [], "stop = []: must be 1 or more. Omit it instead of passing an empty value."),
    ("stop", ["a"] * 5, "stop = ['a', 'a', 'a', 'a', ...]: must be at most 4; there are 5. Remove 1."),
    ("stop", "a", "stop = 'a': must be a list of texts. Put it into a list."),
    ("stop", ["a", ""], "stop[1] = '': must be text that is not empty."),
    ("stop", [5], "stop[0] = 5: must be text (str)."),
    (
        "logit_bias",
        {"1": 101},
        "logit_bias['1'] = 101: must be a number from -100 to 100. Reduce it to at most 100.",
    ),
    ("logit_bias", {"1": True}, "logit_bias['1'] = True: must be a number from -100 to 100. Pass a number."),
    ("logit_bias", {1: 1}, "logit_bias key = 1: must be text (str)."),
    ("logit_bias", [1], "logit_bias = [1]: must be a dict of text to numbers. Pass a dict."),
    ("user", 5, "user = 5: must be text (str)."),
    ("metadata", {f"k{i}": "" for i in range(17)}, "must be at most 16; there are 17. Remove 1."),
    ("metadata", {"k" * 65: ""}, "must be at most 64 characters long; it has 65. Shorten it."),
    ("metadata", {"k": "v" * 513}, "must be at most 512 characters long; it has 513. Shorten it."),
    ("metadata", {"k": 5}, "metadata['k'] = 5: must be text (str)."),
    ("metadata", "k=v", "metadata = 'k=v': must be a dict of text to text. Pass a dict."),
]


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize(("argument", "value", "message"), BAD_PARAMETERS)
def test_bad_parameters(stack: TerraformStack, maker: str, argument: str, value: Any, message: str) -> None:
    """Every construct refuses the same values with the same words: path, argument, value, allowed, fix."""
    with pytest.raises(InvalidInputError) as error:
        MAKERS[maker](stack, **{argument: value})
    assert str(error.value).startswith("stack/it: ")
    assert message in str(error.value)
    assert isinstance(error.value, ValueError)


BAD_MESSAGES: list[tuple[Any, str]] = [
    ([], "messages = []: must be 1 or more. Add at least one."),
    (None, "messages = None: must be a list of messages."),
    ("hello", "messages = 'hello': must be a list of messages."),
    (
        [Message("robot", "x")],
        "messages[0].role = 'robot': must be one of system, user, assistant, function, dev",
    ),
    ([Message("function", "x")], "messages[0].name = None: must be the name of the function that answered."),
    ([Message.user(None)], "messages[0].content = None: must be text (str)."),  # type: ignore[arg-type]
    ([Message.user(b"x")], "messages[0].content = b'x': must be text (str)."),  # type: ignore[arg-type]
    ([Message.user("a\ud800")], "must be text that UTF-8 can write. Remove the lone surrogates."),
    ([Message.user("x"), 5], "messages[1] = 5: must be a Message or a dict."),
    ([Message.user("<cdktf._LazyBaseProxy object at 0x7f83>")], "without the address of a CDK object in it."),
    ([Message.user("#{TfToken[TOKEN.1]}")], "must be text without a list or map token in it. Join it first"),
]


@pytest.mark.parametrize(("messages", "message"), BAD_MESSAGES)
@pytest.mark.parametrize("maker", ["MultiTurnChat", "ChatCompletion"])
def test_bad_messages(stack: TerraformStack, maker: str, messages: Any, message: str) -> None:
    """Messages are checked where they are given to a construct."""
    with pytest.raises(InvalidInputError) as error:
        MAKERS[maker](stack, messages=messages)
    assert message in str(error.value)


@pytest.mark.parametrize("maker", ["FunctionCallingChat", "StoredCompletion", "ChatCompletion"])
def test_bad_functions(stack: TerraformStack, maker: str) -> None:
    """Functions are checked wherever they can be given, a name no function has included."""
    with pytest.raises(InvalidInputError) as error:
        MAKERS[maker](stack, functions=[Function("a b"), Function("f"), Function("f")], function_call="g")
    assert [it.argument for it in error.value.problems] == [
        "functions[0].name",
        "functions[2].name",
        "function_call",
    ]


@pytest.mark.parametrize("key", ["hello", "1.5", "-1", "", "٣"])
def test_biases_are_for_ids_of_tokens(stack: TerraformStack, key: str) -> None:
    """The API refuses any other key. One that only Terraform knows is not checked."""
    with pytest.raises(InvalidInputError, match="logit_bias key = .*: must be the id of a token, in digits"):
        BasicChat(stack, "it", model="m", prompt="p", logit_bias={key: 1})
    token = TerraformVariable(stack, "id").string_value
    BasicChat(stack, "it", model="m", prompt="p", logit_bias={token: 1, "50256": -100})


@pytest.mark.parametrize("name", ["temperature", "metadata", "messages"])
def test_arguments_of_a_chat_cannot_be_assigned(stack: TerraformStack, name: str) -> None:
    """An assignment that would change nothing in the JSON is an error that says what to do."""
    chats = [
        BasicChat(stack, "chat", model="m", prompt="p"),
        ChatFleet(stack, "fleet", model="m", chats={"a": "b"}),
    ]
    for chat in chats:
        with pytest.raises(AttributeError, match=f"pass it to the constructor, or use set\\('{name}'"):
            setattr(chat, name, 0.5)


def test_a_result_of_a_tool_is_refused_once(stack: TerraformStack) -> None:
    """The public provider has no such role, so what belongs around it is no problem of its own."""
    messages = [Message.user("p"), Message.tool("r", tool_call_id="c")]
    with pytest.raises(InvalidInputError) as error:
        MultiTurnChat(stack, "it", model="m", messages=messages)
    arguments = [it.argument for it in error.value.problems]
    assert arguments == ["messages[1].tool_call_id", "messages[1].role"]


def test_a_list_of_messages_is_no_variable(stack: TerraformStack) -> None:
    """The variable itself is refused with the reason, as its value is."""
    variable = TerraformVariable(stack, "v", type="any")
    for messages in (variable, variable.value, variable.list_value):
        with pytest.raises(InvalidInputError, match="known at synthesis"):
            MultiTurnChat(stack, "it", model="m", messages=messages)


def test_everything_wrong_is_listed_at_once(stack: TerraformStack) -> None:
    """One error has all the problems, a line each, and the construct is not there."""
    with pytest.raises(InvalidInputError) as error:
        BasicChat(stack, "it", model="m", prompt=5, temperature=9, stop=[], n=0)  # type: ignore[arg-type]
    assert str(error.value) == (
        "stack/it: 4 problems\n"
        "  - prompt = 5: must be text (str). "
        "For a variable or another construct, pass its string: `variable.string_value`.\n"
        "  - temperature = 9: must be a number from 0 to 2. Reduce it to at most 2.\n"
        "  - n = 0: must be a whole number from 1 to 128. Increase it to at least 1.\n"
        "  - stop = []: must be 1 or more. Omit it instead of passing an empty value."
    ) or [it.argument for it in error.value.problems] == ["prompt", "temperature", "stop", "n"]
    assert template(stack).to_json() == {}


def test_a_variable_is_not_its_value(stack: TerraformStack) -> None:
    """A variable given where its value belongs is explained."""
    with pytest.raises(InvalidInputError, match=r"pass its string: `variable.string_value`"):
        BasicChat(stack, "it", model=TerraformVariable(stack, "v"), prompt="p")  # type: ignore[arg-type]


def test_tokens_are_never_range_checked(stack: TerraformStack) -> None:
    """What only Terraform knows passes every check and stands in the JSON as a reference."""
    any_ = TerraformVariable(stack, "any", type="any")
    text, number = any_.string_value, any_.number_value
    StoredCompletion(
        stack,
        "it",
        model=text,
        messages=[{"role": text, "content": text}],
        functions=[{"name": text, "parameters": text}],
        function_call=text,
        temperature=number,
        top_p=any_.value,
        n=number,
        max_tokens=number,
        stop=any_.list_value,
        logit_bias=any_.value,
        metadata={text: f"{text}{'x' * 600}"},
        user=text,
    )
    made = template(stack).find_resources("openai_chat_completion")["it"]
    assert made["temperature"] == made["model"] == made["stop"] == made["logit_bias"] == "${var.any}"
    assert made["metadata"] == {"${var.any}": "${var.any}" + "x" * 600}
    assert made["functions"] == [{"name": "${var.any}", "parameters": "${var.any}"}]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "completion and completion_id = 'neither': must be one of the two."),
        ({"completion_id": ""}, "completion_id = '': must be text that is not empty."),
        ({"completion_id": 5}, "completion_id = 5: must be text (str)."),
        ({"completion": "id"}, "completion = 'id': must be a completion of this app."),
        (
            {"completion_id": "x", "enable_chat_completions_store": "yes"},
            "must be a bool, a variable or a token.",
        ),
        (
            {"completion_id": "x", "messages": MessagesQuery(limit=101)},
            "messages.limit = 101: must be a whole number",
        ),
        (
            {"completion_id": "x", "messages": MessagesQuery(limit=0)},
            "messages.limit = 0: must be a whole number",
        ),
        (
            {"completion_id": "x", "messages": MessagesQuery(order="up")},
            "messages.order = 'up': must be one of asc",
        ),  # type: ignore[arg-type]
        (
            {"completion_id": "x", "recent": CompletionsQuery(limit=True)},
            "recent.limit = True: must be a whole nu",
        ),
        ({"completion_id": "x", "recent": CompletionsQuery(metadata={"k": 1})}, "recent.metadata['k'] = 1"),  # type: ignore[dict-item]
        (
            {"completion_id": "x", "recent": {"limit": 5}},
            "recent = {'limit': 5}: must be a CompletionsQuery.",
        ),
        (
            {"completion_id": "x", "recent": CompletionsQuery(name="a b")},
            "recent.name = 'a b': must be a Terraform",
        ),
    ],
)
def test_bad_lookups(stack: TerraformStack, given: dict[str, Any], message: str) -> None:
    """A lookup says what it looks up, and asks for pages the API has."""
    with pytest.raises(InvalidInputError) as error:
        CompletionLookup(stack, "it", **given)
    assert message in str(error.value)


def test_a_lookup_of_both_is_refused(stack: TerraformStack) -> None:
    """Both a completion and an id leave open which one is meant."""
    stored = StoredCompletion(stack, "stored", model="m", prompt="p")
    with pytest.raises(
        InvalidInputError, match="completion and completion_id = 'both': must be one of the two"
    ):
        CompletionLookup(stack, "it", completion=stored, completion_id="x")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda scope: DataOpenaiChatCompletion(scope, "it", completion_id=""), "completion_id = ''"),
        (
            lambda scope: DataOpenaiChatCompletionMessages(scope, "it", completion_id="x", limit=0),
            "limit = 0",
        ),
        (
            lambda scope: DataOpenaiChatCompletionMessages(scope, "it", completion_id="x", order="up"),
            "order = 'up'",
        ),
        (lambda scope: DataOpenaiChatCompletions(scope, "it", limit=101), "limit = 101"),
        (lambda scope: DataOpenaiChatCompletions(scope, "it", metadata={"k": 5}), "metadata['k'] = 5"),
        (
            lambda scope: StoredCompletion(scope, "it", model="m", prompt="p", on_change="x"),
            "on_change = 'x'",
        ),
        (lambda scope: BasicChat(scope, "it", model="m", prompt="p", source=""), "source = ''"),
        (lambda scope: BasicChat(scope, "it", model="m", prompt="p", store="yes"), "store = 'yes'"),
        (
            lambda scope: ChatCompletion(scope, "it", model="m", messages=[Message.user("p")], stream=1),
            "stream = 1",
        ),
    ],
)
def test_bad_arguments_of_one_construct(
    stack: TerraformStack, make: Callable[..., Any], message: str
) -> None:
    """Every other limited argument is checked in the same way."""
    with pytest.raises(InvalidInputError) as error:
        make(stack)
    assert str(error.value).startswith(f"stack/it: {message}: must be ")


def test_an_unknown_argument_is_a_type_error(stack: TerraformStack) -> None:
    """A misspelt argument is Python's own error, and names the construct."""
    with pytest.raises(TypeError, match=r"BasicChat\(\) got an unexpected keyword argument 'temprature'"):
        BasicChat(stack, "it", model="m", prompt="p", temprature=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="without a lifecycle: a StoredCompletion protects"):
        BasicChat(stack, "c", model="m", prompt="p", lifecycle={"prevent_destroy": True})  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"StoredCompletion\(\) got an unexpected keyword argument 'store'"):
        StoredCompletion(stack, "it", model="m", prompt="p", store=False)  # type: ignore[call-arg]


@pytest.mark.parametrize("id_", ["", "a b", "1st", "a.b", "é", None, 5])
def test_bad_ids(stack: TerraformStack, id_: Any) -> None:
    """An id that Terraform cannot have as a name is refused; the engine would drop characters in silence."""
    with pytest.raises(InvalidInputError, match=r"id = .*: must be a Terraform identifier"):
        BasicChat(stack, id_, model="m", prompt="p")


def test_ids_that_clash(stack: TerraformStack) -> None:
    """The same id twice is refused, whoever made the first one, and listed with the other problems."""
    BasicChat(stack, "it", model="m", prompt="p")
    TerraformVariable(stack, "other")
    with pytest.raises(InvalidInputError) as error:
        BasicChat(stack, "it", model="m", prompt="p", n=0)
    assert [it.argument for it in error.value.problems] == ["id", "n"]
    with pytest.raises(InvalidInputError, match=r"stack/other: id = 'other': must be unique in its scope"):
        BasicChat(stack, "other", model="m", prompt="p")


def test_what_was_removed_can_be_made_anew(stack: TerraformStack) -> None:
    """An id that the tree no longer has is free again."""
    BasicChat(stack, "it", model="m", prompt="p")
    assert stack.node.try_remove_child("it")
    BasicChat(stack, "it", model="m", prompt="q")
    assert template(stack).find_modules()["it"]["messages"][0]["content"] == "q"


def test_a_provider_that_was_removed_can_be_made_anew(stack: TerraformStack) -> None:
    """Nothing relies on the one that was there: another source will do, and the same alias."""
    OpenaiProvider(stack, "openai")
    OpenaiProvider(stack, "eu", alias="eu")
    with pytest.raises(InvalidInputError, match="different from the aliases of the stack's other providers"):
        OpenaiProvider(stack, "other", alias="eu")
    for id_ in ("openai", "eu"):
        assert stack.node.try_remove_child(id_)
    OpenaiProvider(stack, "openai", native=True)
    OpenaiProvider(stack, "eu", alias="us", native=True)
    OpenaiProvider(stack, "other", alias="eu", native=True)
    assert [it.get("alias") for it in template(stack).to_json()["provider"]["openai"]] == [None, "us", "eu"]
    stack.node.try_remove_child("openai")
    OpenaiProvider(stack, "openai", alias="default", native=True)
    OpenaiProvider(stack, "new", native=True)


def test_names_belong_to_what_is_there(stack: TerraformStack) -> None:
    """A name is free when its lookup is removed, with its scope or alone; another's is not."""

    def look_up(scope: Construct, id_: str, name: str) -> None:
        CompletionLookup(
            scope,
            id_,
            completion_id=id_,
            enable_chat_completions_store=True,
            messages=MessagesQuery(name=name),
        )

    team = Construct(stack, "team")
    look_up(stack, "a", "of_a")
    look_up(stack, "b", "of_b")
    look_up(team, "c", "of_c")
    stack.node.try_remove_child("a")
    with pytest.raises(InvalidInputError, match=r"of_b': must be an address that is free"):
        look_up(stack, "a", "of_b")
    look_up(stack, "d", "of_a")
    look_up(stack, "a", "anew")
    stack.node.try_remove_child("team")
    look_up(stack, "e", "of_c")
    found = template(stack).find_data_sources("openai_chat_completion_messages")
    assert {name: it["completion_id"] for name, it in found.items()} == {
        "of_b": "b",
        "of_a": "d",
        "anew": "a",
        "of_c": "e",
    }


def test_a_lookup_that_is_refused_is_not_there(stack: TerraformStack) -> None:
    """Its provider is looked at before anything is made, whatever the gate."""
    wrong: Any = "eu"
    for gate in (False, True):
        with pytest.raises(InvalidInputError, match=r"it: provider = 'eu': must be an OpenaiProvider"):
            CompletionLookup(
                stack, "it", completion_id="x", enable_chat_completions_store=gate, provider=wrong
            )
    CompletionLookup(stack, "it", completion_id="x", enable_chat_completions_store=True)


@pytest.mark.parametrize("number", [2, 200])
def test_a_fleet_that_was_removed_can_be_made_anew(stack: TerraformStack, number: int) -> None:
    """Its file goes with it."""
    chats = {str(it): "p" for it in range(number)}
    ChatFleet(stack, "it", model="m", chats=chats)
    assert stack.node.try_remove_child("it")
    ChatFleet(stack, "it", model="n", chats=chats)
    assert list(template(stack).find_modules()) == ["it"]


def test_the_id_of_a_fleets_file(stack: TerraformStack) -> None:
    """Where an element that is not ours has it, the error says so."""
    TerraformVariable(stack, "it-chats")
    with pytest.raises(InvalidInputError, match="it: id = 'it-chats': must be left to the library"):
        ChatFleet(stack, "it", model="m", chats={str(it): "p" for it in range(200)})


def _chat(stack: TerraformStack, **given: Any) -> None:
    BasicChat(stack, "it", model="m", prompt="p", **given)


def _resource(stack: TerraformStack, **given: Any) -> None:
    ChatCompletion(stack, "it", model="m", messages=[Message.user("p")], **given)


def _data(stack: TerraformStack, **given: Any) -> None:
    DataOpenaiChatCompletion(stack, "it", completion_id="x", **given)


@pytest.mark.parametrize("make", [_chat, _resource, _data])
@pytest.mark.parametrize("wrong", ["x", None, 1])
def test_what_nothing_can_depend_on(stack: TerraformStack, make: Any, wrong: Any) -> None:
    """The engine would say so in words of jsii, or pass over it."""
    lookup = CompletionLookup(stack, "lookup", completion_id="x")
    with pytest.raises(InvalidInputError) as error:
        make(stack, depends_on=[TerraformVariable(stack, "fine"), wrong, lookup])
    assert [it.argument for it in error.value.problems] == ["depends_on[1]", "depends_on[2]"]
    with pytest.raises(InvalidInputError, match="depends_on = <.*: must be a list of constructs"):
        make(stack, depends_on=lookup)


@pytest.mark.parametrize("make", [_resource, _data])
def test_lifecycles_are_checked(stack: TerraformStack, make: Any) -> None:
    """A misspelt field would be lost, and with it what it protects."""
    with pytest.raises(InvalidInputError, match="lifecycle = 'prevent_destory': must be one of"):
        make(stack, lifecycle={"prevent_destory": True})
    with pytest.raises(InvalidInputError, match="lifecycle = <.*: must be a dict of the fields"):
        make(stack, lifecycle=TerraformVariable(stack, "v"))


@pytest.mark.parametrize("id_", ["openai_constructs", "openai_chat_completion_request"])
def test_ids_of_the_library_that_others_took(stack: TerraformStack, id_: str) -> None:
    """Where an element that is not ours has one of them, the error names that one."""
    TerraformVariable(stack, id_)
    make = BasicChat if id_ == "openai_constructs" else StoredCompletion
    with pytest.raises(InvalidInputError, match=f"it: id = '{id_}': must be left to the library"):
        make(stack, "it", model="m", prompt="p")
    assert stack.node.try_find_child("it") is None


@pytest.mark.parametrize("id_", ["openai_constructs", "openai_chat_completion_request"])
def test_ids_of_the_librarys_own(stack: TerraformStack, id_: str) -> None:
    """Ids that the library needs in the stack are refused with the reason."""
    with pytest.raises(InvalidInputError, match="another id: the library uses this one itself"):
        StoredCompletion(stack, id_, model="m", prompt="p")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"provider": "openai.eu"}, "provider = 'openai.eu': must be an OpenaiProvider."),
        (
            {"lifecycle": {"prevent_destory": True}},
            "lifecycle = 'prevent_destory': must be one of create_before",
        ),
    ],
)
def test_bad_meta_arguments(stack: TerraformStack, given: dict[str, Any], message: str) -> None:
    """What belongs to Terraform is checked too."""
    with pytest.raises(InvalidInputError) as error:
        StoredCompletion(stack, "it", model="m", prompt="p", **given)
    assert message in str(error.value)


def test_mappings_and_sequences_of_any_kind(stack: TerraformStack) -> None:
    """What is typed as a mapping or a sequence may be any of them, and its texts are literal."""
    metadata = MappingProxyType({"${k}": "v"})
    StoredCompletion(stack, "it", model="m", prompt="p", metadata=metadata, stop=UserList(["${x}"]))
    made = template(stack).find_resources("openai_chat_completion")["it"]
    assert (made["metadata"], made["stop"]) == ({"$${k}": "v"}, ["$${x}"])


def test_addresses_that_clash(stack: TerraformStack) -> None:
    """Two data sources of one type cannot have one name, even where their ids differ."""
    query = MessagesQuery(name="listed")
    CompletionLookup(stack, "a", completion_id="x", messages=query)
    with pytest.raises(InvalidInputError) as error:
        CompletionLookup(stack, "b", completion_id="x", messages=query)
    assert (
        "messages.name = 'data.openai_chat_completion_messages.listed': must be an address that is free"
        in str(error.value)
    )


def test_scopes_that_cannot_hold_a_construct(app: App) -> None:
    """A scope that is no construct, or in no stack is refused at once."""
    with pytest.raises(InvalidInputError, match="scope = None: must be a construct"):
        BasicChat(None, "it", model="m", prompt="p")  # type: ignore[arg-type]
    for scope in (app, RootConstruct("root")):
        with pytest.raises(InvalidInputError, match="must be a stack, or a construct in one"):
            BasicChat(scope, "it", model="m", prompt="p")


def test_other_errors_of_the_engine_pass(stack: TerraformStack) -> None:
    """An error that is not about the id is left as the engine wrote it."""
    with pytest.raises(RuntimeError, match=f"Unable to deserialize value as {NAME}.TerraformResourceConfig"):
        ChatCompletion(stack, "l1", model="m", messages=[Message.user("p")], connection="x")  # type: ignore[arg-type]


def test_errors_can_be_compared_and_pickled() -> None:
    """An error survives a process pool, problems included."""
    import pickle

    error = InvalidInputError("path", [Problem("a", "1", "2", "Fix.")])
    assert pickle.loads(pickle.dumps(error)).problems == error.problems
    assert str(error) == "path: a = 1: must be 2. Fix."


@pytest.mark.parametrize("key", ["api_key", "admin_key"])
def test_a_literal_key_is_refused_and_never_shown(stack: TerraformStack, key: str) -> None:
    """A key in the source would be a key in the JSON; the error does not repeat it."""
    secret = TerraformVariable(stack, "secret", sensitive=True).string_value
    for bad in ("sk-very-secret", f"sk-very-secret{secret}", 5, True):
        with pytest.raises(InvalidInputError) as error:
            OpenaiProvider(stack, "openai", **{key: bad})  # type: ignore[arg-type]
        assert f"{key} = (hidden): must be a sensitive variable or a token" in str(error.value)
        assert "very-secret" not in repr(error.value) + str(error.value)


def test_a_variable_that_would_show_the_key_is_refused(stack: TerraformStack) -> None:
    """A variable must be sensitive, and without a default that would stand in the JSON."""
    for variable in (
        TerraformVariable(stack, "plain", type="string"),
        TerraformVariable(stack, "default", type="string", sensitive=True, default="sk-very-secret"),
    ):
        with pytest.raises(
            InvalidInputError, match=r"api_key = \(hidden\): must be a variable with sensitive=True"
        ):
            OpenaiProvider(stack, "openai", api_key=variable)
