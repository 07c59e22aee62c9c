"""Which addresses there are, and which file a relative path means."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from openai_constructs.archive.address import has_password, parse_address, project_folder
from openai_constructs.errors import ArchiveError


@pytest.mark.parametrize(
    "folder", [".", "cdktf.out/stacks/app", "src/deep/down"], ids=["project", "cdktf deploy", "elsewhere"]
)
def test_a_relative_path_starts_from_the_folder_of_cdktf_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    """Terraform under `cdktf deploy`, and a command anywhere in the project, mean the same file."""
    (tmp_path / "cdktf.json").write_text("{}")
    (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    if folder.startswith("cdktf.out"):
        (tmp_path / folder / "cdk.tf.json").write_text("{}")
    monkeypatch.chdir(tmp_path / folder)
    assert parse_address("sqlite:///data/answers.db").file == tmp_path / "data" / "answers.db"


def test_without_cdktf_json_a_relative_path_starts_from_the_root_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plain terraform runs providers in the folder of the root module."""
    (tmp_path / "main.tf").write_text("")
    monkeypatch.chdir(tmp_path)
    assert parse_address("sqlite:///answers.db").file == tmp_path / "answers.db"
    assert project_folder(tmp_path / "elsewhere") == tmp_path / "elsewhere"


def test_a_relative_path_in_a_written_folder_without_a_project_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next synthesis would remove a file in the folder of a synthesized stack."""
    (tmp_path / "cdk.tf.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ArchiveError, match="Give an absolute path"):
        parse_address("sqlite:///answers.db")
    assert parse_address("sqlite:////srv/answers.db").file == Path("/srv/answers.db")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "answers.db",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite://answers.db",
        "sqlite:///a.db?mode=ro",
        "sqlite:///a%00b",
        "http://host/x",
        "mysql://host/x",
        "postgresql://host",
        "postgresql://host/",
        "postgresql://me:hidden@host:port/x",
        "postgresql://me:hidden@[host/x",
        "mongodb://me:hidden@host/x",
    ],
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    """The error says what an address looks like, and repeats no password."""
    with pytest.raises(ArchiveError, match=r"sqlite:///answers\.db") as caught:
        parse_address(address)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "secret"),
    [
        ("postgresql://me:pw@host/x", True),
        ("postgresql://host/x?password=pw", True),
        ("postgresql://host/x?sslmode=require&PASSWORD=pw", True),
        ("postgresql://me:pw@[host/x", True),
        ("postgresql://me@host/x", False),
        ("postgresql://me:@host/x", False),
        ("sqlite:///answers.db", False),
        ("sqlite:////srv/a:b@c.db", False),
    ],
)
def test_a_password_in_an_address_is_recognised(address: str, secret: bool) -> None:
    """As user information and as a parameter."""
    assert has_password(address) is secret


def test_a_file_name_may_have_any_characters(tmp_path: Path) -> None:
    """Spaces, percent signs and question marks are written as in any URL."""
    address = parse_address("sqlite:///my%20answers%3F%25.db", tmp_path)
    assert address.file == tmp_path / "my answers?%.db"


def test_the_package_is_imported_without_sqlalchemy() -> None:
    """Importing the archive is cheap: a construct can check an address, and a provider start stays fast."""
    program = (
        "import sys, openai_constructs.archive; print(*({'sqlalchemy', 'genai_prices'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
