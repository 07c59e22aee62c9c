"""A Terraform folder with the native edition, and an emulator, for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.plugin.native.native_support import NativeWorkspace, workspace_of

from openai_constructs.emulator import Emulator


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture
def here(tmp_path: Path, cli_configuration: Path, emulator: Emulator) -> NativeWorkspace:
    return workspace_of(tmp_path, cli_configuration, emulator)
