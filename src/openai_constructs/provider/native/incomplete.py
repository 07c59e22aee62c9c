"""Incomplete answers: keys in the private data, and texts of the diagnostics."""

from __future__ import annotations

from typing import Final

from openai_constructs.provider.core.blocks import State
from openai_constructs.provider.native.answers import shortcomings
from openai_constructs.provider.native.client import Json

__all__ = ["ACCEPTED", "DETACHED", "PAID", "REFUSED_CREATION", "REFUSED_EDIT", "paid_warning"]

PAID: Final = "paid"
"""Key in the private data: a paid answer that is not in the state, because it was refused or not saved."""

DETACHED: Final = "detached"
"""Key in the private data and in a paid answer: it was deleted from the store when it was refused."""

_FIX: Final = (
    "Fix: raise max_completion_tokens if it was cut; change the messages or the model if it was "
    "refused or filtered."
)
ACCEPTED: Final = (
    f"It was saved in the state all the same. {_FIX}\n"
    'on_incomplete = "error" keeps the old answer instead; "accept" turns off this warning.'
)
_AGAIN: Final = (
    "The same request is not sent again. Change the request or its idempotency_key to retry, or set "
    'on_incomplete to "warn" or "accept" to use the answer that was paid for.'
)
_REPLACE: Final = "`terraform apply -replace=ADDRESS` sends the request again."
REFUSED_EDIT: Final = (
    'It was refused because on_incomplete = "error". The old answer stays in the state and in the store.\n'
    f"{_FIX}\n{_AGAIN} {_REPLACE}"
)
REFUSED_CREATION: Final = (
    f'It was refused because on_incomplete = "error". Terraform marks the resource as tainted.\n{_FIX}\n'
    f"{_AGAIN} `terraform untaint` accepts the answer, too."
)


def paid_warning(paid: Json, config: State) -> tuple[tuple[str, str]]:
    """Return the warning of a plan whose request has already been answered."""
    reasons = "\n".join(["The answer was refused:", *shortcomings(paid["completion"])])
    consequence = (
        f"Applying the edit fails again without sending a request. {_AGAIN} {_REPLACE}"
        if config["on_incomplete"] == "error"
        else "Applying uses this answer and sends no request."
    )
    return (("This request has been answered already", f"{reasons}\n{consequence}"),)
