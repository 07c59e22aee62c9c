"""Coverage-guided fuzzing with a fixed number of inputs."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.support import ROOT

INPUTS = {"replies": 50_000, "bodies": 100_000, "messages": 10_000}


@pytest.mark.costly
@pytest.mark.parametrize("target", INPUTS)
def test_inputs_that_a_fuzzer_finds(target: str, tmp_path: Path, record_property: Any) -> None:
    """Replies, request bodies and plugin messages of any bytes never raise an unexpected exception."""
    packages = Path(pytest.__file__).parent.parent
    done = subprocess.run(
        [
            ROOT / ".venv-audit" / "bin" / "python",
            ROOT / "tests" / "fuzz" / "targets.py",
            target,
            f"-runs={INPUTS[target]}",
            "-seed=1",
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{packages}", "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        errors="replace",
    )
    assert done.returncode == 0, done.stderr[-5_000:]
    assert f"Done {INPUTS[target]} runs" in done.stderr
    record_property(f"inputs of a coverage-guided fuzzer: {target}", INPUTS[target])
