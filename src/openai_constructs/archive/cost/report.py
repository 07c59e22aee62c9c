"""A report: sums by construct, model, stack and day, and the total; unknown prices counted apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

__all__ = ["DIMENSIONS", "Cost", "Report", "dollars"]

DIMENSIONS: Final = ("construct", "model", "stack", "day")
"""Dimensions by which costs are summed."""


@dataclass(slots=True)
class Cost:
    """Answers, their tokens and their price.

    Attributes:
        requests: How many answers.
        prompt_tokens: Of all requests.
        cached_tokens: Those of the prompts that came from the API's cache.
        completion_tokens: Of all answers.
        reasoning_tokens: Those of the answers that nobody sees.
        nano_usd: The known prices, in billionths of a US dollar.
        unpriced: How many answers have no known price.
    """

    requests: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0
    nano_usd: int = 0
    unpriced: int = 0

    def add(self, other: Cost) -> None:
        """Add another one to this one."""
        self.requests += other.requests
        self.prompt_tokens += other.prompt_tokens
        self.cached_tokens += other.cached_tokens
        self.completion_tokens += other.completion_tokens
        self.reasoning_tokens += other.reasoning_tokens
        self.nano_usd += other.nano_usd
        self.unpriced += other.unpriced

    @property
    def is_known(self) -> bool:
        """Whether every price is known, so that the sum is the whole cost."""
        return not self.unpriced

    def shown(self) -> str:
        """The cost for people: ``unknown`` where no price is known, ``at least`` where one is missing."""
        if self.requests and self.unpriced == self.requests:
            return "unknown"
        return dollars(self.nano_usd) if self.is_known else f"at least {dollars(self.nano_usd)}"

    def as_json(self) -> dict[str, Any]:
        """The cost for scripts: ``usd`` is the sum of the known prices, and null where none is known."""
        known = not self.requests or self.unpriced < self.requests
        return {
            "requests": self.requests,
            "prompt_tokens": self.prompt_tokens,
            "cached_tokens": self.cached_tokens,
            "completion_tokens": self.completion_tokens,
            "reasoning_tokens": self.reasoning_tokens,
            "usd": self.nano_usd / 1e9 if known else None,
            "unknown_prices": self.unpriced,
        }


@dataclass(slots=True)
class Report:
    """Past cost.

    Attributes:
        source: What was read, for people.
        total: All of it.
        by: The same by dimension, then by value: ``by["model"]["gpt-4o"]``.
    """

    source: str
    total: Cost = field(default_factory=Cost)
    by: dict[str, dict[str, Cost]] = field(default_factory=lambda: {name: {} for name in DIMENSIONS})

    def add(self, values: Iterable[str], cost: Cost) -> None:
        """Add a cost under its value in each dimension, in the order of ``DIMENSIONS``."""
        self.total.add(cost)
        for dimension, value in zip(DIMENSIONS, values, strict=True):
            self.by[dimension].setdefault(value, Cost()).add(cost)

    def rows(self, dimension: str) -> list[tuple[str, ...]]:
        """The lines of one dimension as texts, with the total at the end."""
        return [
            (
                name,
                f"{cost.requests:,}",
                f"{cost.prompt_tokens:,}",
                f"{cost.cached_tokens:,}",
                f"{cost.completion_tokens:,}",
                f"{cost.reasoning_tokens:,}",
                cost.shown(),
            )
            for name, cost in [*self.lines(dimension), ("total", self.total)]
        ]

    def lines(self, dimension: str) -> list[tuple[str, Cost]]:
        """The costs by a dimension: days in their order, all else the dearest first."""
        items = list(self.by[dimension].items())
        if dimension == "day":
            return sorted(items)
        return sorted(items, key=lambda item: (-item[1].nano_usd, -item[1].unpriced, item[0]))

    def shown(self) -> str:
        """The total for people."""
        return self.total.shown()

    def exceeds(self, limit_usd: float) -> bool:
        """Whether it is more than a limit, or may be, because a price is unknown."""
        return self.total.unpriced > 0 or self.total.nano_usd > limit_usd * 1e9

    def as_json(self) -> dict[str, Any]:
        """All of it for scripts."""
        lines = {
            f"by_{dimension}": [{dimension: value, **cost.as_json()} for value, cost in self.lines(dimension)]
            for dimension in DIMENSIONS
        }
        total = {**self.total.as_json(), "is_complete": self.total.is_known}
        return {"source": self.source, "currency": "USD", "total": total, **lines}


def dollars(nano: int) -> str:
    """An amount for people: cents where they are worth it, more digits where they are all there is."""
    amount = nano / 1e9
    if amount == 0 or abs(amount) >= 1:
        return f"${amount:,.2f}"
    return f"${amount:.4f}" if abs(amount) >= 0.001 else f"${amount:.6f}"
