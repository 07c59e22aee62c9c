"""Replay recorded answers to requests that were sent before."""

from __future__ import annotations

import asyncio
from typing import Any

from openai_constructs.archive.digest import request_digest
from openai_constructs.archive.replay import Replay
from openai_constructs.emulator.errors import ApiError
from openai_constructs.emulator.store import Store
from openai_constructs.errors import ArchiveError

__all__ = ["RecordedAnswers"]


class RecordedAnswers:
    """Chooses a recorded answer, so that repeated requests get each answer in turn.

    Args:
        replay: The recording; ``None`` for no recorded answers.
        store: Store of the completions, whose ids must be unique.
    """

    def __init__(self, replay: Replay | None, store: Store) -> None:
        self._replay = replay
        self._store = store
        self.reset()

    @property
    def is_on(self) -> bool:
        """Whether there is a recording."""
        return self._replay is not None

    def reset(self) -> None:
        """Restart with the first answer to each request."""
        self._served: dict[str, int] = {}
        self._claimed: set[str] = set()

    async def answer_to(self, body: dict[str, Any]) -> dict[str, Any] | None:
        """Return the recorded answer to a request; ``None`` if the emulator may generate one.

        The answer has no id if its id is already in the store and it needs a new one.

        Raises:
            ApiError: If only recorded answers are allowed and there is none, or the recording is unreadable.
        """
        if self._replay is None:
            return None
        try:
            answers = await asyncio.to_thread(self._replay.answers, body)
            if not answers and self._replay.only:
                reason = await asyncio.to_thread(self._replay.refusal, body)
                raise ApiError(400, reason, code="not_recorded")
        except ArchiveError as error:
            raise ApiError(400, str(error), code="replay_failed") from error
        if not answers:
            return None
        digest = request_digest(body)
        turn = self._served.get(digest, 0)
        self._served[digest] = turn + 1
        answer = answers[turn % len(answers)]
        if not body.get("store"):
            return answer
        identity = str(answer.get("id"))
        is_taken = identity in self._claimed
        self._claimed.add(identity)
        if is_taken or await self._store.get(identity) is not None:
            return {name: value for name, value in answer.items() if name != "id"}
        return answer
