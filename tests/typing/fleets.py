"""Only type-checked, never run: fleets and matrices must pass mypy --strict and pyright."""

from __future__ import annotations

from typing import assert_type

from cdktf import App, IResolvable, TerraformOutput, TerraformStack

from openai_constructs import ChatFleet, FleetChat, Function, Message, PromptMatrix, RequestOptions

stack = TerraformStack(App(), "stack")

fleet = ChatFleet(
    stack,
    "faq",
    model="gpt-4o",
    system="Be brief.",
    temperature=0.2,
    chats={
        "install": "How do I install it?",
        "remove": {"prompt": "How do I remove it?", "temperature": 1, "metadata": {"team": "infra"}},
        "talk": {"messages": [Message.user("Hi"), {"role": "user", "content": "Hi"}], "model": "gpt-4.1"},
        "call": {"prompt": "Search.", "functions": [Function("search")], "function_call": "search"},
    },
)
assert_type(fleet["install"].content, str)
assert_type(fleet["install"].usage.total_tokens, float)
assert_type(fleet["install"].choices[0].message[0].content, str)
contents: IResolvable = fleet.contents
TerraformOutput(stack, "contents", value=contents)

chat: FleetChat = {"prompt": "Hi", "stop": ["x"]}
ChatFleet(stack, "built", model="m", chats={f"k{index}": chat for index in range(10)})
ChatFleet(stack, "wrong", model="m", chats={"a": {"promt": "p"}})  # type: ignore[dict-item]
ChatFleet(stack, "names", model="m", chats={}, temprature=1)  # type: ignore[call-arg]

options: RequestOptions = {"temperature": 0.2, "store": True}
matrix = PromptMatrix(
    stack,
    "matrix",
    prompts={"sum": "1+1?"},
    models=["gpt-4o", "gpt-4.1"],
    parameters={"cold": {"temperature": 0}, "stored": options},
    max_tokens=10,
)
assert_type(matrix["sum", "gpt-4o", "cold"].content, str)
