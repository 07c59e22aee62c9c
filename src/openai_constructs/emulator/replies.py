"""Scripted answers: which request gets which answer, error, delay or dropped connection.

A YAML file, or the same as plain values in Python::

    seed: 7                                # optional: chooses which requests a `rate` meets
    replies:
      - match:                             # all of it has to fit; without it, every request does
          model: gpt-4o                    # this id, or a regular expression between slashes: /gpt-4.*/
          message: "weather in (Rome|Oslo)"  # regular expression, searched for in the last message
          metadata: {suite: smoke}         # all of these pairs
        answer: Sunny.                     # or content, refusal, finish_reason, function_call, tool_calls
        delay: 0.2                         # seconds
        times: 2                           # only the first two requests that match
        rate: 0.5                          # only this share of them, 0 to 1
      - error: {status: 429, retry_after: 1, message: Slow down., code: slow_down, type: rate_limit_error}
      - drop: after                        # `before` it is carried out, or `after`

The first rule that matches and is not used up decides. One with only a ``delay`` slows the usual answer down.
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
        model: What the whole model id has to match.
        message: What has to be found in the last message.
        metadata: Pairs that all have to be there.
    """

    model: re.Pattern[str] | None = None
    message: re.Pattern[str] | None = None
    metadata: tuple[tuple[str, str], ...] = ()

    def fits(self, body: dict[str, Any]) -> bool:
        """Whether a request fits; the request is valid."""
        if self.model is not None and not self.model.fullmatch(body["model"]):
            return False
        messages = body["messages"]
        if self.message is not None and not (messages and self.message.search(text_of(messages[-1]))):
            return False
        labels = body.get("metadata") or {}
        return all(labels.get(key) == value for key, value in self.metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One rule.

    Attributes:
        match: Which requests it is for.
        answer: What they are answered; the usual answer without it.
        error: The error they get instead.
        drop: The connection is dropped before or after the request is carried out.
        delay: Seconds to wait first.
        times: Most requests it meets; ``None`` for no end.
        rate: Share of the matching requests that it meets, 0 to 1.
        model_id: The id its match names, where that is one id and no expression: the emulator then knows it.
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
        rules: In the order they are tried.
        seed: Another one chooses other requests for a ``rate``.
    """

    def __init__(self, rules: tuple[Reply, ...] = (), seed: int = 0) -> None:
        self.rules = rules
        self.models = frozenset(it.model_id for it in rules if it.model_id is not None)
        self._seed = seed
        self.reset()

    def reset(self) -> None:
        """Start again, as if no rule was used yet."""
        self._left = [it.times for it in self.rules]
        # One for each rule: how often others were tried changes nothing of what this one does.
        self._random = [random.Random(f"{self._seed}/{n}") for n in range(len(self.rules))]  # noqa: S311

    def choose(self, body: dict[str, Any]) -> Reply | None:
        """The rule for a valid request, counted as used; ``None`` for the usual answer."""
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
