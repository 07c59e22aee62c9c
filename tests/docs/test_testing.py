"""The testing guide: its examples are one test file that passes, and its failure is what is said."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.engine import migrated
from tests.support import ROOT, run_pytest

from openai_constructs.testing import Template, any_value

GUIDE = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """All of the guide's Python, in order."""
    file = tmp_path / "test_guide.py"
    file.write_text(migrated("\n\n".join(BLOCKS)), encoding="utf-8")
    return file


@pytest.mark.terraform
def test_the_examples_pass(program: Path, record_property: Callable[[str, object], None]) -> None:
    """Copied together they are a test file."""
    said = run_pytest(program.parent, "--snapshot-update", "-W", "ignore:cannot collect")
    assert "8 passed" in said
    assert "1 snapshot generated" in said
    record_property("code blocks of README and docs run", len(BLOCKS))


def test_the_failure_is_what_is_said(program: Path, app: Any) -> None:
    """The message shown is the one that the assertion fails with."""
    spec = importlib.util.spec_from_file_location("guide", program)
    assert spec is not None
    assert spec.loader is not None
    guide = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(guide)
    with pytest.raises(AssertionError) as error:
        Template.from_stack(guide.Support(app, "support")).has_module(
            "greeting", {"model": "gpt-5.4-mini", "max_tokens": any_value()}
        )
    shown = re.search(r"```text\n(.*?)```", GUIDE, re.DOTALL)
    assert shown is not None
    assert str(error.value) == shown[1].strip("\n")
