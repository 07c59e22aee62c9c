"""Convert unexpected exceptions in Terraform's calls to diagnostics."""

from __future__ import annotations

import functools
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Protocol

from tf.gen import tfplugin_pb2 as pb

__all__ = ["guarded", "undecorated", "unforeseen"]

_DOING: Final = {
    "ApplyResourceChange": "applying a change of",
    "ConfigureProvider": "configuring",
    "ImportResourceState": "importing",
    "PlanResourceChange": "planning",
    "ReadDataSource": "reading the data source",
    "ReadResource": "refreshing",
    "UpgradeResourceState": "reading the saved state of",
    "ValidateDataResourceConfig": "validating the data source",
    "ValidateProviderConfig": "validating",
    "ValidateResourceConfig": "validating",
}
_PLACES: Final = 3


class _Masks(Protocol):
    def mask(self, text: str) -> str: ...


class _Servicer(Protocol):
    @property
    def app(self) -> _Masks: ...


def guarded(method: Callable[[Any, Any, Any], Any]) -> Any:
    """Decorate a call of the protocol so that an exception becomes a diagnostic without secrets.

    Terraform shows the address of the resource with each diagnostic. Without the decorator it would only
    report "Plugin error", and the state of a refresh or an apply would be lost.
    """
    name = method.__name__
    response = getattr(pb, name).Response
    has_diagnostics = "diagnostics" in response.DESCRIPTOR.fields_by_name

    @functools.wraps(method)
    def call(self: _Servicer, request: Any, context: Any) -> Any:
        try:
            answer = method(self, request, context)
        except Exception as error:
            if not has_diagnostics:
                raise
            answer = response(diagnostics=[unforeseen(name, request, error, self.app.mask)])
        for diagnostic in answer.diagnostics if has_diagnostics else ():
            diagnostic.summary = self.app.mask(diagnostic.summary)
            diagnostic.detail = self.app.mask(diagnostic.detail)
        return answer

    call.__doc__ = method.__doc__ or "Call the method of `tf`."
    return call


def undecorated(method: Any) -> Callable[[Any, Any, Any], Any]:
    """Return a call of the protocol without its decorators."""
    wrapped: Callable[[Any, Any, Any], Any] = method.__wrapped__
    return wrapped


def unforeseen(name: str, request: Any, error: Exception, mask: Callable[[str], str]) -> pb.Diagnostic:
    """Return the diagnostic of an exception. The traceback goes to the provider's log, which TF_LOG shows.

    Args:
        name: The call of the protocol.
        request: Its request.
        error: The exception.
        mask: Function that removes secrets from a text.
    """
    from openai_constructs.provider.editions import release

    sys.stderr.write(mask("".join(traceback.format_exception(error))))
    subject = getattr(request, "type_name", "") or "the provider block"
    frames = traceback.extract_tb(error.__traceback__)[-_PLACES:]
    places = ", ".join(f"{Path(it.filename).name}:{it.lineno} ({it.name})" for it in reversed(frames))
    detail = (
        f"While {_DOING.get(name, name)} {subject}: {type(error).__name__}: {error}\n"
        "Cause: a bug in the provider. Everything in the state is kept.\n"
        f"Fix: report this message to openai-constructs ({release()}), with the location: {places}. "
        "TF_LOG_PROVIDER=ERROR shows the whole traceback."
    )
    return pb.Diagnostic(
        severity=pb.Diagnostic.ERROR, summary="Unexpected error in the provider", detail=mask(detail)
    )
