"""Limits on the cost of a provider's answers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from openai_constructs.values.checks import Checks

__all__ = ["Budget"]

Period = Literal["day", "week", "month", "total"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Maximum cost of the answers in a period, in US dollars.

    Before each request the native provider adds up the period's costs in its archive, for all stacks and
    processes that share the archive. Once the limit is reached, it sends no more requests. It does not cancel
    requests in progress, so these may exceed the limit.

    Args:
        usd: US dollars, at least 0.
        period: ``day``, ``week`` (from Monday), ``month`` or ``total``, in UTC.
        unknown_usd: Assumed cost, in US dollars, of an answer without a known price. If omitted, a request to
            a model without a known price is an error.

    Raises:
        InvalidInputError: With all problems of the arguments.
    """

    usd: float
    period: Period = "month"
    unknown_usd: float | None = None

    def __post_init__(self) -> None:
        checks = Checks()
        if not _is_amount(self.usd):
            checks.refuse("usd", self.usd, "a number of US dollars, from 0", "Write usd=20.")
        if self.unknown_usd is not None and not _is_amount(self.unknown_usd):
            allowed = "a number of US dollars, from 0, or omitted"
            checks.refuse("unknown_usd", self.unknown_usd, allowed, "Write unknown_usd=0.05.")
        if self.period not in get_args(Period):
            periods = ", ".join(map(repr, get_args(Period)))
            checks.refuse("period", self.period, f"one of {periods}", "Choose one of them.")
        checks.raise_for("Budget")

    def arguments(self) -> dict[str, object]:
        """Return the budget as arguments of the provider block."""
        return {
            "budget_usd": self.usd,
            "budget_period": self.period,
            "budget_unknown_usd": self.unknown_usd,
        }


def _is_amount(value: object) -> bool:
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
    )
