from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.provider.native.native_support import ADDRESS, HEAD, NativeWorkspace, asking

from openai_constructs.cli import main
from openai_constructs.provider import NATIVE_ADDRESS
from openai_constructs.provider.__main__ import main as start
from openai_constructs.provider.core.launcher import portable_launcher
from openai_constructs.provider.core.user_install import installed_script, put, remove
from openai_constructs.provider.editions import release


@pytest.fixture
def plugins(here: NativeWorkspace) -> Path:
    """Where Terraform looks by itself: HOME of a workspace is its own folder."""
    return here.folder / ".terraform.d" / "plugins"


@pytest.fixture
def alone(here: NativeWorkspace) -> NativeWorkspace:
    """A Terraform that knows nothing of the provider of the other tests."""
    empty = here.folder / "empty.rc"
    empty.write_text("disable_checkpoint = true\n")
    here.environment = {**here.environment, "TF_CLI_CONFIG_FILE": str(empty)}
    here.served = None
    return here


@pytest.mark.terraform
def test_terraform_finds_it_by_itself(alone: NativeWorkspace, plugins: Path) -> None:
    """Installed where Terraform looks without being told, it applies."""
    put(plugins)
    alone.good(alone.set_up(asking()).apply())
    assert alone.state(ADDRESS)["id"]


@pytest.mark.terraform
def test_the_lock_file_is_the_same_on_every_machine(alone: NativeWorkspace, plugins: Path) -> None:
    """The checksum says nothing of the interpreter: another machine's lock file fits."""
    put(plugins)
    alone.set_up(asking())
    lock = (alone.folder / ".terraform.lock.hcl").read_text()
    assert "h1:" in lock
    (plugins / NATIVE_ADDRESS / "python").write_text("/another/python\n")
    alone.init()
    assert (alone.folder / ".terraform.lock.hcl").read_text() == lock
    assert sys.executable not in portable_launcher(release())


@pytest.mark.terraform
@pytest.mark.parametrize(
    ("interpreter", "told"),
    [
        ("/nowhere/python", "openai-constructs is gone: there is no /nowhere/python"),
        ("bare", "openai-constructs is not installed for"),
    ],
)
def test_the_package_is_gone(alone: NativeWorkspace, plugins: Path, interpreter: str, told: str) -> None:
    """Terraform shows what is missing and what to run."""
    put(plugins)
    if interpreter == "bare":
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", alone.folder / "bare"], check=True)
        interpreter = str(alone.folder / "bare" / "bin" / "python")
    (plugins / NATIVE_ADDRESS / "python").write_text(f"{interpreter}\n")
    ran = alone.set_up(asking()).apply()
    assert ran.code == 1
    assert told in ran
    assert "openai-constructs provider install" in ran


@pytest.mark.terraform
def test_another_release_is_installed(alone: NativeWorkspace, plugins: Path) -> None:
    """A launcher starts the release it was promised as, and no other."""
    script = put(plugins)
    script.write_text(portable_launcher("0.0.9"))
    ran = alone.set_up(asking()).apply()
    assert ran.code == 1
    assert f"this launcher is of openai-constructs 0.0.9, and {release()} is installed" in ran


def test_uninstalling_takes_ours_only(tmp_path: Path) -> None:
    """Every release of it goes, with folders that are empty then; what is not ours stays."""
    script = put(tmp_path)
    older = tmp_path / NATIVE_ADDRESS / "0.0.1" / script.parent.name / "terraform-provider-openai_v0.0.1"
    older.parent.mkdir(parents=True)
    older.write_text(portable_launcher("0.0.1"))
    foreign = tmp_path / "registry.terraform.io" / "a" / "b" / "file"
    foreign.parent.mkdir(parents=True)
    foreign.write_text("")
    assert installed_script(tmp_path) == script
    assert {script, older} < set(remove(tmp_path))
    assert [it for it in tmp_path.rglob("*") if it.is_file()] == [foreign]
    assert not (tmp_path / "terraform.local").exists()
    assert remove(tmp_path) == []


def test_a_provider_of_somebody_else_stays(tmp_path: Path) -> None:
    """A file of that name that is no launcher of ours is left where it is."""
    other = tmp_path / NATIVE_ADDRESS / "9.9.9" / "linux_amd64" / "terraform-provider-openai_v9.9.9"
    other.parent.mkdir(parents=True)
    other.write_bytes(b"\x7fELF")
    assert remove(tmp_path) == []
    assert other.exists()


def test_the_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """install, path and uninstall, in the user's own folder or in another."""
    monkeypatch.setenv("HOME", str(tmp_path))
    run = CliRunner().invoke
    assert run(main, ["provider", "path"]).exit_code == 1
    done = run(main, ["provider", "install"])
    assert done.exit_code == 0, done.output
    script = tmp_path / ".terraform.d" / "plugins" / NATIVE_ADDRESS
    assert str(script) in done.output
    found = run(main, ["provider", "path"])
    assert found.exit_code == 0
    assert os.access(found.output.strip(), os.X_OK)
    assert "removed" in run(main, ["provider", "uninstall"]).output
    assert "nothing to remove" in run(main, ["provider", "uninstall"]).output
    assert run(main, ["provider", "install", "--dir", str(tmp_path / "mirror")]).exit_code == 0
    assert (tmp_path / "mirror" / "terraform.local").is_dir()


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """One sentence."""
    (tmp_path / "file").write_text("")
    done = CliRunner().invoke(main, ["provider", "install", "--dir", str(tmp_path / "file" / "x")])
    assert done.exit_code == 1
    assert "cannot be written" in done.output


def test_starting_another_release(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is refused on the line that Terraform shows."""
    monkeypatch.setenv("TF_PLUGIN_MAGIC_COOKIE", "set")
    assert start(["--edition", "native", "--version", "0.0.9"]) == 1
    assert capsys.readouterr().out.startswith("this launcher is of openai-constructs 0.0.9")


def test_starting_the_native_edition(monkeypatch: pytest.MonkeyPatch) -> None:
    """The launcher's own release is served."""
    served: list[object] = []
    monkeypatch.setattr("openai_constructs.provider.core.serving.serve", served.append)
    monkeypatch.setenv("TF_PLUGIN_MAGIC_COOKIE", "set")
    assert start(["--edition", "native", "--version", release()]) == 0
    assert served[0].full_name() == NATIVE_ADDRESS  # type: ignore[attr-defined]
    assert NATIVE_ADDRESS in HEAD
