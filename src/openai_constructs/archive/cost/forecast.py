"""Expected cost of a plan: its paid requests, each with a price and a range."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from openai_constructs.archive.cost.report import dollars
from openai_constructs.archive.cost.spent import TYPE, construct_of
from openai_constructs.archive.prices import Usage, nano_usd

if TYPE_CHECKING:
    from openai_constructs.archive.archive import Archive

__all__ = ["DEFAULT_ANSWER_TOKENS", "Estimate", "Forecast", "Range", "forecast"]

DEFAULT_ANSWER_TOKENS: Final = 1000
"""Assumed maximum tokens of an answer without a limit and without earlier answers in the archive."""

_ASKS: Final = ("id", "choices")
"""Attributes that are unknown in a plan if an update sends a new request."""
_PROMPT: Final = ("messages", "functions", "tools", "response_format")
_PER_MESSAGE: Final = 4
_CHARACTERS_PER_TOKEN: Final = (6, 4, 2.5)
"""From English prose to code. In other scripts each additional byte counts as well."""


class Range(NamedTuple):
    """Minimum, expected value and maximum."""

    low: float
    expected: float
    high: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """Expected cost of one completion in a plan.

    Attributes:
        construct: Path of the construct.
        model: Model; empty if it is known only after apply.
        action: ``create``, ``update`` or ``replace``.
        tokens: Tokens of the prompt.
        answer_tokens: Tokens of the answer.
        nano_usd: Price in billionths of a US dollar; ``None`` if it is unknown.
        basis: Source of the answer's range.
    """

    construct: str
    model: str
    action: str
    tokens: Range
    answer_tokens: Range
    nano_usd: Range | None
    basis: str

    def shown(self) -> str:
        """Format the price for people."""
        return "unknown" if self.nano_usd is None else _shown(self.nano_usd)

    def as_json(self) -> dict[str, Any]:
        """Return the estimate as JSON, for scripts."""
        return {
            "construct": self.construct,
            "model": self.model,
            "action": self.action,
            "prompt_tokens": [round(count) for count in self.tokens],
            "completion_tokens": [round(count) for count in self.answer_tokens],
            "usd": None if self.nano_usd is None else [nano / 1e9 for nano in self.nano_usd],
            "basis": self.basis,
        }


@dataclass(slots=True)
class Forecast:
    """Expected cost of a plan.

    Attributes:
        source: Description of the input, for people.
        estimates: Estimate of each paid request.
    """

    source: str
    estimates: list[Estimate] = field(default_factory=list)

    @property
    def total(self) -> Range:
        """The sum of the known prices."""
        known = [estimate.nano_usd for estimate in self.estimates if estimate.nano_usd is not None]
        return Range(*(sum(price[end] for price in known) for end in range(3)))

    @property
    def unpriced(self) -> int:
        """Number of requests without a known price."""
        return sum(estimate.nano_usd is None for estimate in self.estimates)

    def shown(self) -> str:
        """Format the total for people."""
        if self.estimates and self.unpriced == len(self.estimates):
            return "unknown"
        return ("at least " if self.unpriced else "") + _shown(self.total)

    def exceeds(self, limit_usd: float) -> bool:
        """Whether the cost may exceed a limit, by its maximum or because a price is unknown."""
        return self.unpriced > 0 or self.total.high > limit_usd * 1e9

    def as_json(self) -> dict[str, Any]:
        """Return the forecast as JSON, for scripts."""
        low, expected, high = (nano / 1e9 for nano in self.total)
        return {
            "source": self.source,
            "currency": "USD",
            "requests": len(self.estimates),
            "unknown_prices": self.unpriced,
            "usd": {"low": low, "expected": expected, "high": high, "is_complete": not self.unpriced},
            "completions": [estimate.as_json() for estimate in self.estimates],
        }


def forecast(
    plan: Mapping[str, Any],
    name: str,
    result: Forecast,
    *,
    archive: Archive | None = None,
    answer_tokens: int = DEFAULT_ANSWER_TOKENS,
) -> None:
    """Add the paid requests of a plan.

    Args:
        plan: The plan, from `terraform show -json FILE`.
        name: Name of the stack; empty if there is only one plan.
        result: Forecast to add to.
        archive: Archive with earlier answers of the same constructs.
        answer_tokens: Assumed maximum tokens of an answer without a limit and without earlier answers.
    """
    for change in plan.get("resource_changes", ()):
        if change.get("type") != TYPE or change.get("mode") != "managed":
            continue
        action = _action(change["change"])
        if action is not None:
            construct = construct_of(change["address"])
            shown = f"{name}/{construct}" if name else construct
            result.estimates.append(_estimate(change["change"], shown, action, archive, answer_tokens))


def _action(change: Mapping[str, Any]) -> str | None:
    """Return the action of a paid change; ``None`` if it is free."""
    actions = change.get("actions") or []
    if change.get("importing"):
        return None
    if "create" in actions:
        return "replace" if "delete" in actions else "create"
    unknown = change.get("after_unknown") or {}
    return "update" if actions == ["update"] and any(unknown.get(name) is True for name in _ASKS) else None


def _estimate(
    change: Mapping[str, Any], construct: str, action: str, archive: Archive | None, answer_tokens: int
) -> Estimate:
    after, unknown = change.get("after") or {}, change.get("after_unknown") or {}
    earlier = _history(archive, after.get("idempotency_key"))
    tokens = _prompt_tokens(after)
    if _is_unknown(unknown.get("messages")):  # estimate the unknown part by the earlier request
        high = max(tokens.high, earlier.prompt.high if earlier else tokens.high + answer_tokens)
        tokens = Range(tokens.low, max(tokens.expected, earlier.prompt.expected if earlier else 0), high)
    answers, basis = _answer_tokens(after, earlier, answer_tokens)
    model = after.get("model") if isinstance(after.get("model"), str) else ""
    prices = [_price(str(model), after, tokens[end], answers[end]) for end in range(3)]
    known = [price for price in prices if price is not None]
    price = Range(*known) if len(known) == 3 else None
    return Estimate(construct, str(model), action, tokens, answers, price, basis)


def _prompt_tokens(after: Mapping[str, Any]) -> Range:
    """Estimate the tokens in the known part of a request by its length."""
    texts = list(_texts([after.get(name) for name in _PROMPT]))
    letters = sum(map(len, texts))
    dense = sum(len(text.encode(errors="replace")) - len(text) for text in texts)
    overhead = _PER_MESSAGE * (len(after.get("messages") or ()) + 1)
    low, expected, high = (overhead + letters / characters for characters in _CHARACTERS_PER_TOKEN)
    return Range(low + dense / 2, expected + dense / 2, high + dense)


class _History(NamedTuple):
    prompt: Range
    answer: Range
    answers: int


def _history(archive: Archive | None, key: Any) -> _History | None:
    """Return the token counts of a construct's earlier answers."""
    if archive is None or not isinstance(key, str):
        return None
    from sqlalchemy import func, select

    from openai_constructs.archive.tables import COMPLETIONS

    column = COMPLETIONS.c
    ranges = [
        bound(tokens)
        for tokens in (column.prompt_tokens, column.completion_tokens)
        for bound in (func.min, func.avg, func.max)
    ]
    query = select(func.count(), *ranges).where(column.key == key)
    with archive.reading() as connection:
        count, *values = connection.execute(query).one()
    if not count:
        return None
    numbers = [float(value) for value in values]
    return _History(Range(*numbers[:3]), Range(*numbers[3:]), count)


def _answer_tokens(after: Mapping[str, Any], earlier: _History | None, assumed: int) -> tuple[Range, str]:
    """Return the range of tokens of the answers, and its source."""
    limit = after.get("max_completion_tokens") or after.get("max_tokens")
    choices = int(after.get("n") or 1)
    if earlier is not None:
        high = limit * choices if limit else earlier.answer.high * 2
        basis = f"{earlier.answers} earlier answer{'s' if earlier.answers > 1 else ''}"
        return Range(earlier.answer.low, min(earlier.answer.expected, high), high), basis
    high = (limit or assumed) * choices
    basis = "max_tokens" if limit else f"no limit: {assumed} tokens assumed"
    return Range(min(choices, high), high / 2, high), basis


def _price(model: str, after: Mapping[str, Any], prompt: float, answer: float) -> int | None:
    usage = Usage(round(prompt), 0, round(answer), 0)
    tier = after.get("service_tier")
    return nano_usd(model, usage, tier=tier if isinstance(tier, str) else "", at=int(time.time() * 1000))


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for inner in value:
                yield from _texts(inner)
        case dict():
            for inner in value.values():
                yield from _texts(inner)


def _is_unknown(value: Any) -> bool:
    return "true" in json.dumps(value)


def _shown(price: Range) -> str:
    return f"{dollars(round(price.expected))} ({dollars(round(price.low))} to {dollars(round(price.high))})"
