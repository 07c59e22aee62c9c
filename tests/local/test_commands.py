"""What the commands of `openai-constructs local` pass on to terraform, and what they tell themselves."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from openai_constructs import cli

ANNOTATIONS = [
    {"constructPath": "a/chat", "level": "@cdktf/warn", "message": "temperature=0 is not sent."},
    {"constructPath": "a/chat", "level": "@cdktf/info", "message": "This is for your information."},
]
MANIFEST = {
    "stacks": {
        "b": {"workingDirectory": "stacks/b", "dependencies": ["a"], "annotations": []},
        "a": {"workingDirectory": "stacks/a", "dependencies": [], "annotations": ANNOTATIONS},
    }
}
APP = f"""
import json, os, pathlib
out = pathlib.Path(os.environ["CDKTF_OUTDIR"])
for name in ("a", "b"):
    (out / "stacks" / name).mkdir(parents=True)
    (out / "stacks" / name / "cdk.tf.json").write_text('{{}}')
(out / "manifest.json").write_text({json.dumps(MANIFEST)!r})
"""
TERRAFORM = """#!/bin/sh
env > "env-of-$1"
if [ "$1" = init ]; then mkdir -p .terraform; exit 0; fi
for word in "$(basename "$PWD")" "$@"; do printf '%s\\037' "$word" >> "$LOG"; done
echo >> "$LOG"
for word in "$@"; do
    case $word in
        -out=*) touch "${word#-out=}" ;;
        -exit-of-*="$(basename "$PWD")") word=${word#-exit-of-}; exit "${word%%=*}" ;;
    esac
done
"""


class Commands:
    """A project of two stacks, of which `b` depends on `a`, and a terraform that notes its arguments."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *arguments: str, code: int = 0) -> Result:
        done = CliRunner().invoke(cli.main, ["local", *arguments])
        assert done.exit_code == code, done.output
        return done

    @property
    def runs(self) -> list[list[str]]:
        """The stack and the arguments of each run of terraform since this was looked at."""
        log = self.folder / "log"
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return [[word for word in line.split("\037")[:-1] if word not in DEFAULTS] for line in lines]

    def stack(self, name: str) -> Path:
        return self.folder / ".openai-constructs/local/stacks" / name


def environment(local: Commands, verb: str) -> dict[str, str]:
    """The environment of the last run of a verb for the stack `a`."""
    lines = (local.stack("a") / f"env-of-{verb}").read_text().splitlines()
    return dict(line.partition("=")[::2] for line in lines)


DEFAULTS = ("-no-color", "-auto-approve")


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Commands:
    (tmp_path / "cdktf.json").write_text(json.dumps({"app": f"{sys.executable} app.py"}))
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "terraform").write_text(TERRAFORM)
    (tmp_path / "terraform").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("LOG", str(tmp_path / "log"))
    monkeypatch.delenv("TERRAFORM_BINARY_NAME", raising=False)
    return Commands(tmp_path)


@pytest.mark.parametrize(
    "options",
    [
        ["-target=module.hello.openai_chat_completion.this", "-refresh=false", "-var=v=three"],
        ["-refresh-only"],
        ["-replace", "module.ch.openai_chat_completion.this", "-lock-timeout=3s"],
        ["--target=module.qh", "-json", "-compact-warnings"],
        ["-var", "h=a b $c 'd' --", "-parallelism=3"],
    ],
)
def test_options_reach_terraform_as_they_are(local: Commands, options: list[str]) -> None:
    """Whatever letters are in them, before the name of a stack or after it; ours may stand among them."""
    local("plan", *options)
    assert local.runs == [["a", "plan", *options], ["b", "plan", *options]]
    local("plan", "a", "--fail", "429:x1", *options, "-q")
    assert local.runs == [["a", "plan", *options]]
    local("apply", "--", *options)
    assert local.runs == [["a", "apply", *options], ["b", "apply", *options]]


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help(local: Commands, option: str) -> None:
    """The help is that of the command, and nothing runs."""
    assert "Usage: main local plan" in local("plan", option).output
    assert "Usage: main local plan" in local("plan", "-refresh=false", option).output
    assert local.runs == []


@pytest.mark.parametrize(
    ("arguments", "run"),
    [
        (["apply", "p.tfplan"], ["apply", "p.tfplan"]),
        (["apply", "--", "p.tfplan"], ["apply", "p.tfplan"]),
        (["apply", "-parallelism=1", "p.tfplan"], ["apply", "-parallelism=1", "p.tfplan"]),
        (["show", "-json", "p.tfplan"], ["show", "-json", "p.tfplan"]),
        (["show", "p.tfplan"], ["show", "p.tfplan"]),
    ],
)
def test_saved_plans(local: Commands, arguments: list[str], run: list[str]) -> None:
    """A plan is applied or shown in each stack that has it, and no other stack is touched."""
    local("plan", "-out=p.tfplan")
    assert len(local.runs) == 2
    local(*arguments)
    assert local.runs == [["a", *run], ["b", *run]]
    (local.stack("a") / "p.tfplan").unlink()
    verb, *others = arguments
    local(verb, "b", *others)
    assert local.runs == [["b", *run]]
    assert "There is no stack q, nor a saved plan of that name in" in local(verb, "q", code=1).output


def test_stacks_that_are_not_there(local: Commands) -> None:
    """A word that is no stack is refused where terraform takes no word."""
    for verb in ("plan", "destroy", "init", "validate"):
        assert "There is no stack c. The app has a, b." in local(verb, "a", "c", code=1).output
    assert local.runs == []


def test_drift_of_all_stacks(local: Commands) -> None:
    """Changes that -detailed-exitcode reports are no failure: all stacks are planned. An error is one."""
    local("plan", "-detailed-exitcode", "-exit-of-2=a", code=2)
    assert [it[0] for it in local.runs] == ["a", "b"]
    local("plan", "-detailed-exitcode", "-exit-of-2=b", code=2)
    assert [it[0] for it in local.runs] == ["a", "b"]
    local("plan", "-detailed-exitcode", "-exit-of-1=a", "-exit-of-2=b", code=1)
    assert [it[0] for it in local.runs] == ["a"]
    local("apply", "-exit-of-2=a", code=2)
    assert [it[0] for it in local.runs] == ["a"]


def test_outputs(local: Commands) -> None:
    """Of several stacks JSON is one document; one output, or a raw one, is of one stack."""
    local("init")
    outputs = {
        "x": {"value": {"é": [1, None]}, "type": ["object", {}]},
        "s": {"value": "t", "type": "string", "sensitive": True},
    }
    (local.stack("a") / "terraform.tfstate").write_text(json.dumps({"outputs": outputs}))
    for option in ("-json", "--json"):
        assert json.loads(local("output", "-q", option).stdout) == {
            "a": {
                "x": {"sensitive": False, "type": ["object", {}], "value": {"é": [1, None]}},
                "s": {"sensitive": True, "type": "string", "value": "t"},
            },
            "b": {},
        }
    assert local.runs == []
    local("output", "b", "-json")
    local("output", "b", "x")
    local("output", "b", "-raw", "x")
    assert local.runs == [["b", "output", "-json"], ["b", "output", "x"], ["b", "output", "-raw", "x"]]
    for arguments in (["x"], ["-raw", "x"], ["-json", "x"]):
        message = (
            f"The output x of which stack? Name one of a, b: `local output STACK {' '.join(arguments)}`."
        )
        assert message in " ".join(local("output", *arguments, code=1).output.split())


def test_reading_needs_no_dependency(local: Commands) -> None:
    """What is read of a stack is read of that one; what changes it runs after those it depends on."""
    for verb, stacks in {"output": ["b"], "show": ["b"], "validate": ["b"], "plan": ["a", "b"]}.items():
        local(verb, "b")
        assert [it[0] for it in local.runs] == stacks


@pytest.mark.parametrize("verb", ["synth", "plan", "output", "validate"])
def test_warnings_of_constructs(local: Commands, verb: str) -> None:
    """They are on stderr by the path of the construct; with --strict they are an error and nothing runs."""
    done = local(verb)
    assert "warning: a/chat: temperature=0 is not sent.\n" in done.stderr
    assert "note: a/chat: This is for your information.\n" in done.stderr
    assert "warning:" not in done.stdout
    assert "warning" not in local(verb, "b").stderr or verb == "plan"
    assert local.runs or verb == "synth"
    done = local(verb, "--strict", code=1)
    assert "1 warning, and --strict makes them errors." in done.stderr
    assert local.runs == []


def test_quiet(local: Commands) -> None:
    """-q leaves out the headings, and no warning."""
    assert local("plan").stderr.count("\n") == 5
    assert local("plan", "-q").stderr.splitlines() == [
        "warning: a/chat: temperature=0 is not sent.",
        "note: a/chat: This is for your information.",
    ]


def test_synth_and_list(local: Commands) -> None:
    """They start neither terraform nor the emulator."""
    world = local.folder / ".openai-constructs/local"
    assert local("synth", "-q").stdout.split() == [
        str(world / "synthesized/stacks" / name / "cdk.tf.json") for name in ("a", "b")
    ]
    assert local("synth", "b").stdout.split() == [str(world / "synthesized/stacks/b/cdk.tf.json")]
    assert local("list").stdout.split() == ["a", "b"]
    assert local.runs == []
    assert not (world / "store.db").exists()
    assert "There is no stack c" in local("synth", "c", code=1).output


def test_reset(local: Commands) -> None:
    """The world is gone, states and completions with it; a second time there is nothing to remove."""
    local("plan")
    world = local.folder / ".openai-constructs/local"
    assert (world / "store.db").exists()
    assert f"removed {world}" in local("reset").output
    assert [it.name for it in world.iterdir()] == ["lock"]
    assert "There is nothing to remove" in local("reset").output
    local("plan")


def test_plain_hcl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a cdktf.json the folder itself has a local world; only synthesis needs an app."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "main.tf").write_text('provider "openai" {}\n')
    local = Commands(tmp_path)
    exports = local("env").stdout
    configuration = tmp_path / ".openai-constructs/local/terraform.rc"
    assert f"export TF_CLI_CONFIG_FILE={configuration}\n" in exports
    assert "registry.terraform.io/mkdev-me/openai" in configuration.read_text()
    assert local("list").stdout == f"{tmp_path.name}\n"
    assert "There is no cdktf.json in" in local("synth", code=1).output
    assert "removed" in local("reset").output


def test_a_shell_that_evaluates_a_failed_env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The evaluation fails as well, so what comes after `&&` does not run with the real key."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cdktf.json").write_text("{")
    done = Commands(tmp_path)("env", code=1)
    assert "is not JSON" in done.stderr
    shell = subprocess.run(
        ["sh", "-c", f"eval '{done.stdout}' && echo went on"], capture_output=True, text=True
    )
    assert (shell.returncode, shell.stdout) == (1, "")


def writing(manifest: str) -> str:
    return f"import os; open(os.environ['CDKTF_OUTDIR'] + '/manifest.json', 'w').write({manifest!r})"


@pytest.mark.parametrize(
    ("app", "message"),
    [
        ("pass", "it ended with exit code 0 and wrote no stack. Does it call app.synth()?"),
        ("import sys; sys.stdout.buffer.write(b'\\xff'); raise SystemExit(1)", "did not synthesize:\n\ufffd"),
        (writing("{}"), "is not a manifest"),
        (writing(""), "is not a manifest"),
        (writing("[]"), "is not a manifest"),
        (
            writing('{"stacks": {"a": {"workingDirectory": "a", "dependencies": ["z"]}}}'),
            "names no stack z, which others depend on",
        ),
    ],
)
def test_apps_that_write_no_stacks(local: Commands, app: str, message: str) -> None:
    """What is wrong with the output of the app is one message."""
    (local.folder / "app.py").write_text(app)
    assert message in local("plan", code=1).output


def test_what_init_wrote_is_gone(local: Commands) -> None:
    """The stack is initialized again, without a word of terraform's about it."""
    local("plan")
    marker = local.stack("a") / ".terraform/needs.json"
    for content in ("", "[]", '["x"', marker.read_text().replace("[]]", '[".terraform/providers"]]')):
        marker.write_text(content)
        before: Any = marker.read_text()
        local("plan", "a")
        assert marker.read_text() != before


def test_the_environment_of_terraform(local: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proxies are kept, but not for the emulator; keys and settings of Terraform are hidden."""
    monkeypatch.setenv("NO_PROXY", ".corp.example")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.corp.example:3128")
    monkeypatch.setenv("SSL_CERT_FILE", str(local.folder / "missing.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(local.folder))
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "sk-admin")
    monkeypatch.setenv("TF_CLI_ARGS", "-h")
    monkeypatch.setenv("TF_VAR_x", "kept")
    local("plan", "a")
    seen = environment(local, "plan")
    assert seen["HTTPS_PROXY"] == "http://proxy.corp.example:3128"
    assert seen["NO_PROXY"] == seen["no_proxy"] == ".corp.example,127.0.0.1,localhost"
    assert seen["SSL_CERT_DIR"] == str(local.folder)
    assert seen["TF_VAR_x"] == "kept"
    assert seen["OPENAI_API_KEY"] == "local"
    assert not {"SSL_CERT_FILE", "OPENAI_ADMIN_KEY", "TF_CLI_ARGS"} & set(seen)


@pytest.mark.parametrize(
    ("blocks", "is_in_process"), [([{}], True), ([{}, {"alias": "eu"}], False)], ids=["one", "aliases"]
)
def test_which_stacks_use_the_provider_of_this_process(
    local: Commands, blocks: list[dict[str, str]], is_in_process: bool
) -> None:
    """Those with one provider block. `terraform init` always sees what is installed."""
    configuration = json.dumps({"provider": {"openai": blocks}})
    (local.folder / "app.py").write_text(APP.replace("'{}'", repr(configuration)))
    local("plan", "a")
    assert ("TF_REATTACH_PROVIDERS" in environment(local, "plan")) is is_in_process
    assert "TF_REATTACH_PROVIDERS" not in environment(local, "init")


def test_keys_are_dummies(local: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that holds a key has a dummy, of whatever type it is, in a file that is private."""
    written = {
        "variable": {"key": {"type": "any"}, "other": {}},
        "provider": {"openai": [{"api_key": "${var.key}"}]},
    }
    (local.folder / "app.py").write_text(APP.replace("'{}'", repr(json.dumps(written))))
    monkeypatch.setenv("TF_VAR_key", "sk-real")
    local("plan", "a")
    file = local.stack("a") / "local.auto.tfvars.json"
    assert json.loads(file.read_text()) == {"key": "local"}
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("name", "is_healed"),
    [
        ("synthesized", True),
        ("terraform.rc", True),
        ("stacks/a/cdk.tf.json", True),
        ("stacks/a/local.auto.tfvars.json", True),
        ("stacks/a/.terraform/needs.json", True),
        ("stacks", False),
        ("stacks/a", False),
        ("providers", False),
    ],
)
def test_a_damaged_world(local: Commands, name: str, is_healed: bool) -> None:
    """It heals, or one line says which file is wrong and how to begin anew, which helps."""
    local("plan")
    damaged = local.folder / ".openai-constructs/local" / name
    if damaged.is_dir():
        shutil.rmtree(damaged)
    damaged.write_bytes(b"\xff\x00")
    if not is_healed:
        line = local("plan", code=1).output.splitlines()[-1]
        assert line.startswith(f"Error: {damaged}")
        assert line.endswith("`openai-constructs local reset` removes it.")
        local("reset")
    local("plan")


def test_files_of_the_user_that_cannot_be_read(local: Commands) -> None:
    """A cdktf.json that is no text is one line."""
    (local.folder / "cdktf.json").write_bytes(b'{"app": "\xff"}')
    assert len(local("plan", code=1).output.splitlines()) == 1


@pytest.mark.parametrize("is_installed", [True, False])
def test_the_python_of_the_app(
    local: Commands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, is_installed: bool
) -> None:
    """The active environment runs the app if the library is there, else that of the command does."""
    active = tmp_path / "active"
    (active / "bin").mkdir(parents=True)
    (active / "bin/python").write_text(f'#!/bin/sh\ntouch {active}/used\nexec {sys.executable} "$@"\n')
    (active / "bin/python").chmod(0o755)
    if is_installed:
        (active / "lib/python3.13/site-packages/openai_constructs-0.1.0.dist-info").mkdir(parents=True)
    (local.folder / "cdktf.json").write_text('{"app": "python app.py"}')
    monkeypatch.setenv("VIRTUAL_ENV", str(active))
    local("list")
    assert (active / "used").exists() is is_installed


def test_an_app_that_writes_hcl(local: Commands) -> None:
    """A stack without its JSON is one line with the path."""
    (local.folder / "app.py").write_text(APP.replace("cdk.tf.json", "cdk.tf"))
    assert "cdk.tf.json: No such file or directory." in local("plan", code=1).output
