"""The built wheel, installed in an environment with what its metadata requires and nothing else."""

from __future__ import annotations

import subprocess
import sys
import venv
import zipfile
from collections.abc import Collection, Iterable
from importlib.metadata import Distribution, PathDistribution, distribution
from importlib.util import find_spec
from pathlib import Path

from packaging.requirements import Requirement
from tests.support import PROVE, ROOT
from tools.linked_environment import link

from openai_constructs.cdk.engine import ENGINES

__all__ = ["build", "install"]

NAME = "openai-constructs"


def build(folder: Path) -> Path:
    """Build the wheel of this repository."""
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(wheel: Path, folder: Path, *extras: str) -> Path:
    """Install the wheel in a new environment: its Python.

    `make prove` installs what the wheel requires from the package index, `make test` links it from here.
    """
    python = folder / "bin" / "python"
    if PROVE:
        venv.create(folder, with_pip=True)
        pip = [python, "-m", "pip", "install", f"{wheel}[{','.join(extras)}]" if extras else wheel]
    else:
        link(folder, required(wheel, extras))
        pip = [sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel]
    subprocess.run([*pip, "--quiet"], check=True, capture_output=True)
    return python


def required(wheel: Path, extras: Iterable[str]) -> Collection[Distribution]:
    """What a wheel requires with some extras, directly or through others."""
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = {it for it in zipfile.Path(archive).iterdir() if it.name.endswith(".dist-info")}
        itself = PathDistribution(metadata).requires or []
    found: dict[str, Distribution] = {}
    done: set[str] = set()
    waiting = [f"{NAME}[{','.join(extras)}]"]
    while waiting:
        requirement = Requirement(waiting.pop())
        for extra in requirement.extras | {""}:
            if (key := f"{requirement.name}[{extra}]") in done:
                continue
            done.add(key)
            if requirement.name in ENGINES and find_spec(requirement.name) is None:
                continue  # in the environment of the other engine
            if requirement.name == NAME:
                needed = itself
            else:
                found[requirement.name] = distribution(requirement.name)
                needed = found[requirement.name].requires or []
            parsed = map(Requirement, needed)
            waiting += [str(it).partition(";")[0] for it in parsed if applies(it, extra)]
    return found.values()


def applies(requirement: Requirement, extra: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})
