"""`chat.request()` is what is really sent: random programs, applied, against the log of the emulator."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from constructs import Construct
from tests.engine import App, TerraformStack, TerraformVariable
from tests.support import PROVE, sized

from openai_constructs import (
    BasicChat,
    ChatCompletion,
    ChatFleet,
    Function,
    FunctionCall,
    FunctionCallingChat,
    Message,
    MultiTurnChat,
    OpenaiProvider,
    PromptMatrix,
    ResponseFormat,
    StoredCompletion,
    Tool,
    ToolCall,
)
from openai_constructs.provider.native.tags import LABEL
from openai_constructs.testing import LocalApply, Template, Text

PROGRAMS = sized(300, 30)
PER_STACK = sized(50, 15)
VARIABLES = {"city": "Ås ${x}", "unit": 'say "°C"'}
TEXTS = (
    *("Hi", "", "${literal} %{if}", 'q"\\ \r\n\t', "$${x} %%{y}", "e\u0301 \U0001f600", "$", "}", "{{x}}"),
    *("\ufeffbom", "a\u2028b", "<script>&amp;", "\x7f", "null", "1e3", "${", "%{"),
)


class Program:
    """One random program: a scope with some chats.

    Args:
        scope: Where it is made.
        rng: Its randomness.
        native: Whether it is for the native provider.
        variables: Texts that only Terraform knows.
    """

    def __init__(
        self, scope: Construct, rng: random.Random, native: bool, variables: list[TerraformVariable]
    ) -> None:
        self.scope = scope
        self.rng = rng
        self.native = native
        self.variables = variables
        kinds = (self.basic, self.turns, self.calling, self.stored, self.fleet, self.matrix, self.l1)
        for number in range(rng.randint(1, 3)):
            rng.choice(kinds)(f"chat{number}")

    def text(self) -> str:
        """A text with odd characters, and perhaps a variable."""
        parts = self.rng.choices(TEXTS, k=self.rng.randint(1, 3))
        if self.rng.random() < 0.3:
            parts.append(self.rng.choice(self.variables).string_value)
        self.rng.shuffle(parts)
        return "".join(parts) or "."

    def some(self, **values: Callable[[], Any]) -> dict[str, Any]:
        """Some of the arguments."""
        return {name: make() for name, make in values.items() if self.rng.random() < 0.35}

    def schema(self, *, strict: bool = False) -> dict[str, Any]:
        properties = {f"p{n}": {"type": "string", "description": self.text()} for n in range(2)}
        closed = {"required": list(properties), "additionalProperties": False} if strict else {}
        return {"type": "object", "properties": properties, **closed}

    def parameters(self) -> dict[str, Any]:
        pick = self.rng.choice
        made = self.some(
            temperature=lambda: pick([0, 0.3, 1, 2.0]),
            top_p=lambda: pick([0, 0.5, 1]),
            n=lambda: pick([1, 2]),
            max_tokens=lambda: pick([1, 77]),
            stop=lambda: [self.text() for _ in range(pick([1, 4]))],
            presence_penalty=lambda: pick([0, -2, 1.5]),
            frequency_penalty=lambda: pick([0, 0.1]),
            logit_bias=lambda: {"50256": pick([-100, 0, 0.5])},
            user=self.text,
        )
        if self.rng.random() < 0.3:
            made["store"] = pick([True, False])
            if made["store"]:
                made |= self.some(metadata=lambda: {"key": self.text()[:500], self.text()[:20] or "k": ""})
        return {**made, **(self.native_parameters("max_tokens" in made) if self.native else {})}

    def native_parameters(self, has_max_tokens: bool) -> dict[str, Any]:
        pick = self.rng.choice
        made = self.some(
            seed=lambda: pick([0, 7]),
            service_tier=lambda: "flex",
            response_format=lambda: ResponseFormat(
                "json_schema", "shape", self.schema(strict=True), self.text(), pick([True, None])
            ),
            fallback_models=lambda: ["gpt-4o-mini"],
        )
        if not has_max_tokens:
            made |= self.some(max_completion_tokens=lambda: 9)
        if self.rng.random() < 0.3:
            made["tools"] = [
                Tool("f"),
                Tool("g", self.text(), self.schema(strict=True), strict=pick([True, False])),
            ]
            made |= self.some(tool_choice=lambda: pick(["auto", "none", "required", "g"]))
            made |= self.some(parallel_tool_calls=lambda: pick([True, False]))
        return made

    def messages(self) -> list[Message]:
        call = FunctionCall("f", json.dumps({"a": self.text()}))
        made = [Message.system(self.text(), name="sys"), Message.user(self.text())]
        if self.rng.random() < 0.5:
            made += [Message.assistant(function_call=call), Message.function(self.text(), name="f")]
        if self.native and self.rng.random() < 0.5:
            calls = [ToolCall(f"c{n}", "g", json.dumps({"b": self.text()})) for n in range(2)]
            made.append(Message.assistant(self.rng.choice(["", "Calling."]), tool_calls=calls))
            made += [Message.tool(self.text(), tool_call_id=f"c{n}") for n in range(2)]
            made.append(Message.developer(self.text()))
        return [*made, Message.assistant(self.text()), Message.user(self.text())]

    def asked(self) -> dict[str, Any]:
        if self.rng.random() < 0.5:
            return {"messages": self.messages()}
        return {"prompt": self.text(), **self.some(system=self.text)}

    def basic(self, id_: str) -> None:
        asked = {"prompt": self.text(), **self.some(system=self.text)}
        BasicChat(self.scope, id_, model="gpt-4o", **asked, **self.parameters())

    def turns(self, id_: str) -> None:
        MultiTurnChat(self.scope, id_, model="gpt-4o", messages=self.messages(), **self.parameters())

    def calling(self, id_: str) -> None:
        functions = [Function("f", self.text(), self.schema()), Function("g")]
        parameters = {name: it for name, it in self.parameters().items() if "tool" not in name}
        parameters |= self.some(function_call=lambda: self.rng.choice(["auto", "none", "g"]))
        FunctionCallingChat(
            self.scope, id_, model="gpt-4o", prompt=self.text(), functions=functions, **parameters
        )

    def stored(self, id_: str) -> None:
        parameters = {name: it for name, it in self.parameters().items() if name not in ("store", "metadata")}
        parameters |= self.some(metadata=lambda: {"suite": self.text()[:500]})
        StoredCompletion(self.scope, id_, model="gpt-4o", **self.asked(), **parameters)

    def fleet(self, id_: str) -> None:
        chats: dict[str, Any] = {
            f"{n} {self.rng.choice(TEXTS[:4])}".strip().replace("\r\n\t", ""): self.rng.choice(
                [self.text(), {**self.asked(), **self.parameters()}]
            )
            for n in range(3)
        }
        ChatFleet(self.scope, id_, model="gpt-4o", chats=chats, **self.some(user=self.text))

    def matrix(self, id_: str) -> None:
        PromptMatrix(
            self.scope, id_, prompts={"a": self.text(), "b": self.text()}, models=["gpt-4o", "gpt-4o-mini"]
        )

    def l1(self, id_: str) -> None:
        ChatCompletion(self.scope, id_, model="gpt-4o", messages=self.messages(), **self.parameters())


def resolved(value: Any) -> Any:
    """A request with the values of variables in it, and whole numbers as ints."""
    match value:
        case Text():
            parts = (VARIABLES.get(it.removeprefix("${var.").removesuffix("}"), it) for it in value.parts)
            return "".join(parts)
        case dict():
            return {resolved(key): resolved(it) for key, it in value.items()}
        case list():
            return [resolved(it) for it in value]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value


def unlabelled(body: dict[str, Any]) -> dict[str, Any]:
    """A logged body without the native provider's own label."""
    metadata = {key: it for key, it in (body.get("metadata") or {}).items() if key != LABEL}
    rest = {key: it for key, it in body.items() if key != "metadata"}
    return {**rest, "metadata": metadata} if metadata else rest


def as_text(body: Any) -> str:
    return json.dumps(resolved(body), sort_keys=True)


@pytest.mark.proof
@pytest.mark.terraform
@pytest.mark.parametrize("native", [False, True], ids=["compat", "native"])
@pytest.mark.parametrize("first", range(0, PROGRAMS // 2, PER_STACK))
def test_the_request_is_the_one_that_is_sent(
    app: App, local_apply: LocalApply, native: bool, first: int, record_property: Any
) -> None:
    """For each chat of a random program, the emulator receives exactly what `request()` returns."""
    stack = TerraformStack(app, "programs")
    variables = [TerraformVariable(stack, it, type="string", default=VARIABLES[it]) for it in VARIABLES]
    OpenaiProvider(stack, "openai", native=native)
    for number in range(first, first + PER_STACK):
        Program(Construct(stack, f"p{number}"), random.Random(f"{native}/{number}"), native, variables)
    if PROVE and native and first == 0:
        many = {f"k{n}": f"{TEXTS[n % len(TEXTS)]} {n}" for n in range(101)}
        ChatFleet(stack, "many", model="gpt-4o", chats=many, temperature=0)
    chats = Template.from_stack(stack).find_chats()
    requests = local_apply(stack).requests
    sent = Counter(as_text(unlabelled(it["body"])) for it in requests if it["method"] == "POST")
    predicted = Counter(as_text(it.request()) for it in chats.values())
    mismatches = (sorted(sent - predicted)[:1], sorted(predicted - sent)[:1])
    assert mismatches == ([], [])
    record_property("requests of random programs, predicted and sent", sent.total())
