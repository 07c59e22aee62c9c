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


class RefusedAnswers:
    """Answers of this run that were paid for, and refused at a creation, by the digest of their request.

    Terraform plans a new creation for such a completion, and gives it no private data of the old one. So what
    a refresh, or the deletion before it, knows of the answer waits here for the creation.
    """

    def __init__(self) -> None:
        self._answers: dict[str, list[Json]] = {}
        self._lock = Lock()

    @property
    def is_empty(self) -> bool:
        """Whether there is none, as in most runs."""
        return not any(self._answers.values())

    def put(self, answer: Json) -> None:
        """Keep an answer, once."""
        with self._lock:
            waiting = self._answers.setdefault(answer["digest"], [])
            if answer not in waiting:
                waiting.append(answer)

    def take(self, digest: str) -> Json | None:
        """An answer to a request."""
        with self._lock:
            waiting = self._answers.get(digest)
            return waiting.pop(0) if waiting else None

    def remove(self, answer: Json) -> None:
        """Forget an answer, if it is there."""
        with self._lock:
            waiting = self._answers.get(answer["digest"], [])
            if answer in waiting:
                waiting.remove(answer)


@dataclass(slots=True)
class Session:
    """One configuration of the provider, from one run of Terraform.

    Attributes:
        api: The API, as the provider block and the environment say.
        claimed: The ids that completions of this run have.
        refused: Answers that creations of this run may take.
        shutdowns: When the models will be shut down.
        ledger: The archive, if there is one.
    """

    api: Api = field(default_factory=lambda: Api(Settings()))
    claimed: ClaimedIds = field(default_factory=ClaimedIds)
    refused: RefusedAnswers = field(default_factory=RefusedAnswers)
    shutdowns: ShutdownDates = field(default_factory=ShutdownDates)
    ledger: Ledger | None = None

    def mark(self, diagnostics: Diagnostics | None, completion_id: str, status: Status) -> None:
        """Note in the archive what became of an answer; where that fails it is a warning at most."""
        if self.ledger is None:
            return
        try:
            self.ledger.mark(completion_id, status)
        except ArchiveError as error:
            if diagnostics is not None:
                diagnostics.add_warning("The archive could not be updated", str(error))

    def close(self) -> None:
        """End requests in progress, and close all connections."""
        self.api.close()
        if self.ledger is not None:
            self.ledger.archive.close()
