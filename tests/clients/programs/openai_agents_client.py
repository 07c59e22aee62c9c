"""openai-agents over chat completions: a run, a streamed run, an agent with a tool, and an output type."""

from __future__ import annotations

import asyncio
from typing import Any

from agents import Agent, Runner, function_tool, set_default_openai_api
from pydantic import BaseModel
from report import EXTRACT, QUESTION, WEATHER, report

set_default_openai_api("chat_completions")


class City(BaseModel):
    name: str
    population: int


def question(model: str) -> str:
    return Runner.run_sync(Agent("Guide", model=model), QUESTION).final_output


def stream(model: str) -> list[str]:
    async def collect() -> list[str]:
        streamed = Runner.run_streamed(Agent("Guide", model=model), QUESTION)
        return [
            event.data.delta
            async for event in streamed.stream_events()
            if event.type == "raw_response_event" and event.data.type == "response.output_text.delta"
        ]

    return asyncio.run(collect())


def call(model: str) -> dict[str, Any]:
    cities: list[str] = []

    @function_tool
    def weather(city: str) -> str:
        """Tell the weather in a city."""
        cities.append(city)
        return f"Sunny in {city}."

    answer = Runner.run_sync(Agent("Guide", model=model, tools=[weather]), WEATHER).final_output
    return {"cities": cities, "answer": answer}


def structure(model: str) -> Any:
    return Runner.run_sync(Agent("Guide", model=model, output_type=City), EXTRACT).final_output.model_dump()


report(question=question, stream=stream, call=call, structure=structure)
