"""A Terraform folder with the native edition, and an emulator, for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.provider.loopback import Loopback
from tests.provider.native.managed import Managed
from tests.provider.native.native_direct import Direct
from tests.provider.native.native_support import NativeWorkspace, workspace_of
from tests.provider.native.store_host import StoreHost
from tests.support import Served

from openai_constructs.emulator import Emulator


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture
def here(tmp_path: Path, served: Served, emulator: Emulator) -> NativeWorkspace:
    return workspace_of(tmp_path, served, emulator)


@pytest.fixture
def direct() -> Iterator[Callable[..., Direct]]:
    """Makes a provider in this process, whose API is at a URL."""
    made: list[Direct] = []

    def make(url: str, **settings: Any) -> Direct:
        made.append(Direct(url, **settings))
        return made[-1]

    yield make
    for it in made:
        it.provider.session.api.close()


@pytest.fixture
def host(api: Loopback) -> StoreHost:
    """A host with a store, which answers at ``api.url``."""
    host = StoreHost()
    api.rule = host
    return host


@pytest.fixture
def managed(direct: Callable[..., Direct], api: Loopback, host: StoreHost) -> Managed:
    """A resource of a provider that talks to the host."""
    return Managed(direct(api.url))
