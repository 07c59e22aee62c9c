"""Choosing the CDK engine."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from openai_constructs import EngineNotFoundError, InvalidInputError
from openai_constructs.cdk import engine


@pytest.fixture(autouse=True)
def _nothing_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_CONSTRUCTS_ENGINE", raising=False)
    for name in engine.ENGINES:
        monkeypatch.delitem(sys.modules, name, raising=False)


@pytest.mark.parametrize("name", engine.ENGINES)
def test_the_environment_decides_first(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The variable goes before anything else."""
    monkeypatch.setitem(sys.modules, "cdktf", ModuleType("cdktf"))
    monkeypatch.setenv("OPENAI_CONSTRUCTS_ENGINE", name)
    assert engine.choose() == name


def test_an_unknown_engine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt engine is named."""
    monkeypatch.setenv("OPENAI_CONSTRUCTS_ENGINE", "cdk8s")
    with pytest.raises(InvalidInputError, match="ENGINE = 'cdk8s': must be one of cdktf, cdktn"):
        engine.choose()


def test_the_imported_engine_goes_before_the_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever imported cdktn means it."""
    monkeypatch.setitem(sys.modules, "cdktn", ModuleType("cdktn"))
    monkeypatch.setattr(engine, "find_spec", lambda name: name)
    assert engine.choose() == "cdktn"


@pytest.mark.parametrize(("installed", "chosen"), [({"cdktf", "cdktn"}, "cdktf"), ({"cdktn"}, "cdktn")])
def test_the_installed_engine(monkeypatch: pytest.MonkeyPatch, installed: set[str], chosen: str) -> None:
    """Of what is installed, cdktf goes first."""
    monkeypatch.setattr(engine, "find_spec", lambda name: name if name in installed else None)
    assert engine.choose() == chosen


def test_no_engine_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an engine the error says what to install."""
    monkeypatch.setattr(engine, "find_spec", lambda _name: None)
    with pytest.raises(EngineNotFoundError, match="Run `pip install cdktf`"):
        engine.choose()
