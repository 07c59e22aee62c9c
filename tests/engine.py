"""The engine under test: ``from tests.engine import App`` gives that of cdktf or that of cdktn."""

from __future__ import annotations

from typing import Any

from openai_constructs.cdk.engine import cdk

NAME = cdk.__name__


def migrated(program: str) -> str:
    """A program written for cdktf, with the change that users make for the engine under test."""
    return program.replace("from cdktf import", f"from {NAME} import")


def __getattr__(name: str) -> Any:
    return getattr(cdk, name)
