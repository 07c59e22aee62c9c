"""What the tests share: the kit's app and stack under short names, and terraform in a folder of its own."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from tests.engine import NAME
from tests.support import PROVE, Served, Workspace
from tests.wheel import build

from openai_constructs.provider.core.in_process import serve_in_process
from openai_constructs.provider.core.sockets import socket_folder

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")


_OF_ENGINES = (
    "cdk/",
    "engines/",
    "examples/",
    "test_public_api",
    "testing/test_chat",
    "testing/test_synthesis",
    "testing/test_template",
    "testing/test_validation",
    "values/test_functions",
    "values/test_imports",
    "values/test_tokens",
)
"""Tests that depend on the CDK engine, by file. In other files the marker `engine` names single ones."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of the engines' folders; skip the costly ones, unless this is `make prove`."""
    for item in items:
        if _place(item.path).startswith(_OF_ENGINES):
            item.add_marker("engine")
        if item.get_closest_marker("costly") and not PROVE:
            item.add_marker(pytest.mark.skip(reason="costly: `make prove` runs it"))


def _place(path: Path) -> str:
    return path.relative_to(Path(__file__).parent).as_posix()


_MEASURED = ("archive/", "emulator/", "local/", "provider/", "testing/test_snapshots")
"""Tests whose processes run code that no test runs in its own process."""


@pytest.fixture(autouse=True)
def _measured_where_it_tells_more(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """To measure coverage in a process of its own takes half of its time again, so few are measured."""
    if not _place(request.path).startswith(_MEASURED):
        monkeypatch.setenv("COVERAGE_PROCESS_CONFIG", "")


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this repository, which `tests.wheel.install` installs."""
    return build(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    """Both editions of the provider, one server for all tests of this process."""
    environ: dict[str, str] = {}
    with socket_folder() as folder, serve_in_process(folder, environ) as reattach:
        yield Served(reattach, environ)


@pytest.fixture
def terraform(tmp_path: Path) -> Workspace:
    """Terraform in an empty folder, without any provider to be had."""
    config = tmp_path / "terraform.rc"
    config.write_text('provider_installation {\n  filesystem_mirror {\n    path = "none"\n  }\n}\n')
    folder = tmp_path / "terraform"
    folder.mkdir()
    return Workspace(folder, {"CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": str(config)})


@pytest.fixture
def app(tf_app: Any) -> Any:
    return tf_app


@pytest.fixture
def stack(tf_stack: Any) -> Any:
    return tf_stack


def pytest_report_header() -> str:
    return f"engine: {NAME} {version(NAME)}"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Show the figures that tests recorded, counts of the same added up: under xdist no print is seen."""
    counts: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            if isinstance(value, int):
                counts[name] += value
            else:
                terminalreporter.write_line(f"{value} {name}")
    for name, count in counts.items():
        terminalreporter.write_line(f"{count} {name}")
