"""``data "openai_chat_completion_messages"``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from constructs import Construct

from openai_constructs.cdk import results
from openai_constructs.cdk.bindings.base import DataSource, Lifecycle, Number, meta_arguments
from openai_constructs.cdk.context import ConstructContext
from openai_constructs.cdk.engine import cdk
from openai_constructs.cdk.readers import InstanceReader
from openai_constructs.schema import CHAT_COMPLETION_MESSAGES_DATA

if TYPE_CHECKING:
    from openai_constructs.cdk.structural import Count

__all__ = ["DataOpenaiChatCompletionMessages", "DataOpenaiChatCompletionMessagesInstance"]


class _DataOpenaiChatCompletionMessagesAttributes:
    """What can be read of ``data.openai_chat_completion_messages``."""

    id = results.string()
    """Made up by the provider."""
    completion_id = results.string()
    """Id of the completion."""
    limit = results.number()
    """How many were asked for."""
    order = results.string()
    """``asc`` or ``desc``."""
    after = results.string()
    """Id of the message it goes on from."""
    first_id = results.string()
    """Id of the first message listed."""
    last_id = results.string()
    """Id of the last message listed."""
    has_more = results.value()
    """Whether there are more, a bool."""
    messages = results.nested(results.ListedMessage)
    """The messages."""


class DataOpenaiChatCompletionMessagesInstance(_DataOpenaiChatCompletionMessagesAttributes, results.Results):
    """One instance of a ``DataOpenaiChatCompletionMessages`` that has ``count`` or ``for_each``."""


class DataOpenaiChatCompletionMessages(_DataOpenaiChatCompletionMessagesAttributes, DataSource):
    """``data "openai_chat_completion_messages"``: the messages of one stored completion.

    Source: API reference, get chat messages; data source of the same name of mkdev-me/openai 1.2.0.
    """

    TF_RESOURCE_TYPE = "openai_chat_completion_messages"
    BLOCK = CHAT_COMPLETION_MESSAGES_DATA

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        completion_id: str,
        limit: Number | None = None,
        order: Literal["asc", "desc"] | None = None,
        after: str | None = None,
        id: str | None = None,
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
            limit: How many at most, 1 to 100.
            order: ``asc``, oldest first, or ``desc``.
            after: Id of the message to go on from.
            id: Id in the state, which the provider sets itself.
            count: CDKTF meta-argument, as are the others below.
            depends_on: What has to be there first.
            for_each: An instance for each of these.
            lifecycle: How Terraform treats changes.
            provider: Another provider than the default one.

        Raises:
            InvalidInputError: With everything that is wrong with the arguments.
        """
        given = {"completion_id": completion_id, "limit": limit, "order": order, "after": after, "id": id}
        meta = meta_arguments(count, depends_on, for_each, lifecycle, provider)
        self._create(ConstructContext(scope, id_), given, meta)

    def instance(self, key: int | str) -> DataOpenaiChatCompletionMessagesInstance:
        """One instance, by its number under ``count`` or its key under ``for_each``."""
        return DataOpenaiChatCompletionMessagesInstance(InstanceReader(self, key))
