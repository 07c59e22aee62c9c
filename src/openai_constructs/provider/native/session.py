"""State shared by the resource and the data sources of a configured provider."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

from tf.utils import Diagnostics

from openai_constructs.archive.archive import Status
from openai_constructs.errors import ArchiveError
from openai_constructs.provider.native.client import Api, Json, Settings
from openai_constructs.provider.native.ledger import Ledger
from openai_constructs.provider.native.shutdowns import ShutdownDates

__all__ = ["ClaimedIds", "RefusedAnswers", "Session"]


class ClaimedIds:
    """Completion ids in use in this run, so that two resources never share one. Thread-safe."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._lock = Lock()

    def claim(self, completion_id: str) -> bool:
        """Claim an id. Return whether it was free."""
        with self._lock:
            if completion_id in self._ids:
                return False
            self._ids.add(completion_id)
            return True


class RefusedAnswers:
    """Paid answers that were rejected when their resource was created, by the digest of their request.

    Terraform replaces such a resource without passing its private data on to the replacement. So the refresh
    or the deletion of the old resource puts the answer here, and the creation of the new one takes it.
    """

    def __init__(self) -> None:
        self._answers: dict[str, list[Json]] = {}
        self._lock = Lock()

    @property
    def is_empty(self) -> bool:
        """Whether no answer waits, as in most runs."""
        return not any(self._answers.values())

    def put(self, answer: Json) -> None:
        """Add an answer, unless it is already there."""
        with self._lock:
            waiting = self._answers.setdefault(answer["digest"], [])
            if answer not in waiting:
                waiting.append(answer)

    def take(self, digest: str) -> Json | None:
        """Remove and return an answer to a request; ``None`` if there is none."""
        with self._lock:
            waiting = self._answers.get(digest)
            return waiting.pop(0) if waiting else None

    def remove(self, answer: Json) -> None:
        """Remove an answer, if it is there."""
        with self._lock:
            waiting = self._answers.get(answer["digest"], [])
            if answer in waiting:
                waiting.remove(answer)


@dataclass(slots=True)
class Session:
    """One configuration of the provider in one run of Terraform.

    Attributes:
        api: Client of the API, configured by the provider block and the environment.
        claimed: Completion ids in use in this run.
        refused: Rejected answers that creations of this run may take.
        shutdowns: Shutdown dates of the models.
        ledger: The archive, if it is configured.
    """

    api: Api = field(default_factory=lambda: Api(Settings()))
    claimed: ClaimedIds = field(default_factory=ClaimedIds)
    refused: RefusedAnswers = field(default_factory=RefusedAnswers)
    shutdowns: ShutdownDates = field(default_factory=ShutdownDates)
    ledger: Ledger | None = None

    def mark(self, diagnostics: Diagnostics | None, completion_id: str, status: Status) -> None:
        """Set the status of an answer in the archive. A failure adds a warning if `diagnostics` is given."""
        if self.ledger is None:
            return
        try:
            self.ledger.mark(completion_id, status)
        except ArchiveError as error:
            if diagnostics is not None:
                diagnostics.add_warning("The archive could not be updated", str(error))

    def close(self) -> None:
        """Cancel the requests in progress and close all connections."""
        self.api.close()
        if self.ledger is not None:
            self.ledger.archive.close()
