"""A report with the total and the sums by construct, model, stack and day. It counts unknown prices apart."""

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
        requests: Number of answers.
        prompt_tokens: Tokens of all requests.
        cached_tokens: Tokens of the requests that came from the API's cache.
        completion_tokens: Tokens of all answers.
        reasoning_tokens: Reasoning tokens of all answers.
        nano_usd: Sum of the known prices, in billionths of a US dollar.
        unpriced: Number of answers without a known price.
    """

    requests: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0
    nano_usd: int = 0
    unpriced: int = 0

    def add(self, other: Cost) -> None:
        """Add another cost to this one."""
        self.requests += other.requests
        self.prompt_tokens += other.prompt_tokens
        self.cached_tokens += other.cached_tokens
        self.completion_tokens += other.completion_tokens
        self.reasoning_tokens += other.reasoning_tokens
        self.nano_usd += other.nano_usd
        self.unpriced += other.unpriced

    @property
    def is_known(self) -> bool:
        """Whether all prices are known, so that the sum is the whole cost."""
        return not self.unpriced

    def shown(self) -> str:
        """Format the cost for people: ``unknown`` without a known price, ``at least`` if one is missing."""
        if self.requests and self.unpriced == self.requests:
            return "unknown"
        return dollars(self.nano_usd) if self.is_known else f"at least {dollars(self.nano_usd)}"

    def as_json(self) -> dict[str, Any]:
        """Return the cost as JSON, for scripts. ``usd`` sums the known prices; null if there are none."""
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
        source: Description of the input, for people.
        total: Total cost.
        by: Costs by dimension and value: ``by["model"]["gpt-4o"]``.
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
        """Return the lines of a dimension as texts, with the total at the end."""
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
        """Return the costs of a dimension: days in order, other values by cost, highest first."""
        items = list(self.by[dimension].items())
        if dimension == "day":
            return sorted(items)
        return sorted(items, key=lambda item: (-item[1].nano_usd, -item[1].unpriced, item[0]))

    def shown(self) -> str:
        """Format the total for people."""
        return self.total.shown()

    def exceeds(self, limit_usd: float) -> bool:
        """Whether the cost exceeds a limit, or may exceed it because a price is unknown."""
        return self.total.unpriced > 0 or self.total.nano_usd > limit_usd * 1e9

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON, for scripts."""
        lines = {
            f"by_{dimension}": [{dimension: value, **cost.as_json()} for value, cost in self.lines(dimension)]
            for dimension in DIMENSIONS
        }
        total = {**self.total.as_json(), "is_complete": self.total.is_known}
        return {"source": self.source, "currency": "USD", "total": total, **lines}


def dollars(nano: int) -> str:
    """Format an amount for people: in cents, or with more digits if it is small."""
    amount = nano / 1e9
    if amount == 0 or abs(amount) >= 1:
        return f"${amount:,.2f}"
    return f"${amount:.4f}" if abs(amount) >= 0.001 else f"${amount:.6f}"
