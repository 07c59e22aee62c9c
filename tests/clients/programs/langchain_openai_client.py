"""langchain-openai: invoke, stream, a bound tool with its result sent back, and structured output."""

from __future__ import annotations

from typing import Any

from langchain_core.messages import HumanMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from pydantic import BaseModel
from report import EXTRACT, QUESTION, WEATHER, report


class City(BaseModel):
    """A city."""

    name: str
    population: int


@tool
def weather(city: str) -> str:
    """Tell the weather in a city."""
    return f"Sunny in {city}."


def question(model: str) -> str:
    return str(ChatOpenAI(model=model).invoke(QUESTION).content)


def stream(model: str) -> list[str]:
    return [str(chunk.content) for chunk in ChatOpenAI(model=model).stream(QUESTION) if chunk.content]


def call(model: str) -> dict[str, Any]:
    bound = ChatOpenAI(model=model).bind_tools([weather])
    messages: list[Any] = [HumanMessage(WEATHER)]
    message = bound.invoke(messages)
    messages += [message, *(weather.invoke(tool_call) for tool_call in message.tool_calls)]
    cities = [tool_call["args"]["city"] for tool_call in message.tool_calls]
    return {"cities": cities, "answer": bound.invoke(messages).content}


def structure(model: str) -> Any:
    return ChatOpenAI(model=model).with_structured_output(City).invoke(EXTRACT).model_dump()


def function_calling(model: str) -> Any:
    structured = ChatOpenAI(model=model).with_structured_output(City, method="function_calling")
    return structured.invoke(EXTRACT).model_dump()


report(question=question, stream=stream, call=call, structure=structure, structure_by_tool=function_calling)
