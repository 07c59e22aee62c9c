"""Incomplete answers: what is remembered of one that was refused, and what is said of it."""

from __future__ import annotations

from typing import Final

from openai_constructs.provider.core.blocks import State
from openai_constructs.provider.native.answers import shortcomings
from openai_constructs.provider.native.client import Json

__all__ = ["ACCEPTED", "DETACHED", "PAID", "REFUSED_CREATION", "REFUSED_EDIT", "paid_warning"]

PAID: Final = "paid"
"""Key of the private data: an answer that was paid for, but is not in the state: refused, or not written."""

DETACHED: Final = "detached"
"""Key of the private data, and of a paid answer: it is in the store no more, because it was refused once."""

_FIX: Final = (
    "Fix: raise max_completion_tokens where it was cut; change the messages or the model where it was "
    "refused or filtered."
)
ACCEPTED: Final = (
    f"It is in the state as it came. {_FIX}\n"
    'on_incomplete = "error" keeps the old answer instead, "accept" takes any answer without a warning.'
)
_AGAIN: Final = (
    "The same request is not sent again: change the request or its idempotency_key for another try, or set "
    'on_incomplete to "warn" or "accept" to take the answer that was paid for.'
)
_REPLACE: Final = "`terraform apply -replace=ADDRESS` sends it again."
REFUSED_EDIT: Final = (
    'It is refused, because on_incomplete = "error". The old answer stays in the state and in the store.\n'
    f"{_FIX}\n{_AGAIN} {_REPLACE}"
)
REFUSED_CREATION: Final = (
    f'It is refused, because on_incomplete = "error". Terraform marks it as tainted.\n{_FIX}\n{_AGAIN} '
    "`terraform untaint` takes it, too."
)


def paid_warning(paid: Json, config: State) -> tuple[tuple[str, str]]:
    """The warning of a plan that an answer to its request is there already."""
    reasons = "\n".join(["The answer was refused:", *shortcomings(paid["completion"])])
    consequence = (
        f"Applying the edit fails again, and sends no request. {_AGAIN} {_REPLACE}"
        if config["on_incomplete"] == "error"
        else "Applying takes it, and sends no request."
    )
    return (("This request has been answered already", f"{reasons}\n{consequence}"),)
