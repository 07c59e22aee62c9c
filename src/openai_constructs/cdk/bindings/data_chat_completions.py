"""``data "openai_chat_completions"``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from constructs import Construct

from openai_constructs.cdk import results
from openai_constructs.cdk.bindings.base import DataSource, Lifecycle, Number, meta_arguments
from openai_constructs.cdk.context import ConstructContext
from openai_constructs.cdk.engine import cdk
from openai_constructs.cdk.readers import InstanceReader
from openai_constructs.schema import CHAT_COMPLETIONS_DATA

if TYPE_CHECKING:
    from openai_constructs.cdk.structural import Count

__all__ = ["DataOpenaiChatCompletions", "DataOpenaiChatCompletionsInstance"]


class _DataOpenaiChatCompletionsAttributes:
    """What can be read of ``data.openai_chat_completions``."""

    id = results.string()
    """Made up by the provider; another at each read."""
    limit = results.number()
    """How many were asked for."""
    order = results.string()
    """``asc`` or ``desc``."""
    after = results.string()
    """Id of the completion it goes on from."""
    model = results.string()
    """The model filter, which the provider does not send."""
    metadata = results.value()
    """The metadata filter, a map of texts."""
    has_more = results.value()
    """Whether there are more, a bool."""
    chat_completions = results.nested(results.StoredChatCompletion)
    """The completions."""


class DataOpenaiChatCompletionsInstance(_DataOpenaiChatCompletionsAttributes, results.Results):
    """One instance of a ``DataOpenaiChatCompletions`` that has ``count`` or ``for_each``."""


class DataOpenaiChatCompletions(_DataOpenaiChatCompletionsAttributes, DataSource):
    """``data "openai_chat_completions"``: the stored completions, filtered.

    Source: API reference, list chat completions; data source of the same name of mkdev-me/openai 1.2.0.
    """

    TF_RESOURCE_TYPE = "openai_chat_completions"
    BLOCK = CHAT_COMPLETIONS_DATA

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        limit: Number | None = None,
        order: Literal["asc", "desc"] | None = None,
        after: str | None = None,
        model: str | None = None,
        metadata: Mapping[str, str] | None = None,
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
            limit: How many at most, 1 to 100.
            order: ``asc``, oldest first, or ``desc``.
            after: Id of the completion to go on from.
            model: Taken by the provider, which does not send it.
            metadata: Only those with all of these pairs.
            id: Id in the state, which the provider sets itself.
            count: CDKTF meta-argument, as are the others below.
            depends_on: What has to be there first.
            for_each: An instance for each of these.
            lifecycle: How Terraform treats changes.
            provider: Another provider than the default one.

        Raises:
            InvalidInputError: With everything that is wrong with the arguments.
        """
        given = {
            "limit": limit,
            "order": order,
            "after": after,
            "model": model,
            "metadata": metadata,
            "id": id,
        }
        meta = meta_arguments(count, depends_on, for_each, lifecycle, provider)
        self._create(ConstructContext(scope, id_), given, meta)

    def instance(self, key: int | str) -> DataOpenaiChatCompletionsInstance:
        """One instance, by its number under ``count`` or its key under ``for_each``."""
        return DataOpenaiChatCompletionsInstance(InstanceReader(self, key))
