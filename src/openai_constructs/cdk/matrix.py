"""The same prompts to several models, with several sets of parameters."""

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
    """Every prompt to every model with every set of parameters: a ``ChatFleet`` with readable keys.

    The key of a chat is ``<prompt>/<model>``, or ``<prompt>/<model>/<parameters>`` where there are sets of
    parameters. What it returned is ``matrix["<prompt>", "<model>", "<parameters>"]``.

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
            id_: Name of the module call, where the scope is the stack.
            prompts: Name to prompt. Names have no slash in them.
            models: Ids of the models; any texts.
            parameters: Name to a set of parameters, see ``RequestOptions``. Names have no slash in them.
            system: Instructions of all chats.
            options: Parameters of all requests, and of the module call, see ``ChatOptions``.

        Raises:
            InvalidInputError: With everything that is wrong with the arguments.
        """
        checks = Checks()
        chats: dict[str, Any] = matrix_chats(checks, prompts, models, parameters)
        checks.raise_for(f"{scope.node.path}/{id_}" if isinstance(scope, Construct) else str(id_))
        super().__init__(scope, id_, chats=chats, system=system, **options)

    def __getitem__(self, key: str | tuple[str, ...]) -> ChatResult:
        """What the chat of a prompt, a model and a set of parameters returned.

        Raises:
            InvalidInputError: When there is none.
        """
        return super().__getitem__("/".join(key) if isinstance(key, tuple) else key)
