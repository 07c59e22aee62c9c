"""pydantic-ai: agents with a tool, one with an output tool besides, which sends tool_choice "required"."""

from __future__ import annotations

import asyncio
from typing import Any

from pydantic import BaseModel
from pydantic_ai import Agent, NativeOutput
from pydantic_ai.models.openai import OpenAIChatModel
from report import EXTRACT, QUESTION, WEATHER, report


class City(BaseModel):
    name: str
    population: int


def question(model: str) -> str:
    return Agent(OpenAIChatModel(model)).run_sync(QUESTION).output


def stream(model: str) -> list[str]:
    async def collect() -> list[str]:
        async with Agent(OpenAIChatModel(model)).run_stream(QUESTION) as streamed:
            return [piece async for piece in streamed.stream_text(delta=True, debounce_by=None)]

    return asyncio.run(collect())


def call(model: str) -> dict[str, Any]:
    agent, cities = _agent_with_tool(model, str)
    answer = agent.run_sync(WEATHER).output
    return {"cities": cities, "answer": answer}


def structure_by_tool(model: str) -> Any:
    agent, cities = _agent_with_tool(model, City)
    output = agent.run_sync(WEATHER).output
    assert len(cities) == 1, "the tool comes first, then the output tool"
    return output.model_dump()


def structure(model: str) -> Any:
    return Agent(OpenAIChatModel(model), output_type=NativeOutput(City)).run_sync(EXTRACT).output.model_dump()


def _agent_with_tool(model: str, output_type: type[Any]) -> tuple[Agent[None, Any], list[str]]:
    agent = Agent(OpenAIChatModel(model), output_type=output_type)
    cities: list[str] = []

    @agent.tool_plain
    def weather(city: str) -> str:
        """Tell the weather in a city."""
        cities.append(city)
        return f"Sunny in {city}."

    return agent, cities


report(question=question, stream=stream, call=call, structure=structure, structure_by_tool=structure_by_tool)
