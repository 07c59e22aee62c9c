"""What an import costs: no Node for the values, no SDK and no pydantic for anything."""

from __future__ import annotations

import subprocess
import sys

import pytest
from tests.engine import NAME


def modules_after(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.split(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize(
    "package", ["openai_constructs", "openai_constructs.values", "openai_constructs.schema"]
)
def test_plain_parts_start_no_node(package: str) -> None:
    """Importing the package or its plain parts imports no CDK, so it starts no Node process."""
    assert not {"jsii", "cdktf", "cdktn", "constructs", "openai", "pydantic"} & modules_after(
        f"import {package}"
    )


@pytest.mark.parametrize("room", ["emulator", "provider", "values"])
def test_rooms_without_an_engine(room: str) -> None:
    """No module of these packages imports an engine."""
    code = (
        f"import importlib, pkgutil, openai_constructs.{room} as room\n"
        'for it in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):\n'
        "    importlib.import_module(it.name)"
    )
    assert not {"jsii", "cdktf", "cdktn", "constructs"} & modules_after(code)


def test_using_a_value_starts_no_node() -> None:
    """A message and a function are made without the CDK."""
    code = "from openai_constructs import Message, Function\nMessage.user('x'), Function('f')"
    assert not {"jsii", "openai", "pydantic"} & modules_after(code)


def test_constructs_import_neither_sdk_nor_pydantic() -> None:
    """Importing every construct imports neither the OpenAI SDK nor pydantic."""
    names = modules_after("from openai_constructs import *")
    assert NAME in names
    assert not {"openai", "pydantic", "docstring_parser"} & names


def test_retired_models_are_known_without_importing_the_sdk() -> None:
    """The dates are in a table of our own."""
    code = "from openai_constructs.values.models import shutdown_date\nassert shutdown_date('gpt-4')"
    assert "openai" not in modules_after(code)


def test_the_provider_imports_no_sdk() -> None:
    """Neither edition needs the OpenAI SDK, not even when it sends a request."""
    code = (
        "import importlib, pkgutil, openai_constructs.provider as room\n"
        'for it in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):\n'
        "    importlib.import_module(it.name)\n"
        "from openai_constructs.provider.native.client import Api, Settings\n"
        "from openai_constructs.provider.native.problems import ApiProblem\n"
        'api = Api(Settings(api_key="k", base_url="http://127.0.0.1:1/v1", max_retries=0))\n'
        "try:\n"
        '    api.run(api.send("GET", "/chat/completions"))\n'
        "except ApiProblem:\n"
        "    api.close()\n"
    )
    names = modules_after(code)
    assert "httpx2" in names
    assert not {"openai", "httpx"} & names
