"""llm with models of another host, as its documentation has it: a prompt, a stream, a tool and a schema."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import llm
from pydantic import BaseModel
from report import EXTRACT, QUESTION, WEATHER, report

(llm.user_dir() / "extra-openai-models.yaml").write_text(
    json.dumps(
        [
            {
                "model_id": f"emulated/{model}",
                "model_name": model,
                "api_base": os.environ["OPENAI_BASE_URL"],
                "reasoning": model.startswith("gpt-5"),
                "supports_schema": True,
                "supports_tools": True,
            }
            for model in sys.argv[1:]
        ]
    )
)


class City(BaseModel):
    name: str
    population: int


def question(model: str) -> str:
    return llm.get_model(f"emulated/{model}").prompt(QUESTION, stream=False).text()


def stream(model: str) -> list[str]:
    return [piece for piece in llm.get_model(f"emulated/{model}").prompt(QUESTION, stream=True) if piece]


def call(model: str) -> dict[str, Any]:
    cities: list[str] = []

    def weather(city: str) -> str:
        """Tell the weather in a city."""
        cities.append(city)
        return f"Sunny in {city}."

    answer = llm.get_model(f"emulated/{model}").chain(WEATHER, tools=[weather]).text()
    return {"cities": cities, "answer": answer}


def structure(model: str) -> Any:
    response = llm.get_model(f"emulated/{model}").prompt(EXTRACT, schema=City, stream=False)
    return json.loads(response.text())


report(question=question, stream=stream, call=call, structure=structure)
