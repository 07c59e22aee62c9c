"""Having a completion made, once: found where it was made already, asked again only where it was not."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import quote

from openai_constructs.provider.native.answers import items, text
from openai_constructs.provider.native.client import Api, Json
from openai_constructs.provider.native.problems import COLLECTION, ApiProblem
from openai_constructs.provider.native.session import ClaimedIds
from openai_constructs.provider.native.tags import LABEL

__all__ = ["Creation", "Wanted", "path_of"]


def path_of(completion_id: str) -> str:
    """The path of a stored completion."""
    return f"{COLLECTION}/{quote(completion_id, safe='')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A completion that is to be made.

    Attributes:
        body: The request, with its metadata and without its model.
        models: The models to ask, in order: the next where one is not to be had.
        tag: The label in the metadata; None where nothing can be found by one.
        lasts: The tag is the same in every run, so an earlier run may have made the completion.
        project: Project id to ask for, if another than the provider's.
    """

    body: Json
    models: tuple[str, ...]
    tag: str | None = None
    lasts: bool = False
    project: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        """Headers of all its requests."""
        return {"OpenAI-Project": self.project} if self.project else {}


@dataclass(slots=True)
class Creation:
    """One completion being made.

    Attributes:
        api: Where.
        wanted: What.
        claimed: The ids that others have.
        is_adopted: It was found in the store; it may have other metadata than are wanted.
        not_searched: Why the store could not be searched; None where it could.
    """

    api: Api
    wanted: Wanted
    claimed: ClaimedIds
    is_adopted: bool = False
    not_searched: ApiProblem | None = field(default=None)

    async def made(self) -> Json:
        """The completion, as the API sent it.

        Raises:
            ApiProblem: There is none.
        """
        if self.wanted.lasts and (found := await self._found()) is not None:
            return found
        *others, last = self.wanted.models
        for model in others:
            try:
                return await self._asked(model)
            except ApiProblem as problem:
                if not problem.is_about_the_model:
                    raise
        return await self._asked(last)

    async def _asked(self, model: str) -> Json:
        made = await self.api.send(
            "POST",
            COLLECTION,
            {**self.wanted.body, "model": model},
            headers=self.wanted.headers,
            recover=self._found if self.wanted.tag else None,
        )
        self.claimed.claim(text(made, "id"))
        return made

    async def _found(self) -> Json | None:
        """The completion with the tag, if the store has it and nobody else does."""
        if self.not_searched is not None:
            return None
        query = {"limit": 100, "metadata": {LABEL: self.wanted.tag}}
        try:
            page = await self.api.send("GET", COLLECTION, query=query, headers=self.wanted.headers)
        except ApiProblem as problem:
            # What may pass ends the creation: to ask without having looked is what must not happen.
            if problem.is_temporary or problem.kind != "status":
                raise
            self.not_searched = problem
            return None
        for it in items(page, "data"):
            found = await self._fetched(text(it, "id"))
            if found is not None:
                self.is_adopted = True
                return found
        return None

    async def _fetched(self, completion_id: str) -> Json | None:
        if not completion_id or not self.claimed.claim(completion_id):
            return None
        try:
            return await self.api.send("GET", path_of(completion_id), headers=self.wanted.headers)
        except ApiProblem as problem:
            if problem.is_gone:  # a list may tell of what was deleted a moment ago
                return None
            raise
