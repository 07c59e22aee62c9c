"""The provider of this process, an installed one, and a Terraform folder with a small API for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.provider.direct import Direct
from tests.provider.loopback import Loopback, Server
from tests.support import HEAD, Served, Workspace, environment_of

from openai_constructs.provider.compat.client import Client
from openai_constructs.provider.core.mirror import prepare


@pytest.fixture(scope="session")
def cli_configuration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare(tmp_path_factory.mktemp("provider"))


@pytest.fixture
def api() -> Iterator[Loopback]:
    with Server() as running:
        yield running


@pytest.fixture
def direct(api: Loopback) -> Iterator[Direct]:
    with closing(Client(api_key="k", organization="", api_url=api.url, timeout=1)) as client:
        yield Direct(client)


@pytest.fixture
def folder(tmp_path: Path, served: Served, api: Loopback) -> Workspace:
    return Workspace(tmp_path, environment_of(tmp_path, None, api.url), served=served)


@pytest.fixture
def installed(tmp_path: Path, cli_configuration: Path, api: Loopback) -> Workspace:
    """A folder in which Terraform starts the installed provider."""
    return Workspace(tmp_path, environment_of(tmp_path, cli_configuration, api.url))


@pytest.fixture
def workspace(folder: Workspace) -> Callable[[str], Workspace]:
    """A folder with a configuration, the provider's block before it, initialized."""
    return lambda configuration: folder.write(HEAD + configuration).init()
