"""Plain values: messages, functions and queries. No CDK, no Node process."""

from openai_constructs.values.functions import Function, FunctionLike
from openai_constructs.values.messages import FunctionCall, Message, MessageLike
from openai_constructs.values.queries import CompletionsQuery, MessagesQuery

__all__ = [
    "CompletionsQuery",
    "Function",
    "FunctionCall",
    "FunctionLike",
    "Message",
    "MessageLike",
    "MessagesQuery",
]
