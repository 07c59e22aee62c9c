"""What the tests of constructs share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What is sent to Node from now on, by the names of the requests."""
    from jsii._kernel.providers.process import _NodeProcess

    names: list[str] = []
    send = _NodeProcess.send

    def counting(self: Any, request: Any, response: Any) -> Any:
        names.append(type(request).__name__)
        return send(self, request, response)

    monkeypatch.setattr(_NodeProcess, "send", counting)
    return names
