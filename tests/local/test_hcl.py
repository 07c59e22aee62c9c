"""Plain HCL in the local world: what the user has beside it and above it, and what must not be used."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.local.conftest import REAL_KEY, Project
from tests.support import ROOT

from openai_constructs import schema
from openai_constructs.local.hcl import key_variables_of, link

MAIN = """
terraform {
  required_providers {
    openai = { source = "mkdev-me/openai", version = ">= 1.1.0, < 2.0.0" }
  }
  backend "s3" {
    bucket = "production"
    key    = "terraform.tfstate"
    region = "eu-west-1"
  }
}
variable "key" {
  type      = string
  sensitive = true
}
variable "question" {}
provider "openai" {
  api_key = var.key
  api_url = "https://unreachable.invalid/v1"
}
module "faq" {
  source   = "../../modules/chat_completion"
  model    = "gpt-6-luna"
  messages = [{ role = "user", content = var.question }]
}
output "answer" {
  value = module.faq.content
}
"""
NATIVE = """
terraform {
  required_providers {
    openai = { source = "SOURCE" }
  }
}
provider "openai" {
  api_key  = "literal"
  base_url = "https://unreachable.invalid/v1"
  headers  = { x-gateway = "y" }
  archive  = "sqlite:///of_the_user.db"
}
resource "openai_chat_completion" "a" {
  model = "gpt-6-luna"
  messages {
    role    = "user"
    content = "Hello"
  }
}
""".replace("SOURCE", schema.NATIVE.source)


@pytest.fixture
def hcl(tmp_path: Path) -> Project:
    """A folder of HCL with a module beside its parent, as repositories have it."""
    folder = tmp_path / "envs/prod"
    folder.mkdir(parents=True)
    shutil.copytree(ROOT / "src/openai_constructs/terraform", tmp_path / "modules")
    (folder / "main.tf").write_text(MAIN)
    (folder / "terraform.tfvars").write_text('question = "What is ${"$"}{state}?"\n')
    return Project(folder)


def test_it_is_applied_in_a_world_of_its_own(hcl: Project) -> None:
    """Neither the backend nor the address of the configuration is used, and the folder stays as it is."""
    assert "Apply complete! Resources: 2 added" in hcl.local("apply")
    assert "You wrote: What is ${state}?" in str(hcl.outputs()["answer"])
    assert "No changes." in hcl.local("plan", "-detailed-exitcode")
    hcl.local("plan", "-var=question=Why?", "-out=new.tfplan")
    assert "1 added, 1 changed, 1 destroyed" in hcl.local("apply", "new.tfplan")
    assert "Destroy complete! Resources: 2 destroyed." in hcl.local("destroy")
    assert sorted(it.name for it in hcl.folder.iterdir()) == [
        ".openai-constructs",
        "main.tf",
        "terraform.tfvars",
    ]
    assert not any(REAL_KEY in it.read_text("latin-1") for it in hcl.world.rglob("*") if it.is_file())


def test_the_native_provider_uses_neither_account_nor_archive(hcl: Project) -> None:
    """Address, headers and archive of the block are for live runs; the local archive gets the answer."""
    (hcl.folder / "main.tf").write_text(NATIVE)
    (hcl.folder / "terraform.tfvars").unlink()
    assert "Apply complete! Resources: 1 added" in hcl.local("apply")
    assert not list(hcl.folder.rglob("of_the_user.db"))
    listed = hcl.run("archive", "list", "--json", "--archive", str(hcl.world / "archive.db"))
    assert len(json.loads(listed.stdout)) == 1, listed.stderr


def test_an_empty_folder_has_no_stack(tmp_path: Path) -> None:
    """A folder without HCL and without a project is refused in one line."""
    output = Project(tmp_path).local("plan", code=1)
    assert output.count("\n") == 1
    assert "There is no cdktf.json in" in output


def test_links_reach_as_far_up_as_the_configuration(tmp_path: Path) -> None:
    """Levels above are linked as `../` needs them; state and plugins of the user are not."""
    source = tmp_path / "repository/live/eu/prod"
    (source / "modules/inner").mkdir(parents=True)
    (tmp_path / "repository/shared").mkdir()
    (source / "main.tf").write_text('module "inner" {\n  source = "./modules/inner"\n}\n')
    (source / "modules/inner/main.tf").write_text('locals {\n  x = file("../../../../../shared/x")\n}\n')
    for name in (".terraform", ".terraform.lock.hcl", "terraform.tfstate", "terraform.tfstate.backup"):
        (source / name).touch()
    (source / "prod.auto.tfvars").touch()
    made = link(source, tmp_path / "world")
    assert made == tmp_path.joinpath("world/tree", *source.parts[1:])
    assert sorted(it.name for it in made.iterdir()) == [
        "main.tf",
        "modules",
        "openai_constructs_override.tf.json",
        "prod.auto.tfvars",
    ]
    assert (made.parents[2] / "shared").is_symlink()
    override = json.loads((made / "openai_constructs_override.tf.json").read_text())
    assert override == {"terraform": {"backend": {"local": {"path": "terraform.tfstate"}}}}


def test_links_follow_the_folder(tmp_path: Path) -> None:
    """A file that is gone is gone in the next run; the local state stays."""
    source = tmp_path / "hcl"
    source.mkdir()
    (source / "main.tf").touch()
    (source / "old.tf").touch()
    made = link(source, tmp_path / "world")
    (made / "terraform.tfstate").write_text("{}")
    (source / "old.tf").unlink()
    (source / "new.tf").touch()
    assert link(source, tmp_path / "world") == made
    names = {it.name for it in made.iterdir()}
    assert names == {"main.tf", "new.tf", "openai_constructs_override.tf.json", "terraform.tfstate"}


def test_variables_of_keys(tmp_path: Path) -> None:
    """They get a dummy key, in HCL and in JSON."""
    (tmp_path / "main.tf").write_text("api_key = var.a\nadmin_key   =  var.b-2\nother = var.c\n")
    (tmp_path / "more.tf.json").write_text('{"provider": {"openai": {"api_key": "${var.d}"}}}')
    assert list(key_variables_of(tmp_path)) == ["a", "b-2", "d"]
