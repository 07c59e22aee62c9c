"""What is known of model ids."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import openai
import pytest

from openai_constructs.values import models


@pytest.mark.parametrize(
    ("model", "predates"),
    [
        ("gpt-3.5-turbo", True),
        ("gpt-3.5-turbo-0125", True),
        ("gpt-4", True),
        ("gpt-4-0613", True),
        ("gpt-4-32k-0314", True),
        ("gpt-4-1106-preview", False),
        ("gpt-4o", False),
        ("gpt-4.1", False),
        ("my-own", False),
    ],
)
def test_models_before_the_store(model: str, predates: bool) -> None:
    """Only the models that are known to be older are told apart."""
    assert models.predates_store(model) is predates


def test_shutdown_dates() -> None:
    """A model that OpenAI announced a date for has it; about any other nothing is known."""
    assert models.shutdown_date("gpt-3.5-turbo-0301") == date(2024, 9, 13)
    assert models.shutdown_date("gpt-4o") == date(2027, 1, 14)
    assert models.shutdown_date("my-own") is None


def test_the_table_agrees_with_the_installed_sdk() -> None:
    """Every date that the SDK documents is in the table, so a new release of the SDK tells when it is old."""
    file = Path(openai.__file__).parent / "types" / "shared" / "chat_model.py"
    entry = r'(?m)^- (?P<ids>"[^:]*"):\s+Announced\s+shutdown\s+date:\s+(?P<date>\d{4}-\d\d-\d\d)'
    documented = {
        model: date.fromisoformat(it["date"])
        for it in re.finditer(entry, file.read_text(encoding="utf-8"))
        for model in re.findall(r'"([^"]+)"', it["ids"])
    }
    assert len(documented) > 50
    assert {model: models.shutdown_date(model) for model in documented} == documented
