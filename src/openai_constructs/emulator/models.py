"""What is known of model ids: which ones are taken for real, and what their families refuse."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

__all__ = ["Model", "model"]

# The service knows a changing list of ids. A list of ours would be wrong within weeks, so an id counts as
# known when it looks like OpenAI's: a family it names its chat models by, then a version.
_KNOWN: Final = re.compile(
    r"(ft:)?(gpt-\d|gpt-(audio|oss|realtime)|chatgpt-|codex-|o[1-9]($|[-:]))[A-Za-z0-9._:-]*"
)
_REASONING: Final = re.compile(r"(ft:)?(o[1-9]|gpt-([5-9]|\d\d)(?!.*-chat))")
_NO_STOP: Final = re.compile(r"(ft:)?(o3|o4-mini|gpt-5\.6)")
_SMALLER: Final = re.compile(r"(ft:)?gpt-5\.6")
_TOOLS_WITHOUT_EFFORT: Final = re.compile(r"(ft:)?gpt-(5\.([4-9]|\d\d)|[6-9])")


@dataclass(frozen=True, slots=True)
class Model:
    """What the API refuses of one model.

    Attributes:
        known: The id looks like one of OpenAI's chat models.
        reasoning: It takes ``max_completion_tokens`` in place of ``max_tokens``, and no temperature but 1.
        stop: It takes ``stop``.
        max_n: Most answers of one request.
        max_top_logprobs: Most alternatives for each token.
        tools_with_effort: It takes tools together with a ``reasoning_effort`` other than ``none``.
    """

    known: bool
    reasoning: bool
    stop: bool
    max_n: int
    max_top_logprobs: int
    tools_with_effort: bool


@lru_cache(maxsize=256)
def model(model_id: str) -> Model:
    """What is known of a model by its id."""
    smaller = _SMALLER.match(model_id) is not None
    return Model(
        known=_KNOWN.fullmatch(model_id) is not None,
        reasoning=_REASONING.match(model_id) is not None,
        stop=_NO_STOP.match(model_id) is None,
        max_n=8 if smaller else 128,
        max_top_logprobs=5 if smaller else 20,
        tools_with_effort=_TOOLS_WITHOUT_EFFORT.match(model_id) is None,
    )
