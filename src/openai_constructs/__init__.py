"""OpenAI chat completions as infrastructure: typed CDKTF constructs that really apply.

Names are imported on first use, so that importing a part of the package does not load the rest.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from openai_constructs.cdk.bindings.chat_completion import ChatCompletion
    from openai_constructs.cdk.bindings.data_chat_completion import DataOpenaiChatCompletion
    from openai_constructs.cdk.bindings.data_chat_completion_messages import DataOpenaiChatCompletionMessages
    from openai_constructs.cdk.bindings.data_chat_completions import DataOpenaiChatCompletions
    from openai_constructs.cdk.chats import BasicChat, FunctionCallingChat, MultiTurnChat
    from openai_constructs.cdk.fleets import ChatFleet, FleetChat
    from openai_constructs.cdk.lookup import CompletionLookup
    from openai_constructs.cdk.matrix import PromptMatrix
    from openai_constructs.cdk.parameters import ChatOptions, NativeParameters, Parameters, RequestOptions
    from openai_constructs.cdk.provider import OpenaiProvider
    from openai_constructs.cdk.store import StoredCompletion
    from openai_constructs.cdk.text import raw
    from openai_constructs.errors import (
        EngineNotFoundError,
        InvalidInputError,
        OpenaiConstructsError,
        OpenaiConstructsWarning,
        Problem,
    )
    from openai_constructs.values.budget import Budget
    from openai_constructs.values.content_parts import File, Image
    from openai_constructs.values.formats import ResponseFormat
    from openai_constructs.values.function_call import FunctionCall
    from openai_constructs.values.functions import Function
    from openai_constructs.values.messages import Message
    from openai_constructs.values.queries import CompletionsQuery, MessagesQuery
    from openai_constructs.values.tools import CustomTool, Tool, ToolCall, ToolChoice

__all__ = [
    "BasicChat",
    "Budget",
    "ChatCompletion",
    "ChatFleet",
    "ChatOptions",
    "CompletionLookup",
    "CompletionsQuery",
    "CustomTool",
    "DataOpenaiChatCompletion",
    "DataOpenaiChatCompletionMessages",
    "DataOpenaiChatCompletions",
    "EngineNotFoundError",
    "File",
    "FleetChat",
    "Function",
    "FunctionCall",
    "FunctionCallingChat",
    "Image",
    "InvalidInputError",
    "Message",
    "MessagesQuery",
    "MultiTurnChat",
    "NativeParameters",
    "OpenaiConstructsError",
    "OpenaiConstructsWarning",
    "OpenaiProvider",
    "Parameters",
    "Problem",
    "PromptMatrix",
    "RequestOptions",
    "ResponseFormat",
    "StoredCompletion",
    "Tool",
    "ToolCall",
    "ToolChoice",
    "raw",
]

_HOMES: Final = {
    "cdk.bindings.chat_completion": ("ChatCompletion",),
    "cdk.bindings.data_chat_completion": ("DataOpenaiChatCompletion",),
    "cdk.bindings.data_chat_completion_messages": ("DataOpenaiChatCompletionMessages",),
    "cdk.bindings.data_chat_completions": ("DataOpenaiChatCompletions",),
    "cdk.chats": ("BasicChat", "FunctionCallingChat", "MultiTurnChat"),
    "cdk.fleets": ("ChatFleet", "FleetChat"),
    "cdk.lookup": ("CompletionLookup",),
    "cdk.matrix": ("PromptMatrix",),
    "cdk.parameters": ("ChatOptions", "NativeParameters", "Parameters", "RequestOptions"),
    "cdk.provider": ("OpenaiProvider",),
    "cdk.store": ("StoredCompletion",),
    "cdk.text": ("raw",),
    "errors": (
        "EngineNotFoundError",
        "InvalidInputError",
        "OpenaiConstructsError",
        "OpenaiConstructsWarning",
        "Problem",
    ),
    "values.formats": ("ResponseFormat",),
    "values.function_call": ("FunctionCall",),
    "values.functions": ("Function",),
    "values.budget": ("Budget",),
    "values.content_parts": ("File", "Image"),
    "values.messages": ("Message",),
    "values.queries": ("CompletionsQuery", "MessagesQuery"),
    "values.tools": ("CustomTool", "Tool", "ToolCall", "ToolChoice"),
}


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            module = import_module(f"{__name__}.{home}")
            globals().update({it: getattr(module, it) for it in names})
            return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
