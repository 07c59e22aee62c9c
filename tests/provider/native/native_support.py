"""Terraform with the native edition against the emulator."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openai import OpenAI
from tests.support import Ran, Served, Workspace, environment_of

from openai_constructs.emulator import Emulator
from openai_constructs.provider import NATIVE_ADDRESS
from openai_constructs.provider.native.tags import LABEL

HEAD = f"""
terraform {{
  required_providers {{
    openai = {{
      source = "{NATIVE_ADDRESS}"
    }}
  }}
}}

provider "openai" {{
  SETTINGS
}}
"""
ADDRESS = "openai_chat_completion.a"


def asking(prompt: str = "hi", more: str = "", name: str = "a") -> str:
    return f"""
resource "openai_chat_completion" "{name}" {{
  model = "gpt-4o"
  messages {{
    role    = "user"
    content = "{prompt}"
  }}
  {more}
}}
"""


@dataclass
class NativeWorkspace(Workspace):
    """A folder, and the emulator its provider talks to."""

    emulator: Emulator | None = None

    def set_up(self, configuration: str, settings: str = "") -> NativeWorkspace:
        self.write(HEAD.replace("SETTINGS", settings) + configuration)
        self.init()
        return self

    def again(self, configuration: str, settings: str = "") -> NativeWorkspace:
        self.write(HEAD.replace("SETTINGS", settings) + configuration)
        return self

    @property
    def url(self) -> str:
        """Where the emulator listens."""
        assert self.emulator is not None
        return self.emulator.url

    @property
    def asked(self) -> list[str]:
        """Method and path of each request so far."""
        return [f"{it['method']} {it['path']}" for it in self.requests]

    @property
    def requests(self) -> list[dict[str, Any]]:
        """All requests about completions."""
        assert self.emulator is not None
        return [it for it in self.emulator.requests() if not it["path"].startswith("/v1/models/")]

    @property
    def sent(self) -> dict[str, Any]:
        """The body of the newest creation."""
        bodies = [it["body"] for it in self.requests if it["method"] == "POST"]
        return dict(bodies[-1])

    def good(self, ran: Ran) -> Ran:
        assert ran.code == 0, ran.text
        return ran

    def stored(self) -> list[Any]:
        """All completions in the store, by way of the official SDK."""
        with self.sdk() as client:
            return list(client.chat.completions.list(limit=100))

    def sdk(self) -> OpenAI:
        return OpenAI(base_url=f"{self.url}/v1", api_key="k", max_retries=9)


def workspace_of(folder: Path, provider: Path | Served, emulator: Emulator) -> NativeWorkspace:
    """A folder with an installed provider, named by a CLI configuration, or with the one of this process."""
    served, cli_configuration = (provider, None) if isinstance(provider, Served) else (None, provider)
    environment = environment_of(folder, cli_configuration, emulator.url)
    return NativeWorkspace(folder, environment, emulator, served=served)


def without_tag(metadata: dict[str, str] | None) -> dict[str, str]:
    return {name: it for name, it in (metadata or {}).items() if name != LABEL}


def killed_apply(here: Workspace, is_time: Callable[[], bool]) -> bool:
    """Start an apply, and kill all of it, the provider too, as soon as it is time or after a minute.

    Returns whether there was something to kill: an apply may end by itself first.

    Terraform truncates its state before it writes it, so a kill may leave it empty: it is restored then.
    """
    state = here.folder / "terraform.tfstate"
    before = state.read_bytes() if state.exists() else b""
    process = subprocess.Popen(
        ["terraform", "apply", "-auto-approve", "-input=false", "-no-color", "-lock=false"],
        cwd=here.folder,
        env={"PATH": os.environ["PATH"], **here.environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while process.poll() is None and not is_time() and time.monotonic() < deadline:
        time.sleep(0.002)
    was_running = process.poll() is None
    with suppress(ProcessLookupError):  # it ended by itself
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    try:
        json.loads(state.read_bytes() if state.exists() else b"{}")
    except ValueError:
        state.write_bytes(before)
    return was_running
