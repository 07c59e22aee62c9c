"""Warnings about model shutdowns; the date is requested from the host once per model and run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import date
from threading import Lock
from typing import Any, Final
from urllib.parse import quote

from openai_constructs.provider.native.client import Api
from openai_constructs.provider.native.problems import ApiProblem
from openai_constructs.values.models import shutdown_notice

__all__ = ["ShutdownDates"]

_SUMMARY: Final = "Model shutdown"
_SECONDS: Final = 5.0


class ShutdownDates:
    """Thread-safe cache of the shutdown dates that the host reports."""

    def __init__(self) -> None:
        self._dates: dict[str, date | None] = {}
        self._lock = Lock()
        self._is_silent = False

    def warnings(self, api: Api, models: Iterable[Any]) -> tuple[tuple[str, str], ...]:
        """Return summary and detail of a warning for each model that was or will soon be shut down.

        Args:
            api: Client for the API; its ``shutdown_warning_days`` sets how early to warn (0: never).
            models: Model ids; values that are not known yet are skipped.
        """
        days = api.shutdown_warning_days
        if not days:
            return ()
        known = [it for it in models if isinstance(it, str)]
        notices = [shutdown_notice(it, self._date(api, it), date.today(), days) for it in known]
        return tuple((_SUMMARY, it) for it in notices if it is not None)

    def _date(self, api: Api, model: str) -> date | None:
        with self._lock:
            if model not in self._dates and not self._is_silent:
                self._dates[model] = self._request_date(api, model)
            return self._dates.get(model)

    def _request_date(self, api: Api, model: str) -> date | None:
        """Return the shutdown date that the host reports; None if there is none or the request failed."""
        try:
            answer = api.run(_fetch(api, f"/models/{quote(model, safe='')}"))
            return date.fromisoformat(str(answer.get("shutdown_date")))
        except ApiProblem as problem:
            # If the host cannot be reached, do not try again for the next model.
            self._is_silent = problem.kind != "status"
        except TimeoutError:
            self._is_silent = True
        except ValueError:
            pass
        return None


async def _fetch(api: Api, path: str) -> dict[str, Any]:
    async with asyncio.timeout(_SECONDS):
        return await api.send("GET", path, max_retries=0)
