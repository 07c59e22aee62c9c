"""instructor: plain completions, partial objects, and models through tools and through JSON schemas."""

from __future__ import annotations

from typing import Any

import instructor
import openai
from pydantic import BaseModel
from report import EXTRACT, QUESTION, report


class City(BaseModel):
    """A city."""

    name: str
    population: int


def question(model: str) -> str:
    client = instructor.from_openai(openai.OpenAI())
    completion = client.create(model=model, response_model=None, messages=_ask(QUESTION))
    return str(completion.choices[0].message.content)


def stream_of_objects(model: str) -> list[dict[str, Any]]:
    client = instructor.from_openai(openai.OpenAI())
    partial = client.create_partial(model=model, response_model=City, messages=_ask(EXTRACT))
    return [city.model_dump() for city in partial]


def structure_by_tool(model: str) -> Any:
    return _extracted(model, instructor.Mode.TOOLS)


def structure_by_strict_tool(model: str) -> Any:
    return _extracted(model, instructor.Mode.TOOLS_STRICT)


def structure(model: str) -> Any:
    return _extracted(model, instructor.Mode.JSON_SCHEMA)


def _extracted(model: str, mode: instructor.Mode) -> Any:
    client = instructor.from_openai(openai.OpenAI(), mode=mode)
    return client.create(model=model, response_model=City, messages=_ask(EXTRACT)).model_dump()


def _ask(text: str) -> list[Any]:
    return [{"role": "user", "content": text}]


report(
    question=question,
    stream_of_objects=stream_of_objects,
    structure=structure,
    structure_by_tool=structure_by_tool,
    structure_by_strict_tool=structure_by_strict_tool,
)
