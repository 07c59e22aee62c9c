"""The provider's access to the archive: recording answers, reusing them, and enforcing a budget."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from tf.utils import Diagnostics

from openai_constructs.archive import Archive, Entry
from openai_constructs.archive.archive import Status
from openai_constructs.archive.cost.report import dollars
from openai_constructs.archive.digest import request_digest
from openai_constructs.archive.entry import milliseconds_now
from openai_constructs.archive.prices import Usage, nano_usd, require_prices
from openai_constructs.archive.query import Filter, page
from openai_constructs.errors import ArchiveError
from openai_constructs.provider.core.blocks import State, Unknown
from openai_constructs.provider.native.client import Json
from openai_constructs.provider.native.tags import unlabelled

__all__ = ["Budget", "BudgetError", "Ledger", "open_ledger", "period_of"]

VARIABLE: Final = "OPENAI_CONSTRUCTS_ARCHIVE"
_ANY_USAGE: Final = Usage(1000, 0, 1000, 0)


class BudgetError(ArchiveError):
    """The budget does not allow another request."""


class Budget(NamedTuple):
    """Spending limit of a period.

    Attributes:
        usd: US dollars.
        period: ``day``, ``week``, ``month`` or ``total``.
        unknown_usd: US dollars to count for an answer without a known price; None refuses such requests.
    """

    usd: float
    period: str = "month"
    unknown_usd: float | None = None


class Ledger:
    """An archive, with the host, workspace and budget of this provider.

    Args:
        archive: The archive, open for writing.
        host: Host of the API, with its port.
        workspace: Terraform workspace.
        with_prompts: Record the prompts, too.
        budget: Spending limit, if any.
    """

    def __init__(
        self,
        archive: Archive,
        *,
        host: str = "",
        workspace: str = "default",
        with_prompts: bool = True,
        budget: Budget | None = None,
    ) -> None:
        self.archive = archive
        self._host, self._workspace = host, workspace
        self._with_prompts, self._budget = with_prompts, budget
        self._acknowledged: set[str] = set()

    def admit(self, model: str) -> None:
        """Check that the budget allows one more request.

        Spending is summed in the database, so it includes every process that shares the archive.

        Raises:
            BudgetError: If the budget is used up, or the price of the model is unknown.
            ArchiveError: If the database cannot be read.
        """
        budget = self._budget
        if budget is None:
            return
        if (
            budget.unknown_usd is None
            and nano_usd(model, _ANY_USAGE, host=self._host, at=milliseconds_now()) is None
        ):
            raise BudgetError(
                f"The price of {model} is not known, so the budget cannot count it. Set "
                "budget_unknown_usd to the maximum cost of an answer, or use a model with a known price."
            )
        start, end = period_of(budget.period, datetime.now(UTC))
        spent = self.archive.spent(int(start.timestamp() * 1000))
        total = spent.nano_usd + int(spent.unpriced * (budget.unknown_usd or 0) * 1e9)
        if total >= budget.usd * 1e9:
            when = f"It resets at {end:%Y-%m-%d %H:%M} UTC." if end else "It does not reset."
            raise BudgetError(
                f"{dollars(total)} of {dollars(int(budget.usd * 1e9))} are spent, counted by "
                f"{budget.period}. {when} Raise budget_usd, or wait."
            )

    def record(
        self, body: Json, completion: Json, completion_id: str, key: str | None, *, is_new: bool
    ) -> None:
        """Record an answer. An answer that is not new is recorded only if the archive does not have it yet.

        Raises:
            ArchiveError: If the database cannot be written.
        """
        if not is_new and self.archive.completion(completion_id) is not None:
            return
        own, _ = unlabelled(body.get("metadata") or {})
        self.archive.record(
            Entry(
                body=body,
                completion=completion,
                completion_id=completion_id,
                key=key or "",
                metadata=own,
                workspace=self._workspace,
                host=self._host,
                with_prompts=self._with_prompts,
            )
        )

    def find(self, body: Json, models: tuple[str, ...], key: str) -> list[Json]:
        """Return the answers to a request that are in no state, oldest first.

        Raises:
            ArchiveError: If the database cannot be read.
        """
        digests = [request_digest({**body, "model": model}) for model in models]
        return self.archive.unacknowledged(key, digests, stored=body.get("store") is True)

    def stored_page(self, query: State) -> tuple[list[Json], bool]:
        """Return a page of the answers that this host would have in its store, and whether there are more.

        Args:
            query: ``limit``, ``order``, ``after``, ``model`` and ``metadata``, with the API's meaning.

        Raises:
            ArchiveError: If the database cannot be read.
        """
        which = Filter(
            model=query["model"] or None, metadata=query["metadata"] or {}, host=self._host, in_store=True
        )
        return page(
            self.archive,
            which,
            descending=query["order"] == "desc",
            after=query["after"],
            limit=int(query["limit"]),
        )

    def mark(self, completion_id: str, status: Status) -> None:
        """Update the status of an answer.

        Raises:
            ArchiveError: If the database cannot be written.
        """
        if status == "acknowledged":
            if completion_id in self._acknowledged:
                return
            self._acknowledged.add(completion_id)
        self.archive.mark(completion_id, status)


def open_ledger(
    diagnostics: Diagnostics, block: State, environ: Mapping[str, str], host: str
) -> Ledger | None:
    """Open the archive named by the provider block or else the environment; None if neither names one.

    Args:
        diagnostics: Receives an error if it cannot be opened, or if a budget is set without an archive.
        block: The provider block.
        environ: Environment variables.
        host: Host of the API, with its port.
    """
    address = block["archive"] or environ.get(VARIABLE, "").strip()
    usd = block["budget_usd"]
    if Unknown in (
        address,
        usd,
        block["budget_period"],
        block["budget_unknown_usd"],
        block["archive_prompts"],
    ):
        return None  # a plan with unknown settings sends no request
    if not address:
        if usd is not None:
            diagnostics.add_error(
                "Budget without an archive",
                f"budget_usd needs an archive to add up costs: set archive, or {VARIABLE}.",
                ["budget_usd"],
            )
        return None
    try:
        budget = None
        if usd is not None:
            require_prices()
            budget = Budget(usd, block["budget_period"] or "month", block["budget_unknown_usd"])
        archive = Archive.open(str(address).strip(), create=True)
        Entry(body={}, completion={}).row()  # load the prices now, not between an answer and its commit
    except ArchiveError as error:
        diagnostics.add_error("The archive cannot be used", f"{error} No request was sent.", ["archive"])
        return None
    return Ledger(
        archive,
        host=host,
        workspace=_workspace(environ),
        with_prompts=block["archive_prompts"] is not False,
        budget=budget,
    )


def period_of(period: str, now: datetime) -> tuple[datetime, datetime | None]:
    """Return the start of the current period and of the next one in UTC; the latter is None for ``total``.

    Args:
        period: ``day``, ``week`` (from Monday), ``month`` or ``total``.
        now: The current time.
    """
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    match period:
        case "day":
            return midnight, midnight + timedelta(days=1)
        case "week":
            monday = midnight - timedelta(days=midnight.weekday())
            return monday, monday + timedelta(days=7)
        case "month":
            first = midnight.replace(day=1)
            return first, (first + timedelta(days=32)).replace(day=1)
        case _:
            return datetime.fromtimestamp(0, UTC), None


def _workspace(environ: Mapping[str, str]) -> str:
    """Return the current workspace. Terraform starts providers in the folder of the root module."""
    if name := environ.get("TF_WORKSPACE"):
        return name
    try:
        file = Path(environ.get("TF_DATA_DIR") or ".terraform") / "environment"
        return file.read_text(encoding="utf-8").strip() or "default"
    except (OSError, ValueError):
        return "default"
