"""What the embedded provider costs: applying 500 completions beside 500 ``terraform_data``, and its start.

    python benchmarks/apply.py [--count 500] [--rounds 2]

Both are applied in turn by the same terraform; the completions ask a server on loopback that always has one
answer. The best round of each counts. Terraform writes the whole state again after every resource, so its
size counts twofold; what that alone costs is shown by ``terraform_data`` that hold an object.
Prints the figures and writes them to build/bench/apply.json.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from openai_constructs.plugin import prepare

REPORT: Final = Path(__file__).parent.parent / "build" / "bench" / "apply.json"
TARGET: Final = 2.5

COMPLETIONS: Final = """
terraform {
  required_providers {
    openai = {
      source = "mkdev-me/openai"
    }
  }
}

provider "openai" {}

resource "openai_chat_completion" "it" {
  count = %d
  model = "gpt-4o"
  messages {
    role    = "system"
    content = "You are a helpful assistant."
  }
  messages {
    role    = "user"
    content = "Question ${count.index}"
  }
}
"""
TERRAFORM_DATA: Final = """
resource "terraform_data" "it" {
  count = %d
  input = "Question ${count.index}"
}
"""
OBJECTS: Final = """
resource "terraform_data" "it" {
  count = %d
  input = {
    model = "gpt-4o"
    messages = [
      { role = "system", content = "You are a helpful assistant." },
      { role = "user", content = "Question ${count.index}" },
    ]
    answer = { role = "assistant", content = "An answer of a usual length, give or take." }
  }
}
"""


@dataclass(frozen=True, order=True)
class Applied:
    """One apply: how long it took, and how large the state is then."""

    seconds: float
    state_bytes: int


class Answering(asyncio.Protocol):
    """One answer to whatever is asked, as fast as Python gets."""

    made = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a connection."""
        self.transport = transport
        self.received = b""

    def data_received(self, data: bytes) -> None:
        """Answer once a request is whole."""
        self.received += data
        head, separator, body = self.received.partition(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
        )
        if not separator or len(body) < length:
            return
        self.received = body[length:]
        Answering.made += 1
        answer = json.dumps(completion(Answering.made)).encode()
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(
            answer
        )
        assert isinstance(self.transport, asyncio.WriteTransport)
        self.transport.write(head + answer)


def completion(number: int) -> dict[str, object]:
    """A completion as the API sends it."""
    message = {"role": "assistant", "content": "An answer of a usual length, give or take.", "refusal": None}
    return {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": "gpt-4o",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 20, "completion_tokens": 10, "total_tokens": 30},
    }


def serve() -> str:
    """Start the server in a thread; its address."""
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(loop.create_server(Answering, "127.0.0.1", 0))
    threading.Thread(target=loop.run_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def apply(configuration: str, cli_configuration: Path, url: str) -> Applied:
    """One `terraform apply` in a new folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "main.tf").write_text(configuration, encoding="utf-8")
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": name,
            **({"GOGC": os.environ["GOGC"]} if "GOGC" in os.environ else {}),
            "CHECKPOINT_DISABLE": "1",
            "TF_IN_AUTOMATION": "1",
            "TF_CLI_CONFIG_FILE": str(cli_configuration),
            "OPENAI_API_KEY": "sk-of-no-use",
            "OPENAI_API_URL": url,
        }

        def terraform(*arguments: str) -> None:
            subprocess.run(
                ["terraform", *arguments], cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL
            )

        terraform("init", "-input=false")
        start = time.perf_counter()
        terraform("apply", "-auto-approve", "-input=false")
        seconds = time.perf_counter() - start
        return Applied(seconds, (folder / "terraform.tfstate").stat().st_size)


def start_up() -> float:
    """Seconds from the start of the provider to the line by which terraform knows it is there."""
    start = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "openai_constructs.plugin"],
        stdout=subprocess.PIPE,
        env={**os.environ, "TF_PLUGIN_MAGIC_COOKIE": "set"},
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        seconds = time.perf_counter() - start
        process.terminate()
    return seconds


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    url = serve()
    with tempfile.TemporaryDirectory() as name:
        cli_configuration = prepare(name)
        completions, others = [], []
        for _ in range(options.rounds):
            completions.append(apply(COMPLETIONS % options.count, cli_configuration, url))
            others.append(apply(TERRAFORM_DATA % options.count, cli_configuration, url))
        objects = apply(OBJECTS % options.count, cli_configuration, url)
    best, other = min(completions), min(others)
    ratio = best.seconds / other.seconds
    figures = {
        "count": options.count,
        "completions": shown(best),
        "terraform_data": shown(other),
        "terraform_data_with_an_object": shown(objects),
        "ratio": round(ratio, 2),
        "target_ratio": TARGET,
        "target_met": ratio <= TARGET,
        "start_up_seconds": round(statistics.median(start_up() for _ in range(5)), 3),
    }
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(figures, indent=2))


def shown(applied: Applied) -> dict[str, float]:
    """An apply, rounded."""
    return {"seconds": round(applied.seconds, 2), "state_bytes": applied.state_bytes}


if __name__ == "__main__":
    main()
