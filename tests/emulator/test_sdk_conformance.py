"""openai-python's own tests of chat completions, run against the lenient emulator."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest
from tests.support import PROVE, sized

from openai_constructs.emulator import Emulator


@pytest.fixture(scope="session")
def sdk_source(pytestconfig: pytest.Config) -> Path:
    """The source of the installed SDK, tests included: from PyPI once, then from pytest's cache."""
    number = version("openai")
    cache = pytestconfig.cache
    assert cache is not None
    folder = cache.mkdir("openai-sdist")
    source = folder / f"openai-{number}"
    if not (source / "tests").is_dir():
        archive = folder / f"openai-{number}.tar.gz"
        download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "openai"]
        subprocess.run([*download, f"openai=={number}", "--dest", str(folder)], check=True)
        with tarfile.open(archive) as packed:
            # Python 3.11 has the argument since 3.11.4.
            packed.extractall(folder, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    return source


ONE_OF_EACH_METHOD = ["-k", "test_method and strict and not Async"]


@pytest.mark.proof
def test_the_tests_of_the_official_sdk_pass(
    sdk_source: Path, record_property: Callable[[str, object], None]
) -> None:
    """All of the SDK's own tests for chat completions pass: none fails, none is skipped.

    `make test` runs one of each method's.
    """
    with Emulator(lenient=True) as emulator:
        environment = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("PYTEST_", "OPENAI_"))
            },
            "TEST_API_BASE_URL": f"{emulator.url}/v1",
            "OPENAI_TEST_HTTP_CLIENT": "httpx2",
        }
        options = ["-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-n", "0", "--durations=0"]
        chosen = [] if PROVE else ONE_OF_EACH_METHOD
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", "tests/api_resources/chat", *options, *chosen],
            cwd=sdk_source,
            env=environment,
            capture_output=True,
            text=True,
        )
    summary = ran.stdout.splitlines()[-1]
    assert ran.returncode == 0, ran.stdout[-4000:]
    passed = re.match(r"(\d+) passed(, \d+ deselected)? in", summary)
    assert passed, summary
    assert int(passed[1]) >= sized(100, 10)
    record_property("tests of the official SDK, against the emulator", int(passed[1]))
