"""The fixtures as pytest finds them: what they cost, what they give, and that nothing is shared."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from tests.engine import App, TerraformStack
from tests.support import run_pytest

from openai_constructs.emulator import Emulator
from openai_constructs.testing import LocalApply
from openai_constructs.testing.local_run import replies_file

ASKED = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]}


def ask(emulator: Emulator) -> httpx.Response:
    url = f"{emulator.url}/v1/chat/completions"
    return httpx.post(url, json=ASKED, headers={"Authorization": "Bearer any"}, trust_env=False)


def test_importing_it_imports_nothing(tmp_path: Path) -> None:
    """A project that does not use the fixtures pays for two small files: no engine, no extras."""
    (tmp_path / "test_it.py").write_text(
        "import sys\n"
        "def test_it(request):\n"
        "    assert request.config.pluginmanager.has_plugin('openai-constructs')\n"
        "    heavy = {'cdktf', 'cdktn', 'constructs', 'jsii', 'grpc', 'openai', 'uvicorn'}\n"
        "    assert not heavy & set(sys.modules)\n"
        "    ours = {it for it in sys.modules if it.startswith('openai_constructs')}\n"
        "    assert ours == {'openai_constructs', 'openai_constructs.testing',"
        " 'openai_constructs.testing.pytest_plugin'}\n"
    )
    run_pytest(tmp_path, "--strict-markers")


def test_fixtures_are_documented(tmp_path: Path) -> None:
    """`pytest --fixtures` tells what each is."""
    said = run_pytest(tmp_path, "--fixtures")
    for name in ("tf_app", "tf_stack", "terraform_snapshot", "local_apply", "emulator"):
        assert f"\n{name} -- " in said
    assert "@pytest.mark.emulator(replies=None, fail=None, seed=0)" in run_pytest(tmp_path, "--markers")


def test_without_the_extra(tmp_path: Path) -> None:
    """terraform_snapshot fails, it is not skipped, and says what to install."""
    (tmp_path / "test_it.py").write_text("def test_it(terraform_snapshot): pass\n")
    (tmp_path / "conftest.py").write_text("import sys\nsys.modules['syrupy'] = None\n")
    said = run_pytest(tmp_path, "-p", "no:syrupy", code=1)
    assert "terraform_snapshot needs syrupy" in said
    assert "pip install 'openai-constructs[test]'" in said


def test_app_and_stack(tf_app: App, tf_stack: TerraformStack, tmp_path: Path) -> None:
    """The stack is in the app, and the app writes to the test's own folder."""
    assert tf_stack.node.path == "stack"
    tf_app.synth()
    assert (tmp_path / "cdktf.out" / "stacks" / "stack" / "cdk.tf.json").exists()


@pytest.mark.parametrize("number", [1, 2])
def test_an_emulator_for_each_test(emulator: Emulator, number: int) -> None:
    """It runs, it remembers what it was asked, and it knows nothing of other tests."""
    assert emulator.requests() == []
    assert ask(emulator).status_code == 200
    assert [it["body"] for it in emulator.requests()] == [ASKED]


@pytest.mark.emulator(replies=[{"answer": "Once.", "times": 1}, {"error": {"status": 429}}])
def test_a_scripted_emulator(emulator: Emulator) -> None:
    """The marker scripts its answers."""
    assert ask(emulator).json()["choices"][0]["message"]["content"] == "Once."
    assert ask(emulator).status_code == 429


@pytest.mark.emulator(fail="500:x1")
def test_an_emulator_that_fails(emulator: Emulator) -> None:
    """And its faults."""
    assert [ask(emulator).status_code, ask(emulator).status_code] == [500, 200]


def test_replies_may_be_a_file(tmp_path: Path) -> None:
    """A file is taken as it is; rules become one."""
    assert replies_file(tmp_path, "replies.yaml") == Path("replies.yaml")
    assert replies_file(tmp_path / "new", [{"answer": "x"}]).read_text().count("answer") == 1


def test_a_world_for_each_test(local_apply: LocalApply, tmp_path: Path) -> None:
    """Nothing is made before it is used."""
    assert isinstance(local_apply, LocalApply)
    assert list(tmp_path.iterdir()) == []
