"""The whole JSON, for review: `pytest --snapshot-update` writes it anew."""

from typing import Any


def test_the_app(app: Any, terraform_snapshot: Any) -> None:
    assert app == terraform_snapshot
