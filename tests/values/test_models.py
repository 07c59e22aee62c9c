"""What is known of model ids."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from openai_constructs.values import models


@pytest.fixture(autouse=True)
def _read_afresh() -> Iterator[None]:
    models._announced.cache_clear()
    yield
    models._announced.cache_clear()


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


def test_shutdown_dates_of_the_installed_sdk() -> None:
    """The SDK's own table is understood, entries that wrap included."""
    assert models.shutdown_date("gpt-3.5-turbo-0301") == date(2024, 9, 13)
    assert models.shutdown_date("gpt-4-0314") == date(2026, 3, 26)
    assert models.shutdown_date("my-own") is None


@pytest.mark.parametrize("origin", [None, "nowhere/__init__.py"])
def test_without_the_sdk_nothing_is_known(monkeypatch: pytest.MonkeyPatch, origin: str | None) -> None:
    """A missing SDK, or one without the file, is no error."""
    spec = None if origin is None else ModuleSpec("openai", None, origin=origin)
    monkeypatch.setattr(models, "find_spec", lambda _name: spec)
    assert models.shutdown_date("gpt-4") is None


def test_another_form_of_the_file_is_no_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where the SDK says it in another way, nothing is known."""
    file = tmp_path / "types" / "shared" / "chat_model.py"
    file.parent.mkdir(parents=True)
    file.write_text('ChatModel = ["gpt-4"]  # retired')
    spec = ModuleSpec("openai", None, origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(models, "find_spec", lambda _name: spec)
    assert models.shutdown_date("gpt-4") is None
