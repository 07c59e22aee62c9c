"""Changes of stored completions: labels, and letting go of those that the state does not need any more."""

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
    "label",
    "leftovers_warning",
    "let_go",
    "let_go_of_leftovers",
    "ref_of",
]

LEFTOVERS: Final = "leftovers"
"""Key of the private data: id and project of completions that could not be deleted yet."""


def is_in_store(state: State, private: Private) -> bool:
    """Whether the completion of a state is in the store, as far as the state can know."""
    return bool(state["store"]) and not private.get(DETACHED) and not state["id"].startswith(UNNAMED)


def ref_of(state: State) -> StoredRef:
    """The stored completion of a state."""
    return StoredRef(state["id"], state["project_id"])


def label(api: Api, ref: StoredRef, metadata: Mapping[str, str]) -> None:
    """Replace the metadata of a stored completion.

    Raises:
        ApiProblem: It could not be done.
    """
    api.run(api.send("POST", ref.path, {"metadata": dict(metadata)}, headers=ref.headers))


def let_go(session: Session, change: Change, old: State, on_destroy: str | None) -> bool:
    """Delete a completion that the state does not need any more; whether it is out of the store.

    If that fails, the change has succeeded all the same. A warning names the completion, and where another
    try may help, the next plan has one.
    """
    if not is_in_store(old, {}) or on_destroy == "keep":
        return not old["store"]
    session.claimed.claim(old["id"])
    return _delete(session.api, change.diagnostics, change.private, ref_of(old))


def let_go_of_leftovers(session: Session, change: Change, state: State) -> None:
    """Try again to delete what an earlier apply could not, unless the state has it now."""
    for completion_id, project in change.private.pop(LEFTOVERS, []):
        if completion_id != state["id"]:
            _delete(session.api, change.diagnostics, change.private, StoredRef(completion_id, project))


def leftovers_warning(private: Private) -> tuple[tuple[str, str]]:
    """The warning of a plan that has nothing to do but this."""
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
