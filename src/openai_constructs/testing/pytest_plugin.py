"""Fixtures for pytest, which finds them by the entry point.

pytest imports this module in every project that has the package installed, so it imports only pytest.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

    from openai_constructs.emulator import Emulator
    from openai_constructs.testing.local_run import LocalApply


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers",
        "emulator(replies=None, fail=None, seed=0): scripted answers and faults of the fixture `emulator`",
    )


@pytest.fixture
def tf_app(tmp_path: Path) -> Any:
    """A CDK app that writes to a temporary folder."""
    from openai_constructs.cdk.engine import cdk

    return cdk.Testing.app(outdir=str(tmp_path / "cdktf.out"))


@pytest.fixture
def tf_stack(tf_app: Any) -> Any:
    """An empty stack named ``stack`` in `tf_app`."""
    from openai_constructs.cdk.engine import cdk

    return cdk.TerraformStack(tf_app, "stack")


@pytest.fixture
def terraform_snapshot(request: pytest.FixtureRequest) -> SnapshotAssertion:
    """A snapshot of an app, a stack, a template or JSON: ``assert stack == terraform_snapshot``."""
    try:
        from openai_constructs.testing.snapshots import TerraformSnapshot
    except ImportError as error:
        pytest.fail(f"terraform_snapshot needs {error.name}: pip install 'openai-constructs[test]'")
    snapshot: SnapshotAssertion = request.getfixturevalue("snapshot")
    return snapshot.use_extension(TerraformSnapshot)


@pytest.fixture
def local_apply(tmp_path: Path) -> LocalApply:
    """Apply stacks offline, in a local world of the test's own: ``local_apply(stack).outputs``."""
    from openai_constructs.testing.local_run import LocalApply

    return LocalApply(tmp_path / "local_apply")


@pytest.fixture
def emulator(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Emulator]:
    """A running emulator of the API; ``@pytest.mark.emulator(replies=..., fail=...)`` scripts it."""
    from openai_constructs.emulator import Emulator
    from openai_constructs.testing.local_run import replies_file

    marker = request.node.get_closest_marker("emulator")
    options = dict(marker.kwargs) if marker else {}
    if (replies := options.get("replies")) is not None:
        options["replies"] = replies_file(tmp_path, replies)
    with Emulator(**options) as running:
        yield running
