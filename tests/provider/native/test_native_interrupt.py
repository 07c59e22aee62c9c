from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from tests.provider.native.native_support import asking, workspace_of

from openai_constructs.emulator import Emulator

DELAYED = """
replies:
  - {match: {message: slow}, delay: 60}
"""


@pytest.mark.terraform
def test_ctrl_c(tmp_path: Path, cli_configuration: Path) -> None:
    """A Ctrl-C ends as many requests as there may be at a time, and keeps what was answered."""
    script = tmp_path / "replies.yaml"
    script.write_text(DELAYED)
    names = [f"slow{n}" for n in range(10)]
    with Emulator(replies=script) as emulator:
        folder = tmp_path / "terraform"
        folder.mkdir()
        here = workspace_of(folder, cli_configuration, emulator)
        here.set_up(asking("quick", name="quick") + "".join(asking("slow", name=it) for it in names))
        here.good(here.apply("-target=openai_chat_completion.quick"))
        running = subprocess.Popen(
            ["terraform", "apply", "-auto-approve", "-input=false", "-no-color"],
            cwd=folder,
            env={"PATH": os.environ["PATH"], **here.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        deadline = time.monotonic() + 60
        while len(here.requests) < 1 + len(names) and time.monotonic() < deadline:
            time.sleep(0.02)
        os.killpg(running.pid, signal.SIGINT)
        output, _ = running.communicate(timeout=45)
        assert running.returncode == 1
        assert output.count("Error: Interrupted") == len(names)
        assert here.state("openai_chat_completion.quick")["id"]
