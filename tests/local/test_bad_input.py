"""What stands in the way of a local run is one clear message and an exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from openai_constructs import cli, doctor
from openai_constructs.archive import Archive
from openai_constructs.errors import LocalError
from openai_constructs.local.project import Project
from openai_constructs.local.rewrite import key_variables, localized
from openai_constructs.local.terraform import find_terraform, local_environment, run_quietly
from openai_constructs.local.world import World


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose app writes a stack without the CDK."""
    (tmp_path / "cdktf.json").write_text(json.dumps({"app": f"{sys.executable} app.py"}))
    (tmp_path / "app.py").write_text(
        "import json, os, pathlib\n"
        "out = pathlib.Path(os.environ['CDKTF_OUTDIR']) / 'stacks' / 'one'\n"
        "out.mkdir(parents=True)\n"
        "(out / 'cdk.tf.json').write_text('{}')\n"
        "manifest = {'stacks': {'one': {'workingDirectory': 'stacks/one'}}}\n"
        "(out.parent.parent / 'manifest.json').write_text(json.dumps(manifest))\n"
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def invoked(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, arguments)


def refused(*arguments: str) -> str:
    done = invoked(*arguments)
    assert done.exit_code == 1, done.output
    assert "Traceback" not in done.output
    return done.output


def test_outside_of_a_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a cdktf.json there is nothing to apply."""
    monkeypatch.chdir(tmp_path)
    assert "There is no cdktf.json in" in refused("local", "plan")


@pytest.mark.parametrize(
    ("settings", "message"),
    [("{", "is not JSON"), ("[]", "names no app"), ("{}", "names no app"), ('{"app": 5}', "names no app")],
)
def test_broken_settings(folder: Path, settings: str, message: str) -> None:
    """A cdktf.json that cannot be used is named."""
    (folder / "cdktf.json").write_text(settings)
    assert message in refused("local", "plan")


@pytest.mark.parametrize(
    ("app", "message"),
    [
        ("raise SystemExit('the reason')", "did not synthesize:\nthe reason"),
        ("pass", "did not synthesize"),
        (
            (
                "import os, pathlib\n"
                "pathlib.Path(os.environ['CDKTF_OUTDIR'], 'manifest.json').write_text('{\"stacks\": {}}')"
            ),
            "The app has no stack.",
        ),
    ],
)
def test_an_app_that_makes_nothing(folder: Path, app: str, message: str) -> None:
    """What the app said is in the error."""
    (folder / "app.py").write_text(app)
    assert message in refused("local", "plan")


def test_a_missing_stack(folder: Path) -> None:
    """The stacks that there are, are listed."""
    assert "There is no stack two. The app has one." in refused("local", "plan", "two")


def test_no_terraform(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a binary, or with one that is not there, the error says what to install."""
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("TERRAFORM_BINARY_NAME", raising=False)
    with pytest.raises(LocalError, match="Neither terraform nor tofu is on the PATH"):
        find_terraform()
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", "tofu")
    with pytest.raises(LocalError, match="TERRAFORM_BINARY_NAME names 'tofu', which is not on the PATH"):
        find_terraform()


@pytest.mark.parametrize(("there", "chosen"), [(("terraform", "tofu"), "terraform"), (("tofu",), "tofu")])
def test_which_binary(
    folder: Path, monkeypatch: pytest.MonkeyPatch, there: tuple[str, ...], chosen: str
) -> None:
    """terraform goes before tofu; the variable goes before both."""
    for name in (*there, "mine"):
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("TERRAFORM_BINARY_NAME", raising=False)
    assert find_terraform().name == chosen
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", "mine")
    assert find_terraform().name == "mine"


def test_terraform_that_fails(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What terraform said is in the error."""
    (folder / "terraform").write_text("#!/bin/sh\necho the reason >&2\nexit 3\n")
    (folder / "terraform").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("TERRAFORM_BINARY_NAME", raising=False)
    with pytest.raises(LocalError, match="terraform init failed in .*\nthe reason"):
        run_quietly(folder, {}, ["init"])


def test_two_runs_at_once(folder: Path) -> None:
    """A second run is told to wait, and does nothing."""
    with World(Project.found_above(folder)).open():
        assert "Another run is in" in refused("local", "plan")


def test_a_folder_that_cannot_be_made(folder: Path) -> None:
    """Where the local world cannot be, the reason is said."""
    (folder / ".openai-constructs").write_text("a file")
    assert "cannot be written: " in refused("local", "plan")


def test_faults_that_cannot_be_read(folder: Path) -> None:
    """Errors of the emulator are told like all others."""
    assert "fail" in refused("local", "plan", "--fail", "sometimes").lower()


def test_rewriting_changes_no_more_than_it_must() -> None:
    """Only the backend, the provider's account and references to stacks of this app are other ones."""
    written: dict[str, Any] = {
        "terraform": {
            "cloud": {"organization": "o"},
            "required_providers": {"openai": {"source": "x/openai"}},
        },
        "provider": {
            "openai": [
                {
                    "api_key": "${var.key}",
                    "admin_key": "${var.a-2}",
                    "api_url": "u",
                    "alias": "eu",
                    "timeout": 5,
                }
            ],
            "aws": [{"region": "r"}],
        },
        "data": {
            "terraform_remote_state": {
                "cross-stack-reference-input-one": {
                    "backend": "s3",
                    "config": {"bucket": "b"},
                    "workspace": "${terraform.workspace}",
                    "depends_on": ["x"],
                },
                "network": {"backend": "s3", "config": {"bucket": "c"}},
            }
        },
        "resource": {"a": {"b": {}}},
    }
    before = json.dumps(written)
    assert localized(written, lambda name: f"/state/{name}") == {
        "terraform": {
            "required_providers": {"openai": {"source": "x/openai"}},
            "backend": {"local": {"path": "terraform.tfstate"}},
        },
        "provider": written["provider"],
        "data": {
            "terraform_remote_state": {
                "cross-stack-reference-input-one": {
                    "backend": "local",
                    "config": {"path": "/state/one"},
                    "depends_on": ["x"],
                },
                "network": {"backend": "s3", "config": {"bucket": "c"}},
            }
        },
        "resource": {"a": {"b": {}}},
    }
    assert json.dumps(written) == before
    assert list(key_variables(written)) == ["key", "a-2"]
    assert list(key_variables({})) == []


@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_the_environment_of_the_local_world(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """It leads to the emulator with a dummy key, past every proxy; the hosts without a proxy stay."""
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert local_environment("http://127.0.0.1:1", Path("/rc")) == {
        "CHECKPOINT_DISABLE": "1",
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
        "OPENAI_API_KEY": "local",
        "OPENAI_API_URL": "http://127.0.0.1:1",
        "OPENAI_BASE_URL": "http://127.0.0.1:1/v1",
        "OPENAI_CONSTRUCTS_ARCHIVE": "",
        "OPENAI_CONSTRUCTS_LOCAL": "sqlite:////archive.db",
        "TF_CLI_CONFIG_FILE": "/rc",
    }
    monkeypatch.setenv(name, ".corp.example,10.0.0.0/8")
    exported = local_environment("http://127.0.0.1:1", Path("/rc"))
    assert exported["NO_PROXY"] == exported["no_proxy"] == ".corp.example,10.0.0.0/8,127.0.0.1,localhost"


def test_exports(folder: Path) -> None:
    """`local env` prints exports that a shell can read."""
    done = invoked("local", "env", "--url", "http://127.0.0.1:5")
    assert done.exit_code == 0, done.output
    assert "export OPENAI_API_URL=http://127.0.0.1:5\n" in done.output
    read = subprocess.run(
        ["sh", "-c", f"{done.output}\necho $OPENAI_API_KEY"], capture_output=True, text=True
    )
    assert read.stdout == "local\n"


EXTRA = ("cryptography", "grpc", "httpx2", "msgpack", "openai", "orjson", "rich", "tf", "uvicorn", "yaml")


@pytest.mark.parametrize(
    ("arguments", "is_there"),
    [
        (["--version"], True),
        (["--help"], True),
        (["doctor"], True),
        (["new", "project"], True),
        (["local", "list"], True),
        (["models"], True),
        (["local", "plan"], False),
        (["provider", "path"], True),
    ],
)
def test_commands_without_the_extra(folder: Path, arguments: list[str], is_there: bool) -> None:
    """Without the extra `local`, commands work that need none of it; others say what to install."""
    program = (
        f"import sys; sys.modules.update(dict.fromkeys({EXTRA})); sys.argv[0] = 'openai-constructs'\n"
        "from openai_constructs.__main__ import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True)
    assert "Traceback" not in done.stderr
    assert ("Run `pip install 'openai-constructs[local]'`" in done.stderr) is not is_there


def test_the_entry_point() -> None:
    """`python -m openai_constructs` is the command."""
    done = subprocess.run(
        [sys.executable, "-m", "openai_constructs", "--help"], capture_output=True, text=True, check=True
    )
    assert "Usage: openai-constructs" in done.stdout


def test_the_doctor_is_content(folder: Path) -> None:
    """On a machine that has everything each line is fine, and no key is shown."""
    done = CliRunner().invoke(cli.main, ["doctor"], env={"OPENAI_API_KEY": "sk-secret"})
    assert done.exit_code == 0, done.output
    assert "ok   OPENAI_API_KEY: set" in done.output
    assert "sk-secret" not in done.output


@pytest.mark.parametrize(
    ("break_it", "subject", "advice"),
    [
        (lambda patch: patch.setenv("JSII_NODE", "no-such-node"), "Node", "Correct it, or unset it"),
        (lambda patch: patch.setenv("TERRAFORM_BINARY_NAME", "no-such"), "Terraform", "Install it, or unset"),
        (
            lambda patch: patch.setattr(doctor, "_installed", lambda _: None),
            "CDK engine",
            "pip install cdktf",
        ),
        (
            lambda patch: patch.setattr(doctor, "_installed", lambda _: None),
            "extra [local]",
            "pip install 'openai-",
        ),
    ],
)
def test_the_doctor_says_what_to_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch, break_it: Callable[[Any], None], subject: str, advice: str
) -> None:
    """What is missing is a line with the next step, and an exit code."""
    break_it(monkeypatch)
    done = invoked("doctor")
    assert done.exit_code == 1
    (line,) = [it for it in done.output.splitlines() if it.startswith(f"FIX  {subject}: ")]
    assert advice in line


def test_the_doctor_for_scripts(folder: Path) -> None:
    """`doctor --json` prints the same findings as JSON, their levels as words, and no key."""
    findings = json.loads(invoked("doctor", "--json").stdout)
    lines = invoked("doctor").stdout.splitlines()
    assert [f"{it['subject']}: {it['detail']}" for it in findings] == [line[5:] for line in lines]
    assert {it["level"] for it in findings} <= {"ok", "note", "warning", "problem"}
    assert {it["subject"]: it["level"] for it in findings}["project"] == "ok"


def test_the_doctor_outside_of_a_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine is fine without a project; the doctor says how one is started."""
    monkeypatch.chdir(tmp_path)
    done = invoked("doctor")
    assert done.exit_code == 0, done.output
    assert "--   project: none here. `openai-constructs new DIR` starts one\n" in done.output
    (tmp_path / "cdktf.json").write_text("{")
    assert "FIX  project: " in invoked("doctor").output


def test_the_doctor_checks_the_archive(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That of the environment: whether it is there, and can be used; it creates none."""
    assert "archive:" not in invoked("doctor").output
    monkeypatch.setenv("OPENAI_CONSTRUCTS_ARCHIVE", "sqlite:///answers.db")
    assert "ok   archive: OPENAI_CONSTRUCTS_ARCHIVE has none yet" in invoked("doctor").output
    assert not (folder / "answers.db").exists()
    Archive.open("sqlite:///answers.db", create=True).close()
    assert "ok   archive: OPENAI_CONSTRUCTS_ARCHIVE can be used" in invoked("doctor").output
    (folder / "answers.db").write_text("not a database")
    assert "FIX  archive: " in invoked("doctor").output
    monkeypatch.setenv("OPENAI_CONSTRUCTS_ARCHIVE", "mysql://u:secret@host/db")
    output = invoked("doctor").output
    assert "must be the URL of an SQLite file or a PostgreSQL database" in output
    assert "secret" not in output


@pytest.mark.parametrize(
    ("version", "line"),
    [
        ("v18.20.0", "FIX  Node: v18.20.0"),
        ("v20.20.2", "WARN Node: v20.20.2"),
        ("v22.1.0", "ok   Node: v22.1.0"),
        ("v26.0.0", "ok   Node: v26.0.0"),
    ],
)
def test_versions_of_node(folder: Path, monkeypatch: pytest.MonkeyPatch, version: str, line: str) -> None:
    """A version past its end of life works and is a warning; an older one is a problem."""
    (folder / "node").write_text(f"#!/bin/sh\necho {version}\n")
    (folder / "node").chmod(0o755)
    monkeypatch.setenv("JSII_NODE", str(folder / "node"))
    assert line in invoked("doctor").output
