"""Obtaining a completion, once: found where it exists already, requested only where it does not."""

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
"""Begins the id of a completion that the host gave none."""


def unnamed_id() -> str:
    """An id for a completion that the host gave none."""
    return f"{UNNAMED}{uuid4().hex}"


@dataclass(frozen=True, slots=True)
class StoredRef:
    """A stored completion: every request about it has the same path and the same headers.

    Attributes:
        id: Its id.
        project: Project id, if it is in another than the provider's.
    """

    id: str
    project: str | None = None

    @property
    def path(self) -> str:
        """Its path, below the base URL."""
        return f"{COLLECTION}/{quote(self.id, safe='')}"

    @property
    def headers(self) -> dict[str, str]:
        """Headers of every request about it."""
        return project_header(self.project)


def project_header(project: str | None) -> dict[str, str]:
    """The header that names another project than the provider's."""
    return {"OpenAI-Project": project} if project else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionRequest:
    """A request for a completion.

    Attributes:
        body: The body, with its metadata and without its model.
        models: The models to ask, in order: the next where one is not available.
        tag: The label in the metadata; None where nothing can be found by one.
        is_reproducible_tag: The tag is the same in every run, so an earlier run may have made the completion.
        project: Project id, if it is another than the provider's.
        digest: Identifies the request, whatever its labels are.
        key: Tells whose request it is, in every run; None where nothing does.
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
        """Headers of all its requests."""
        return project_header(self.project)


@dataclass(slots=True)
class Creation:
    """A completion that is being obtained.

    Attributes:
        api: Where.
        request: The request for it.
        claimed: The ids that others have.
        is_requested: It was requested, so it is a new one, even if it had to be found in the store then.
        is_adopted: It was found in the store; its metadata may differ from the request's.
        not_searched: Why the store could not be searched; None where it could.
        ledger: The archive, if there is one.
        is_from_archive: It was found in the archive.
        not_archived: Why the answer could not be written into the archive; None where it was.
        completion_id: Its id in the state; made up if the host gave none.
        model: The model that answered a request.
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
        """The completion, as the API sent it.

        Raises:
            ApiProblem: There is none.
            ArchiveError: The archive cannot be read, or the budget is used up.
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
        """Write the answer into the archive, before Terraform receives it."""
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
        """An answer that was paid for, and that Terraform never heard of or never kept."""
        ledger, request = self.ledger, self.request
        if ledger is None or request.key is None:
            return None
        for answer in await asyncio.to_thread(ledger.find, request.body, request.models, request.key):
            completion_id = text(answer, "id")
            if self.claimed.claim(completion_id) and await self._is_there(completion_id):
                return answer
        return None

    async def _is_there(self, completion_id: str) -> bool:
        """Whether an archived answer is where its request wanted it: in the store, if it was to be stored."""
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
        """The completion with the tag, if the store has it and nobody else does."""
        if self.not_searched is not None:
            return None
        query = {"limit": 100, "metadata": {LABEL: self.request.tag}}
        try:
            page = await self.api.send("GET", COLLECTION, query=query, headers=self.request.headers)
        except ApiProblem as problem:
            # A temporary problem ends the creation: to ask without having looked is what must not happen.
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
        """A completion that the store lists, if it is free and really has the tag."""
        if not completion_id or not self.claimed.claim(completion_id):
            return None
        ref = StoredRef(completion_id, self.request.project)
        try:
            completion = await self.api.send("GET", ref.path, headers=ref.headers)
        except ApiProblem as problem:
            if problem.is_gone:  # a list may contain what was deleted a moment ago
                return None
            raise
        # Some hosts take the filter and ignore it: then this is a completion of somebody else.
        is_ours = mapping(completion.get("metadata")).get(LABEL) == self.request.tag
        return completion if is_ours else None
