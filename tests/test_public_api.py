"""The public names: sorted, importable, documented."""

from __future__ import annotations

import inspect
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tests.support import ROOT

import openai_constructs
from openai_constructs import errors, testing

SOURCE = ROOT / "src" / "openai_constructs"
MODULES = sorted(
    ".".join(it.relative_to(ROOT / "src").with_suffix("").parts).removesuffix(".__init__")
    for it in SOURCE.rglob("*.py")
    if "project" not in it.parts  # what `openai-constructs new` writes is the user's
)


@pytest.mark.parametrize("package", [openai_constructs, testing], ids=lambda it: it.__name__)
def test_names_are_sorted_and_there(package: ModuleType) -> None:
    """__all__ is sorted as ruff sorts it, each name can be imported, and dir() shows it."""
    names = package.__all__
    assert names == sorted(names, key=lambda it: (not it[0].isupper(), it))
    assert all(getattr(package, name) is not None for name in names)
    assert set(names) <= set(dir(package))
    assert {name for home in package._HOMES.values() for name in home} == set(names)


@pytest.mark.parametrize("package", [openai_constructs, testing], ids=lambda it: it.__name__)
def test_an_unknown_name_is_an_attribute_error(package: ModuleType) -> None:
    """A misspelt import fails as always in Python."""
    with pytest.raises(AttributeError, match=f"module '{package.__name__}' has no attribute 'BasicChart'"):
        package.BasicChart  # noqa: B018


IMPORTS_EACH_FIRST = """
import importlib, sys
from tests.engine import cdk  # loaded once: it is not what is tested
for name in sys.argv[1:]:
    for module in [it for it in sys.modules if it.partition(".")[0] == "openai_constructs"]:
        del sys.modules[module]
    importlib.import_module(name)
"""


def test_every_module_can_be_imported_first() -> None:
    """No module relies on another one having been imported before it: there are no import cycles."""
    modules = [it for it in MODULES if not it.endswith("__main__")]
    command = [sys.executable, "-c", IMPORTS_EACH_FIRST, *modules]
    imported = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert imported.returncode == 0, imported.stderr


def documented(name: str, it: Any) -> list[str]:
    missing = [] if inspect.getdoc(it) else [name]
    if inspect.isclass(it) and it.__module__.startswith("openai_constructs"):
        for member, value in vars(it).items():
            described = callable(value) or hasattr(value, "__get__")
            if not member.startswith("_") and described and not inspect.ismemberdescriptor(value):
                target = value.__func__ if isinstance(value, classmethod) else value
                missing += [] if getattr(target, "__doc__", None) else [f"{name}.{member}"]
    return missing


@pytest.mark.parametrize("module", MODULES)
def test_every_public_name_has_a_docstring(module: str) -> None:
    """Modules, and every name in their __all__, with their public members."""
    imported = import_module(module)
    assert imported.__doc__, module
    missing = [
        gap
        for name in getattr(imported, "__all__", [])
        if inspect.isclass(it := getattr(imported, name)) or inspect.isroutine(it)
        for gap in documented(f"{module}.{name}", it)
        if getattr(it, "__module__", "").startswith("openai_constructs")
    ]
    assert missing == []


def test_the_package_is_typed_and_holds_the_module() -> None:
    """The marker for type checkers and the Terraform files lie beside the code."""
    assert (SOURCE / "py.typed").exists()
    assert {Path(it).name for it in (SOURCE / "terraform" / "chat_completion").iterdir()} == {
        "main.tf",
        "outputs.tf",
        "request.tf",
        "variables.tf",
        "versions.tf",
    }


def test_errors_are_one_family() -> None:
    """Whatever we raise on purpose can be caught by one name, and by the built-in it is."""
    family = [getattr(errors, name) for name in errors.__all__ if name != "Problem"]
    assert all(issubclass(it, errors.OpenaiConstructsError) for it in family)
    assert issubclass(errors.InvalidInputError, ValueError)
    assert issubclass(errors.EngineNotFoundError, ImportError)
