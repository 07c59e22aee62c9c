"""Scripted answers: rules that give a request an answer, an error, a delay or a dropped connection.

The format of the YAML file, or of the same values in Python::

    seed: 7                                # optional: random seed for `rate`
    replies:
      - match:                             # all conditions must match; default: any request
          model: gpt-4o                    # an id, or a regular expression between slashes: /gpt-4.*/
          message: "weather in (Rome|Oslo)"  # regular expression, searched in the last message
          metadata: {suite: smoke}         # must have all these pairs
        answer: Sunny.                     # or content, refusal, finish_reason, function_call, tool_calls
        delay: 0.2                         # seconds
        times: 2                           # only the first two requests that match
        rate: 0.5                          # only this share of the requests, 0 to 1
      - error: {status: 429, retry_after: 1, message: Slow down., code: slow_down, type: rate_limit_error}
      - drop: after                        # `before` it is carried out, or `after`

The first matching rule that is not used up applies. A rule with only a ``delay`` delays the default answer.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import Any, Literal

from openai_constructs.emulator.answers import Answer
from openai_constructs.emulator.errors import ApiError
from openai_constructs.emulator.messages import text_of

__all__ = ["Match", "Replies", "Reply"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Conditions of a rule, all of which a request must meet.

    Attributes:
        model: Pattern that the whole model id must match.
        message: Pattern to find in the last message.
        metadata: Pairs that the metadata must have.
    """

    model: re.Pattern[str] | None = None
    message: re.Pattern[str] | None = None
    metadata: tuple[tuple[str, str], ...] = ()

    def fits(self, body: dict[str, Any]) -> bool:
        """Whether a valid request meets the conditions."""
        if self.model is not None and not self.model.fullmatch(body["model"]):
            return False
        messages = body["messages"]
        if self.message is not None and not (messages and self.message.search(text_of(messages[-1]))):
            return False
        labels = body.get("metadata") or {}
        return all(labels.get(key) == value for key, value in self.metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A rule.

    Attributes:
        match: Conditions on the request.
        answer: The answer; default: the emulator's own.
        error: The error in place of an answer.
        drop: Drop the connection ``before`` or ``after`` carrying out the request.
        delay: Seconds to wait first.
        times: Maximum number of requests to apply to; ``None`` for no limit.
        rate: Share of the matching requests to apply to, 0 to 1.
        model_id: Model id in ``match``, unless it is an expression. The emulator then accepts this model.
    """

    match: Match
    answer: Answer | None = None
    error: ApiError | None = None
    drop: Literal["before", "after"] | None = None
    delay: float = 0.0
    times: int | None = None
    rate: float = 1.0
    model_id: str | None = None


class Replies:
    """Rules, and how often each was used.

    Args:
        rules: The rules, in the order of precedence.
        seed: Random seed for ``rate``.
    """

    def __init__(self, rules: tuple[Reply, ...] = (), seed: int = 0) -> None:
        self.rules = rules
        self.models = frozenset(it.model_id for it in rules if it.model_id is not None)
        self._seed = seed
        self.reset()

    def reset(self) -> None:
        """Restart, as if no rule had been used."""
        self._left = [it.times for it in self.rules]
        # One generator per rule, so that the rules do not influence each other.
        self._random = [random.Random(f"{self._seed}/{n}") for n in range(len(self.rules))]  # noqa: S311

    def choose(self, body: dict[str, Any]) -> Reply | None:
        """Return the rule for a valid request, and count its use; ``None`` for the default answer."""
        for n, rule in enumerate(self.rules):
            left = self._left[n]
            if left == 0 or not rule.match.fits(body):
                continue
            if rule.rate < 1 and self._random[n].random() >= rule.rate:
                continue
            if left is not None:
                self._left[n] = left - 1
            return rule
        return None
