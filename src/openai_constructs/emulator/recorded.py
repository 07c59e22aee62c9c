"""Answering from a recording: the real answer to a request that was made before."""

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
    """Chooses among recorded answers, so that a request that is repeated gets each of them in turn.

    Args:
        replay: The recording; None where there is none, and no request has a recorded answer.
        store: The completions that are stored already; no two have the same id.
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
        """Start again, as if nothing was answered yet."""
        self._served: dict[str, int] = {}
        self._claimed: set[str] = set()

    async def answer_to(self, body: dict[str, Any]) -> dict[str, Any] | None:
        """The recorded answer to a request; None where there is none and one may be made up.

        Its id is left out where it is taken: a new one is needed then.

        Raises:
            ApiError: Nothing is recorded and nothing may be made up, or the recording cannot be read.
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
