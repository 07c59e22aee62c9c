"""Prices of answers, offline from the list of ``genai-prices``. Missing prices are unknown."""

from __future__ import annotations

import functools
from datetime import UTC, datetime
from decimal import Decimal
from ipaddress import ip_address
from typing import Final, NamedTuple

from openai_constructs.errors import ArchiveError

__all__ = ["Usage", "nano_usd", "require_prices"]

_NANO: Final = Decimal(10**9)


class Usage(NamedTuple):
    """The tokens of an answer.

    Attributes:
        prompt_tokens: Tokens of the request.
        cached_tokens: Tokens of the request that came from the API's cache.
        completion_tokens: Tokens of the answer.
        reasoning_tokens: Reasoning tokens of the answer, which cost the same.
    """

    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    reasoning_tokens: int


def nano_usd(model: str, usage: Usage, *, host: str = "", tier: str = "", at: int) -> int | None:
    """Return the price of an answer in billionths of a US dollar; ``None`` if it is unknown.

    The price depends on the date and on the length of the prompt, so it is computed per answer.

    Args:
        model: Model of the answer.
        usage: Token counts.
        host: Host of the API. A loopback host, such as the emulator, is priced like OpenAI's own.
        tier: Service tier of the answer: ``flex`` costs less, ``priority`` more.
        at: Time of the answer, in milliseconds since 1970, UTC.
    """
    try:
        from genai_prices import Usage as Tokens
        from genai_prices import calc_price
    except ImportError:
        return None
    try:
        price = calc_price(
            Tokens(
                input_tokens=usage.prompt_tokens,
                cache_read_tokens=min(usage.cached_tokens, usage.prompt_tokens),
                output_tokens=usage.completion_tokens,
            ),
            model_ref=model,
            genai_request_timestamp=datetime.fromtimestamp(at / 1000, UTC),
            price_context={"service_tier": tier} if tier else None,
            **_price_list(host),
        )
    except (LookupError, ValueError):
        return None
    return int((price.total_price * _NANO).to_integral_value())


def require_prices() -> None:
    """Check that prices can be looked up.

    Raises:
        ArchiveError: If ``genai-prices`` is not installed.
    """
    try:
        import genai_prices  # noqa: F401
    except ImportError as error:
        raise ArchiveError(
            "Prices need genai-prices. Install it with: pip install 'openai-constructs[archive]'"
        ) from error


@functools.lru_cache(maxsize=64)
def _price_list(host: str) -> dict[str, str]:
    """Return the argument that selects the host's price list in genai-prices."""
    name = host.rpartition(":")[0].strip("[]") if host.rpartition(":")[2].isdigit() else host.strip("[]")
    try:
        is_local = name in ("", "localhost") or ip_address(name).is_loopback
    except ValueError:
        is_local = False
    return {"provider_id": "openai"} if is_local else {"provider_api_url": f"https://{host}/v1"}
