"""Changes of stored completions: new metadata, and deletion of those that the state no longer needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tf.utils import Diagnostics

from openai_constructs.provider.core.blocks import State
from openai_constructs.provider.core.planning import Change, Private
from openai_constructs.provider.native.client import Api
from openai_constructs.provider.native.creation import UNNAMED, StoredRef
from openai_constructs.provider.native.diagnostics import add_warning
from openai_constructs.provider.native.incomplete import DETACHED
from openai_constructs.provider.native.problems import ApiProblem
from openai_constructs.provider.native.session import Session

__all__ = [
    "LEFTOVERS",
    "is_in_store",
    "leftovers_warning",
    "ref_of",
    "release",
    "release_leftovers",
    "replace_metadata",
]

LEFTOVERS: Final = "leftovers"
"""Key of the private data: id and project of each completion that could not be deleted yet."""


def is_in_store(state: State, private: Private) -> bool:
    """Whether the store has the completion of a state, as far as the state shows."""
    return bool(state["store"]) and not private.get(DETACHED) and not state["id"].startswith(UNNAMED)


def ref_of(state: State) -> StoredRef:
    """Return the reference to the stored completion of a state."""
    return StoredRef(state["id"], state["project_id"])


def replace_metadata(api: Api, ref: StoredRef, metadata: Mapping[str, str]) -> None:
    """Replace the metadata of a stored completion.

    Raises:
        ApiProblem: If the request fails.
    """
    api.run(api.send("POST", ref.path, {"metadata": dict(metadata)}, headers=ref.headers))


def release(session: Session, change: Change, old: State, on_destroy: str | None) -> bool:
    """Delete a completion that the state no longer needs. Return whether the store no longer has it.

    A failure does not fail the change: it adds a warning with the completion's id, and the next plan tries
    again if that may help.
    """
    if not is_in_store(old, {}) or on_destroy == "keep":
        return not old["store"]
    session.claimed.claim(old["id"])
    return _delete(session.api, change.diagnostics, change.private, ref_of(old))


def release_leftovers(session: Session, change: Change, state: State) -> None:
    """Retry the deletions that failed in an earlier apply, except of the completion in the state."""
    for completion_id, project in change.private.pop(LEFTOVERS, []):
        if completion_id != state["id"]:
            _delete(session.api, change.diagnostics, change.private, StoredRef(completion_id, project))


def leftovers_warning(private: Private) -> tuple[tuple[str, str]]:
    """Return the warning of a plan whose only change is to retry deletions."""
    ids = ", ".join(completion_id for completion_id, _ in private[LEFTOVERS])
    return (
        (
            "A completion is left over in the store",
            f"An earlier apply could not delete {ids}. Applying tries again, and sends no other request.",
        ),
    )


def _delete(api: Api, diagnostics: Diagnostics, private: Private, ref: StoredRef) -> bool:
    try:
        api.run(api.send("DELETE", ref.path, headers=ref.headers))
    except ApiProblem as problem:
        if problem.is_gone:
            return True
        is_retried = problem.is_temporary or problem.kind == "stopped"
        if is_retried:
            private.setdefault(LEFTOVERS, []).append([ref.id, ref.project])
        fix = "The next apply tries again." if is_retried else "Delete it yourself."
        add_warning(
            diagnostics, problem, f"The completion {ref.id} is still in the store, but in no state. {fix}"
        )
        return False
    return True
