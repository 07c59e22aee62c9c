"""openai (Python): completions, a stream, a tool called with its result sent back, and a parsed model."""

from __future__ import annotations

import json
from typing import Any

import openai
from pydantic import BaseModel
from report import EXTRACT, QUESTION, WEATHER, report

client = openai.OpenAI()


class City(BaseModel):
    name: str
    population: int


def question(model: str) -> str:
    completion = client.chat.completions.create(model=model, messages=[{"role": "user", "content": QUESTION}])
    return completion.choices[0].message.content or ""


def stream(model: str) -> list[str]:
    chunks = client.chat.completions.create(
        model=model,
        messages=[{"role": "user", "content": QUESTION}],
        stream=True,
        stream_options={"include_usage": True},
    )
    return [choice.delta.content for chunk in chunks for choice in chunk.choices if choice.delta.content]


def call(model: str) -> dict[str, Any]:
    parameters = {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    }
    tool: Any = {
        "type": "function",
        "function": {"name": "weather", "parameters": parameters, "strict": True},
    }
    messages: list[Any] = [{"role": "user", "content": WEATHER}]
    message = client.chat.completions.create(model=model, messages=messages, tools=[tool]).choices[0].message
    (tool_call,) = message.tool_calls or []
    city = json.loads(tool_call.function.arguments)["city"]
    messages += [message, {"role": "tool", "tool_call_id": tool_call.id, "content": f"Sunny in {city}."}]
    answer = client.chat.completions.create(model=model, messages=messages, tools=[tool])
    return {"cities": [city], "answer": answer.choices[0].message.content}


def structure(model: str) -> Any:
    completion = client.chat.completions.parse(
        model=model, messages=[{"role": "user", "content": EXTRACT}], response_format=City
    )
    parsed = completion.choices[0].message.parsed
    return parsed and parsed.model_dump()


report(question=question, stream=stream, call=call, structure=structure)
