"""``data "openai_chat_completion"``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from constructs import Construct

from openai_constructs.cdk import results
from openai_constructs.cdk.bindings.base import DataSource, Lifecycle, meta_arguments
from openai_constructs.cdk.context import ConstructContext
from openai_constructs.cdk.engine import cdk
from openai_constructs.cdk.readers import InstanceReader
from openai_constructs.schema import CHAT_COMPLETION_DATA

if TYPE_CHECKING:
    from openai_constructs.cdk.structural import Count

__all__ = ["DataOpenaiChatCompletion", "DataOpenaiChatCompletionInstance"]


class _DataOpenaiChatCompletionAttributes:
    """What can be read of ``data.openai_chat_completion``."""

    id = results.string()
    """Id of the completion."""
    completion_id = results.string()
    """The same, as it was asked for."""
    created = results.number()
    """When it was made, in seconds since 1970-01-01 UTC."""
    model = results.string()
    """The model that answered."""
    object = results.string()
    """Always ``chat.completion``."""
    choices = results.nested(results.Choice)
    """The answers."""
    usage = results.usage_map()
    """Tokens spent."""


class DataOpenaiChatCompletionInstance(_DataOpenaiChatCompletionAttributes, results.Results):
    """One instance of a ``DataOpenaiChatCompletion`` that has ``count`` or ``for_each``."""


class DataOpenaiChatCompletion(_DataOpenaiChatCompletionAttributes, DataSource):
    """``data "openai_chat_completion"``: one stored completion, read back by its id.

    Source: API reference, get chat completion; data source ``openai_chat_completion`` of mkdev-me/openai
    1.2.0.
    """

    TF_RESOURCE_TYPE = "openai_chat_completion"
    BLOCK = CHAT_COMPLETION_DATA

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        completion_id: str,
        count: int | Count | None = None,
        depends_on: Sequence[cdk.ITerraformDependable] | None = None,
        for_each: cdk.ITerraformIterator | None = None,
        lifecycle: Lifecycle | None = None,
        provider: cdk.TerraformProvider | None = None,
    ) -> None:
        """Create the data source.

        Args:
            scope: The stack, or a construct in it.
            id_: Its Terraform name, where the scope is the stack.
            completion_id: Id of the stored completion.
            count: CDKTF meta-argument, as are the others below.
            depends_on: What has to be there first.
            for_each: An instance for each of these.
            lifecycle: How Terraform treats changes.
            provider: Another provider than the default one.

        Raises:
            InvalidInputError: With everything that is wrong with the arguments.
        """
        meta = meta_arguments(count, depends_on, for_each, lifecycle, provider)
        self._create(ConstructContext(scope, id_), {"completion_id": completion_id}, meta)

    def instance(self, key: int | str) -> DataOpenaiChatCompletionInstance:
        """One instance, by its number under ``count`` or its key under ``for_each``."""
        return DataOpenaiChatCompletionInstance(InstanceReader(self, key))
