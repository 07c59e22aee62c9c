"""A fleet that sends the same prompts to several models with several sets of parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Unpack

from constructs import Construct

from openai_constructs.cdk.fleets import ChatFleet
from openai_constructs.cdk.parameters import ChatOptions, RequestOptions
from openai_constructs.cdk.results import ChatResult
from openai_constructs.values.checks import Checks
from openai_constructs.values.fleets import matrix_chats

__all__ = ["PromptMatrix"]


class PromptMatrix(ChatFleet):
    """A ``ChatFleet`` that sends each prompt to each model with each set of parameters.

    The key of a chat is ``<prompt>/<model>``, or ``<prompt>/<model>/<parameters>`` if there are sets of
    parameters. ``matrix["<prompt>", "<model>", "<parameters>"]`` is its result.

    Source: API reference, create chat completion; the packaged module ``chat_completion``.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        prompts: Mapping[str, str],
        models: Sequence[str],
        parameters: Mapping[str, RequestOptions] | None = None,
        system: str | None = None,
        **options: Unpack[ChatOptions],
    ) -> None:
        """Create a chat for each prompt, model and set of parameters.

        Args:
            scope: The stack, or a construct in it.
            id_: Name of the module call if the scope is the stack; else part of the name.
            prompts: Map of name to prompt. Names must not contain a slash.
            models: Ids of the models; any texts.
            parameters: Map of name to a set of parameters, see ``RequestOptions``. Names must not contain a
                slash.
            system: System message of all chats.
            options: Parameters of all requests, and options of the module call, see ``ChatOptions``.

        Raises:
            InvalidInputError: With all problems of the arguments.
        """
        checks = Checks()
        chats: dict[str, Any] = matrix_chats(checks, prompts, models, parameters)
        checks.raise_for(f"{scope.node.path}/{id_}" if isinstance(scope, Construct) else str(id_))
        super().__init__(scope, id_, chats=chats, system=system, **options)

    def __getitem__(self, key: str | tuple[str, ...]) -> ChatResult:
        """Return the result of the chat with a prompt, a model and a set of parameters.

        Raises:
            InvalidInputError: If the matrix does not have this chat.
        """
        return super().__getitem__("/".join(key) if isinstance(key, tuple) else key)
