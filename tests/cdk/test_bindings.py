"""L1 bindings: the schema table and nothing else, every meta-argument, typed results."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from tests.engine import (
    App,
    Fn,
    TerraformCount,
    TerraformIterator,
    TerraformOutput,
    TerraformStack,
    TerraformVariable,
    Token,
)
from tests.support import template

from openai_constructs import (
    Budget,
    ChatCompletion,
    DataOpenaiChatCompletion,
    DataOpenaiChatCompletionMessages,
    DataOpenaiChatCompletions,
    Function,
    FunctionCall,
    InvalidInputError,
    Message,
    OpenaiProvider,
    schema,
)
from openai_constructs.cdk import results
from openai_constructs.cdk.results import ResultList, Results
from openai_constructs.errors import SynthesisError
from openai_constructs.testing import Template

RESOURCE_META = {"connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioners"}
DATA_META = {"count", "depends_on", "for_each", "lifecycle", "provider"}

BINDINGS = [
    (ChatCompletion, schema.CHAT_COMPLETION, RESOURCE_META),
    (DataOpenaiChatCompletion, schema.CHAT_COMPLETION_DATA, DATA_META),
    (DataOpenaiChatCompletionMessages, schema.CHAT_COMPLETION_MESSAGES_DATA, DATA_META),
    (DataOpenaiChatCompletions, schema.CHAT_COMPLETIONS_DATA, DATA_META),
    (OpenaiProvider, schema.NATIVE.provider, {"alias", "local_name", "source", "version"}),
]


def python_name(name: str) -> str:
    return name.lstrip("_")


@pytest.mark.parametrize(("binding", "block", "meta"), BINDINGS)
def test_arguments_are_those_of_the_schema(binding: type, block: schema.Block, meta: set[str]) -> None:
    """A binding takes every argument of its block and the meta-arguments, and no other."""
    parameters = set(inspect.signature(binding.__init__).parameters) - {"self", "scope", "id_", "native"}
    if "budget" in parameters:  # one object for several arguments
        parameters = parameters - {"budget"} | Budget(usd=1).arguments().keys()
    assert parameters == {python_name(name) for name in block.arguments} | meta


@pytest.mark.parametrize(("binding", "block", "meta"), BINDINGS[:4])
def test_attributes_are_those_of_the_schema(binding: type, block: schema.Block, meta: set[str]) -> None:
    """Every attribute and block of the schema can be read, and nothing else is offered."""
    offered = {name for name in dir(binding) if isinstance(getattr(binding, name), results._Read)}
    assert offered == {python_name(name) for name in [*block.attributes, *block.blocks]}


def attributes_of(part: type[Results]) -> set[str]:
    return {name for name in dir(part) if isinstance(getattr(part, name), results._Read)}


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        (results.AnswerMessage, schema._NATIVE_ANSWER),
        (results.ListedMessage, {**schema._NATIVE_ANSWER, "name": None, "tool_call_id": None}),
        (results.Choice, schema.NATIVE.chat_completion.blocks["choices"].attributes),
        (results.Annotation, schema._ANNOTATION),
        (results.FunctionResult, schema.CHAT_COMPLETION.blocks["functions"].attributes),
        (results.StoredChatCompletion, schema.CHAT_COMPLETIONS_DATA.attributes["chat_completions"].type[1]),
        (results.ToolCallResult, {**schema._TOOL_CALL[1], **schema._FUNCTION_CALL[1]}),
        (results.FunctionCallResult, schema._FUNCTION_CALL[1]),
    ],
)
def test_parts_have_the_attributes_of_the_schema(part: type[Results], kind: Any) -> None:
    """The same holds for every nested part."""
    assert attributes_of(part) == set(kind)


def everything(stack: TerraformStack) -> ChatCompletion:
    return ChatCompletion(
        stack,
        "it",
        model="gpt-4o",
        messages=[
            Message.system("s", name="n"),
            Message.assistant(function_call=FunctionCall("f", '{"a": 1}')),
            Message.function("1", name="f"),
        ],
        functions=[Function("f", "F", {"type": "object", "properties": {}})],
        function_call="f",
        temperature=0.5,
        top_p=0.9,
        n=2,
        max_tokens=10,
        presence_penalty=-1,
        frequency_penalty=1.5,
        stop=["a", "b"],
        logit_bias={"50256": -100},
        user="u",
        store=True,
        metadata={"k": "v"},
        stream=False,
        project_id="p",
        imported=False,
        imported_resource="x",
        id="chatcmpl-1",
    )


def test_every_argument_is_written(stack: TerraformStack, terraform_snapshot: SnapshotAssertion) -> None:
    """Each argument stands in the JSON under its Terraform name, blocks as literal arrays."""
    everything(stack)
    DataOpenaiChatCompletion(stack, "one", completion_id="x")
    DataOpenaiChatCompletionMessages(stack, "m", completion_id="x", limit=1, order="asc", after="a", id="i")
    DataOpenaiChatCompletions(
        stack, "all", limit=1, order="desc", after="a", model="m", metadata={"k": "v"}, id="i"
    )
    made = template(stack)
    assert (
        set(made.find_resources("openai_chat_completion")["it"]) - {"//"} == schema.CHAT_COMPLETION.arguments
    )
    assert made == terraform_snapshot


def test_every_meta_argument_is_written(stack: TerraformStack, terraform_snapshot: SnapshotAssertion) -> None:
    """Meta-arguments work as on every CDKTF resource and data source."""
    provider = OpenaiProvider(stack, "eu", alias="eu")
    keys = TerraformIterator.from_map({"a": "1"})
    enabled = TerraformVariable(stack, "enabled", type="number")
    given: dict[str, Any] = {"model": "m", "messages": [Message.user("p")]}
    first = ChatCompletion(stack, "first", **given)
    ChatCompletion(
        stack,
        "each",
        for_each=keys,
        depends_on=[first],
        provider=provider,
        lifecycle={"prevent_destroy": True, "replace_triggered_by": ["terraform_data.a"]},
        provisioners=[{"type": "local-exec", "command": "true"}],
        **{**given, "messages": [Message.user(f"{keys.key}: {Token.as_string(keys.value)}")]},
    )
    counted = ChatCompletion(stack, "counted", count=TerraformCount.of(enabled.number_value), **given)
    imported = ChatCompletion(stack, "imported", **given)
    imported.import_from("chatcmpl-1")
    ChatCompletion(stack, "old", **given).move_to("here")
    ChatCompletion(stack, "new", **given).add_move_target("here")
    DataOpenaiChatCompletion(
        stack, "data", completion_id=first.id, count=1, depends_on=[counted], provider=provider
    )
    DataOpenaiChatCompletions(stack, "every", for_each=keys, lifecycle={"postcondition": []})
    assert template(stack) == terraform_snapshot


def test_results_are_references(stack: TerraformStack) -> None:
    """Nested results are read by name and position; a part stands for the whole of it."""
    it = everything(stack)
    data = DataOpenaiChatCompletion(stack, "data", completion_id=it.id)
    listed = DataOpenaiChatCompletionMessages(stack, "listed", completion_id=it.id)
    found = DataOpenaiChatCompletions(stack, "found")
    expected = {
        it.choices[0].message[0].content: "openai_chat_completion.it.choices[0].message[0].content",
        it.imported_resource: "openai_chat_completion.it._imported_resource",
        it.choices[1].finish_reason: "openai_chat_completion.it.choices[1].finish_reason",
        data.choices[0].message[0].tool_calls[0].function[0].name: (
            "data.openai_chat_completion.data.choices[0].message[0].tool_calls[0].function[0].name"
        ),
        listed.messages[2].name: "data.openai_chat_completion_messages.listed.messages[2].name",
        found.chat_completions[0].choices[0].message[0].role: (
            "data.openai_chat_completions.found.chat_completions[0].choices[0].message[0].role"
        ),
        f"{it.usage['total_tokens']}": 'openai_chat_completion.it.usage["total_tokens"]',
        f"{it.usage.prompt_tokens}": "openai_chat_completion.it.usage.prompt_tokens",
        f"{it.created}": "openai_chat_completion.it.created",
        it.choices.fqn: "openai_chat_completion.it.choices",
        f"{it.choices[0]}": "openai_chat_completion.it.choices[0]",
    }
    for index, token in enumerate(expected):
        TerraformOutput(stack, f"o{index}", value=token)
    TerraformOutput(stack, "whole", value=it.usage)
    TerraformOutput(stack, "flag", value=listed.has_more)
    outputs = template(stack).outputs
    assert outputs == {f"o{index}": f"${{{path}}}" for index, path in enumerate(expected.values())} | {
        "whole": "${openai_chat_completion.it.usage}",
        "flag": "${data.openai_chat_completion_messages.listed.has_more}",
    }


def test_results_of_one_instance(stack: TerraformStack) -> None:
    """With count or for_each, results are read from one instance."""
    given: dict[str, Any] = {"model": "m", "messages": [Message.user("p")]}
    it = ChatCompletion(stack, "it", count=2, **given)
    data = DataOpenaiChatCompletion(stack, "data", completion_id="x", count=1)
    listed = DataOpenaiChatCompletionMessages(stack, "listed", completion_id="x", count=1)
    found = DataOpenaiChatCompletions(stack, "found", for_each=TerraformIterator.from_list(["a"]))
    for name, value in {
        "text": it.instance(1).choices[0].message[0].content,
        "number": it.instance(1).created,
        "part": data.instance(0).choices,
        "inside": Fn.upper(listed.instance(0).messages[0].content),
        "key": found.instance("a").has_more,
    }.items():
        TerraformOutput(stack, name, value=value)
    assert template(stack).outputs == {
        "text": "${openai_chat_completion.it[1].choices[0].message[0].content}",
        "number": "${openai_chat_completion.it[1].created}",
        "part": "${data.openai_chat_completion.data[0].choices}",
        "inside": "${upper(data.openai_chat_completion_messages.listed[0].messages[0].content)}",
        "key": '${data.openai_chat_completions.found["a"].has_more}',
    }


def test_keys_of_instances(stack: TerraformStack) -> None:
    """A key is quoted as Terraform reads it; a token stands for the key it resolves to."""
    it = ChatCompletion(stack, "it", model="m", messages=[Message.user("p")])
    which = TerraformVariable(stack, "which")
    for name, value in {
        "token": it.instance(which.string_value).id,
        "text": it.instance('k "${x}" \U0001f600').id,
        "usage": "{}".format(it.usage['a"b']),
    }.items():
        TerraformOutput(stack, name, value=value)
    assert template(stack).outputs == {
        "token": "${openai_chat_completion.it[var.which].id}",
        "text": '${openai_chat_completion.it["k \\"$${x}\\" \U0001f600"].id}',
        "usage": '${openai_chat_completion.it.usage["a\\"b"]}',
    }
    with pytest.raises(InvalidInputError, match="must be an int from 0, or text"):
        it.instance(-1)


def test_attributes_cannot_be_assigned(stack: TerraformStack) -> None:
    """An assignment that would change nothing in the JSON is an error that says what to do."""
    it = ChatCompletion(stack, "it", model="m", messages=[Message.user("p")])
    with pytest.raises(
        AttributeError, match="Pass the argument to the constructor, or use add_override\\('temperature'"
    ):
        it.temperature = 0.5  # type: ignore[misc]


def test_whole_results_cross_stacks(app: App) -> None:
    """A list or map given to another stack goes through an output of its own stack."""
    here, there = TerraformStack(app, "here"), TerraformStack(app, "there")
    OpenaiProvider(here, "openai")
    it = ChatCompletion(here, "it", model="m", messages=[Message.user("p")])
    TerraformOutput(there, "whole", value=it.choices)
    TerraformOutput(there, "text", value=f"{it.metadata}")
    outputs = Template.from_app(app)["there"].outputs
    assert len(outputs) == 2
    assert all("terraform_remote_state" in value for value in outputs.values())


@pytest.mark.parametrize("index", [-1, 1.0, True, None, slice(1)])
def test_positions_are_ints_from_zero(stack: TerraformStack, index: Any) -> None:
    """Terraform has no negative positions and no slices."""
    with pytest.raises(InvalidInputError, match="choices: index = .*: must be an int from 0"):
        everything(stack).choices[index]


def test_result_lists_have_no_length(stack: TerraformStack) -> None:
    """How many there are is known only to Terraform, so a list cannot be looped over."""
    choices = everything(stack).choices
    assert isinstance(choices, ResultList)
    with pytest.raises(TypeError, match="not iterable"):
        list(choices)  # type: ignore[call-overload]


def test_a_stack_without_the_provider_does_not_synthesize(stack: TerraformStack) -> None:
    """The engine says that the provider is missing."""
    everything(stack)
    with pytest.raises(SynthesisError, match="Found resources without a matching provider construct.*openai"):
        Template.from_stack(stack)
    OpenaiProvider(stack, "openai")
    Template.from_stack(stack).count_providers("openai", 1)
