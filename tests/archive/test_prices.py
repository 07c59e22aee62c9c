"""Prices: of each answer, by its date, length and service tier; unknown where nobody knows."""

from __future__ import annotations

import sys

import pytest

from openai_constructs.archive.prices import Usage, nano_usd, require_prices
from openai_constructs.errors import ArchiveError

AT = 1_795_000_000_000


def price(
    model: str = "gpt-5", *, prompt: int = 1000, cached: int = 0, host: str = "api.openai.com", tier: str = ""
) -> int | None:
    return nano_usd(model, Usage(prompt, cached, 1000, 0), host=host, tier=tier, at=AT)


def test_cached_tokens_cost_a_fraction() -> None:
    """Tokens from the API's cache are a part of the prompt, and are not paid twice."""
    full, cached = price(), price(cached=1000)
    assert full == 1000 * 1250 + 1000 * 10_000
    assert cached == 1000 * 125 + 1000 * 10_000
    assert price(cached=5000) == cached  # more than the prompt has: an odd host


def test_the_service_tier_changes_the_price() -> None:
    """Flex costs half, priority twice as much."""
    default = price()
    assert default is not None
    assert price(tier="default") == default
    assert price(tier="flex") == default // 2
    assert price(tier="priority") == default * 2


@pytest.mark.parametrize(
    ("model", "host"),
    [
        ("gpt-nobody-knows", "api.openai.com"),
        ("gpt-4o", "llm.example.com"),
        ("llama3", "127.0.0.1:11434"),
        ("", ""),
    ],
)
def test_a_price_that_nobody_knows_is_none(model: str, host: str) -> None:
    """An unknown model, or a host whose prices are unknown, is unknown and never 0."""
    assert price(model, host=host) is None


@pytest.mark.parametrize("host", ["127.0.0.1:4010", "[::1]:4010", "localhost:4010", "localhost", ""])
def test_a_local_host_is_priced_like_openai(host: str) -> None:
    """A local run shows what the same would cost live."""
    assert price(host=host) == price()


def test_other_hosts_have_prices_of_their_own() -> None:
    """The price list is chosen by the address of the API."""
    assert price("gpt-4o", host="name.openai.azure.com") == 1000 * 2500 + 1000 * 10_000


def test_without_the_price_list_a_price_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer is still recorded; what needs prices says which extra brings them."""
    monkeypatch.setitem(sys.modules, "genai_prices", None)
    assert price() is None
    with pytest.raises(ArchiveError, match=r"openai-constructs\[archive\]"):
        require_prices()
