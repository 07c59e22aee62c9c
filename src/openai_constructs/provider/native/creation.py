"""Obtaining a completion exactly once: reuse an existing one, else request it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote
from uuid import uuid4

from openai_constructs.errors import ArchiveError
from openai_constructs.provider.native.answers import items, mapping, text
from openai_constructs.provider.native.client import Api, Json
from openai_constructs.provider.native.ledger import Ledger
from openai_constructs.provider.native.problems import COLLECTION, ApiProblem
from openai_constructs.provider.native.session import ClaimedIds
from openai_constructs.provider.native.tags import LABEL

__all__ = ["UNNAMED", "CompletionRequest", "Creation", "StoredRef", "unnamed_id"]

UNNAMED: Final = "unnamed-"
"""Prefix of the id that the provider makes up if the host sends none."""


def unnamed_id() -> str:
    """Make up an id for a completion that the host sent without one."""
    return f"{UNNAMED}{uuid4().hex}"


@dataclass(frozen=True, slots=True)
class StoredRef:
    """Reference to a stored completion: the path and headers of every request for it.

    Attributes:
        id: Completion id.
        project: Project id, if it differs from the provider's.
    """

    id: str
    project: str | None = None

    @property
    def path(self) -> str:
        """Path below the base URL."""
        return f"{COLLECTION}/{quote(self.id, safe='')}"

    @property
    def headers(self) -> dict[str, str]:
        """Headers of every request for this completion."""
        return project_header(self.project)


def project_header(project: str | None) -> dict[str, str]:
    """Return the header that selects a project other than the provider's."""
    return {"OpenAI-Project": project} if project else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionRequest:
    """A request for a completion.

    Attributes:
        body: Request body, with metadata and without a model.
        models: Models to try in order; each is the fallback of the one before it.
        tag: The provider's tag in the metadata; None if the completion is not stored or has no room for it.
        is_reproducible_tag: Every run computes the same tag, so an earlier run may have used it.
        project: Project id, if it differs from the provider's.
        digest: Hash of the request without its labels.
        key: Identifies the resource across runs; None if nothing does.
    """

    body: Json
    models: tuple[str, ...]
    tag: str | None = None
    is_reproducible_tag: bool = False
    project: str | None = None
    digest: str = ""
    key: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        """Headers of every attempt."""
        return project_header(self.project)


@dataclass(slots=True)
class Creation:
    """Creation of one completion.

    Attributes:
        api: Client for the API.
        request: The request.
        claimed: Ids of completions that other resources have.
        is_requested: The completion is new, even if its answer had to be recovered from the store.
        is_adopted: The completion comes from the store; its metadata may differ from the request's.
        not_searched: Why the store could not be searched; None if it could.
        ledger: The archive, if any.
        is_from_archive: The completion comes from the archive.
        not_archived: Why the answer could not be archived; None if it was.
        completion_id: Id in the state; made up if the host sent none.
        model: The model that was requested last.
    """

    api: Api
    request: CompletionRequest
    claimed: ClaimedIds
    is_requested: bool = False
    is_adopted: bool = False
    not_searched: ApiProblem | None = field(default=None)
    ledger: Ledger | None = None
    is_from_archive: bool = False
    not_archived: ArchiveError | None = None
    completion_id: str = ""
    model: str = ""

    async def run(self) -> Json:
        """Return the completion, as sent by the API.

        Raises:
            ApiProblem: If the request failed.
            ArchiveError: If the archive cannot be read, or the budget is used up.
        """
        completion = await self._obtain()
        self.completion_id = text(completion, "id") or unnamed_id()
        if not self.is_from_archive:
            await self._archive(completion)
        return completion

    async def _obtain(self) -> Json:
        if self.request.is_reproducible_tag and (existing := await self._find_existing()) is not None:
            return existing
        if (archived := await self._find_archived()) is not None:
            self.is_from_archive = True
            return archived
        *others, last = self.request.models
        for model in others:
            try:
                return await self._request(model)
            except ApiProblem as problem:
                if not problem.is_about_the_model:
                    raise
        return await self._request(last)

    async def _request(self, model: str) -> Json:
        if self.ledger is not None:
            await asyncio.to_thread(self.ledger.admit, model)
        self.is_requested = True
        self.model = model
        completion = await self.api.send(
            "POST",
            COLLECTION,
            {**self.request.body, "model": model},
            headers=self.request.headers,
            recover=self._find_existing if self.request.tag else None,
        )
        self.claimed.claim(text(completion, "id"))
        return completion

    async def _archive(self, completion: Json) -> None:
        """Record the answer in the archive before Terraform receives it."""
        ledger, request = self.ledger, self.request
        if ledger is None:
            return
        body = {**request.body, "model": self.model or request.models[0]}
        try:
            await asyncio.to_thread(
                ledger.record, body, completion, self.completion_id, request.key, is_new=not self.is_adopted
            )
        except ArchiveError as error:
            self.not_archived = error

    async def _find_archived(self) -> Json | None:
        """Return an archived answer that was paid for but is in no Terraform state; None if there is none."""
        ledger, request = self.ledger, self.request
        if ledger is None or request.key is None:
            return None
        for answer in await asyncio.to_thread(ledger.find, request.body, request.models, request.key):
            completion_id = text(answer, "id")
            if self.claimed.claim(completion_id) and await self._is_there(completion_id):
                return answer
        return None

    async def _is_there(self, completion_id: str) -> bool:
        """Return whether an archived answer is still in the store, if it was requested with ``store``."""
        if not self.request.body.get("store"):
            return True
        ref = StoredRef(completion_id, self.request.project)
        try:
            await self.api.send("GET", ref.path, headers=ref.headers)
        except ApiProblem as problem:
            if problem.is_temporary:
                raise
            return not problem.is_gone
        return True

    async def _find_existing(self) -> Json | None:
        """Return the stored completion with the tag; None if there is none or another resource has it."""
        if self.not_searched is not None:
            return None
        query = {"limit": 100, "metadata": {LABEL: self.request.tag}}
        try:
            page = await self.api.send("GET", COLLECTION, query=query, headers=self.request.headers)
        except ApiProblem as problem:
            # Fail on a temporary problem: requesting without having searched could pay twice.
            if problem.is_temporary or problem.kind != "status":
                raise
            self.not_searched = problem
            return None
        for it in items(page, "data"):
            existing = await self._fetch(text(it, "id"))
            if existing is not None:
                self.is_adopted = True
                return existing
        return None

    async def _fetch(self, completion_id: str) -> Json | None:
        """Fetch a listed completion; None if another resource has it, it is gone, or its tag differs."""
        if not completion_id or not self.claimed.claim(completion_id):
            return None
        ref = StoredRef(completion_id, self.request.project)
        try:
            completion = await self.api.send("GET", ref.path, headers=ref.headers)
        except ApiProblem as problem:
            if problem.is_gone:  # a list may still contain completions that were just deleted
                return None
            raise
        # Some hosts accept the filter but ignore it, so this may be somebody else's completion.
        is_ours = mapping(completion.get("metadata")).get(LABEL) == self.request.tag
        return completion if is_ours else None
