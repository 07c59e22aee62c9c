"""The app under test: built anew for each test, in a temporary folder."""

from typing import Any

import pytest
from app import build


@pytest.fixture
def app(tf_app: Any) -> Any:
    build(tf_app)
    return tf_app


@pytest.fixture
def dev(app: Any) -> Any:
    return app.node.find_child("dev")


@pytest.fixture
def prod(app: Any) -> Any:
    return app.node.find_child("prod")
