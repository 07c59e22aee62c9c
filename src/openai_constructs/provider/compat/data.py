"""What the three data sources share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from tf.iface import ReadDataContext
from tf.utils import Diagnostics

from openai_constructs.provider.compat.checks import check
from openai_constructs.provider.compat.client import Client, RequestError
from openai_constructs.provider.compat.wire import WireError
from openai_constructs.provider.core.blocks import State, decode, encode
from openai_constructs.provider.core.data_source import TableSource
from openai_constructs.provider.core.planning import with_defaults

if TYPE_CHECKING:
    from openai_constructs.provider.compat.provider import CompatProvider

__all__ = ["Lookup", "is_not_found", "query"]

_NOT_FOUND: Final = "Chat completion not found"


class Lookup(TableSource):
    """A data source: one request a read."""

    def __init__(self, provider: CompatProvider) -> None:
        self._provider = provider

    def validate(self, diags: Diagnostics, type_name: str, config: Mapping[str, Any]) -> None:
        """Check a configuration."""
        check(diags, self.table, decode(self.table, config) or {})

    def read(self, ctx: ReadDataContext, config: Mapping[str, Any]) -> State | None:
        """Ask, and turn what goes wrong into the error or the warning the provider would give."""
        asked = with_defaults(self.table, decode(self.table, config) or {})
        try:
            return encode(self.table, {**asked, **self.look_up(self._provider.client, asked)})
        except RequestError as error:
            found = self.without_answer(ctx.diagnostics, asked, error)
        except WireError as error:
            ctx.diagnostics.add_error(str(error), "")
            found = None
        return None if found is None else encode(self.table, {**asked, **found})

    def look_up(self, client: Client, asked: State) -> State:
        """What the API answers.

        Raises:
            RequestError: It refuses.
            WireError: The answer cannot be read.
        """
        raise NotImplementedError

    def without_answer(self, diagnostics: Diagnostics, asked: State, error: RequestError) -> State | None:
        """What stands in the state where the API refuses; None, and an error, where nothing does."""
        raise NotImplementedError


def is_not_found(diagnostics: Diagnostics, completion_id: str, error: RequestError) -> bool:
    """Whether the completion is gone; then there is a warning.

    The provider goes by the words "not found" in the message, in small letters, and not by the status.
    """
    if "not found" not in str(error):
        return False
    diagnostics.add_warning(
        _NOT_FOUND,
        f"Chat completion with ID '{completion_id}' could not be found. This may be because it has expired "
        "or was deleted from the OpenAI Chat Completions Store.",
    )
    return True


def query(pairs: Iterable[tuple[str, Any]]) -> str:
    """A query with its question mark. Nothing is encoded: `&` starts another parameter and `#` ends it all.

    The order is ours: that of 1.x is random.
    """
    written = "&".join(f"{name}={value}" for name, value in pairs if value)
    return f"?{written}" if written else ""
