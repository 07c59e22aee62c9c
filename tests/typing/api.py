"""Only type-checked, never run: what users write must pass mypy --strict and pyright."""

from __future__ import annotations

from typing import Any, assert_type

from cdktf import (
    App,
    IResolvable,
    TerraformCount,
    TerraformIterator,
    TerraformOutput,
    TerraformResourceLifecycle,
    TerraformStack,
    TerraformVariable,
)
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionUserMessageParam

from openai_constructs import (
    BasicChat,
    ChatCompletion,
    ChatOptions,
    CompletionLookup,
    CompletionsQuery,
    DataOpenaiChatCompletion,
    DataOpenaiChatCompletionMessages,
    DataOpenaiChatCompletions,
    Function,
    FunctionCall,
    FunctionCallingChat,
    InvalidInputError,
    Message,
    MessagesQuery,
    MultiTurnChat,
    OpenaiProvider,
    StoredCompletion,
    raw,
)
from openai_constructs.testing import (
    Applied,
    Chat,
    LocalApply,
    Matcher,
    Template,
    absent,
    any_value,
    array_with,
    object_like,
    reference,
    serialized_json,
    string_like,
    validate,
)

stack = TerraformStack(App(), "stack")
variable = TerraformVariable(stack, "variable", type="string", sensitive=True)
provider = OpenaiProvider(stack, "openai", api_key=variable, timeout=30)
OpenaiProvider(stack, "eu", api_key=variable.string_value, alias="eu", timeout=variable.number_value)

basic = BasicChat(stack, "basic", model="gpt-4o", prompt="Hi", temperature=0.7, stop=["x"], provider=provider)
assert_type(basic.content, str)
assert_type(basic.created, float)
assert_type(basic.usage["total_tokens"], float)
assert_type(basic.usage.total_tokens, float)
assert_type(basic.choices[0].message[0].content, str)
assert_type(basic.choices[0].message[0].function_call[0].name, str)
whole: IResolvable = basic.completion
assert_type(basic.reply("second", "And then?"), MultiTurnChat)

options: ChatOptions = {"temperature": 0.2, "store": True, "metadata": {"team": "infra"}}
user: ChatCompletionUserMessageParam = {"role": "user", "content": "Hi"}
params: list[ChatCompletionMessageParam] = [user, {"role": "system", "content": "Be brief."}]
MultiTurnChat(stack, "multi", model="gpt-4o", messages=params, **options)
MultiTurnChat(stack, "mixed", model="gpt-4o", messages=[Message.system(raw("${var.x}")), user])
calling = FunctionCallingChat(
    stack,
    "calling",
    model="gpt-4o",
    prompt="Hi",
    functions=[Function.of(sorted), Function("f", "F", {"type": "object"}), {"name": "g"}],
    function_call="f",
)
assert_type(calling.function_arguments, str)

stored = StoredCompletion(
    stack,
    "stored",
    model="gpt-4o",
    messages=[Message.assistant(function_call=FunctionCall("f", "{}")), Message.function("1", name="f")],
    metadata={"a": "b"},
    on_change="keep",
    depends_on=[basic],
    temperature=variable.number_value,
)
lookup = CompletionLookup(
    stack,
    "lookup",
    completion=stored,
    enable_chat_completions_store=variable,
    messages=MessagesQuery(limit=10, order="asc"),
    recent=CompletionsQuery(metadata={"a": "b"}),
)
CompletionLookup(stack, "other", completion_id="chatcmpl-1", enable_chat_completions_store=True)
CompletionLookup(stack, "tokens", completion=basic, enable_chat_completions_store=variable.boolean_value)
assert_type(lookup.content, str)
assert_type(lookup.recent[0].usage["total_tokens"], float)
assert_type(lookup.messages[0].role, str)
TerraformOutput(stack, "usage", value=lookup.usage)

completion = ChatCompletion(stack, "l1", model="gpt-4o", messages=[user], count=2, provider=provider)
assert_type(completion.id, str)
flag: IResolvable = completion.store
assert_type(completion.instance(0).choices[0].finish_reason, str)
data = DataOpenaiChatCompletion(stack, "data", completion_id=stored.id)
assert_type(data.choices[0].message[0].tool_calls[0].function[0].arguments, str)
listed = DataOpenaiChatCompletionMessages(stack, "listed", completion_id=stored.id, limit=1)
assert_type(listed.messages[0].name, str)
found = DataOpenaiChatCompletions(stack, "found", order="desc")
assert_type(found.chat_completions[0].created, float)
ChatCompletion(
    stack,
    "counted",
    model="gpt-4o",
    messages=[user],
    count=TerraformCount.of(2),
    lifecycle=TerraformResourceLifecycle(prevent_destroy=True),
    depends_on=[stored],
)
each = TerraformIterator.from_list(["a"])
ChatCompletion(stack, "each", model=each.value, messages=[user], for_each=each, lifecycle={})
assert_type(InvalidInputError("path", []).path, str)

template = Template.from_stack(stack)
template.has_resource(
    "openai_chat_completion", {"metadata": absent(), "n": any_value()}, name=string_like("^s")
)
template.has_module("basic", object_like({"messages": array_with([{"role": "user"}])}), exact=True)
template.count_resources("openai_chat_completion", 1, {"functions": [serialized_json({"type": "object"})]})
assert_type(string_like("x"), Matcher)
assert_type(template.find_modules()["basic"]["model"], Any)
assert_type(Template.from_app(App())["stack"].chat("basic"), Chat)
assert_type(template.chat("basic").messages[0].content, str)
expected: str = "Hi " + reference("var.name") + "!"
validate(stack)


def test_apply(local_apply: LocalApply) -> None:
    applied = local_apply(stack, variables={"n": 1}, replies=[{"answer": "x"}], fail="429:x1")
    assert_type(applied, Applied)
    assert_type(applied.second_plan["address"], str)
