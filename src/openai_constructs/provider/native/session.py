"""What the resource and the data sources of a configured provider share."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

from openai_constructs.provider.native.client import Api, Settings

__all__ = ["ClaimedIds", "Session"]


class ClaimedIds:
    """The ids that completions of this run have: no two may have the same one. Safe from any thread."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._lock = Lock()

    def claim(self, completion_id: str) -> bool:
        """Claim an id; whether it was free."""
        with self._lock:
            if completion_id in self._ids:
                return False
            self._ids.add(completion_id)
            return True


@dataclass(slots=True)
class Session:
    """One configuration of the provider, from one run of Terraform.

    Attributes:
        api: The API, as the provider block and the environment say.
        claimed: The ids that completions of this run have.
    """

    api: Api = field(default_factory=lambda: Api(Settings()))
    claimed: ClaimedIds = field(default_factory=ClaimedIds)
