"""What the embedded provider costs: applying and planning completions beside ``terraform_data``.

    python benchmarks/apply.py [--applied 500] [--planned 1000] [--rounds 3] [--before COMMIT] [--only local]

The same terraform applies completions, ``terraform_data`` that carry the same request as their input, and
``terraform_data`` with one short text, in turn; then it plans each again with nothing changed. The best round
counts. The completions ask a server on loopback that always has one answer.

The first ratio is what the provider costs. The second is there because it is easily asked for, and says more
about Terraform: it reads and writes the whole state again for every resource, so the size of what a resource
holds counts, whoever made it.
Then how long a user waits for a local apply, beside its parts, and with `--before` for the tests of a new
project, beside the same tests on an earlier commit: see local_runs.py.
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
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from local_runs import measure_local_apply, measure_starter_tests
from processes import children, peak_memory

from openai_constructs.provider.core.mirror import prepare

REPORT: Final = Path(__file__).parent.parent / "build" / "bench" / "apply.json"
TARGETS: Final = {"apply": 2.5, "plan": 3.0}

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
SAME_REQUEST: Final = """
resource "terraform_data" "it" {
  count = %d
  input = {
    model = "gpt-4o"
    messages = [
      { role = "system", content = "You are a helpful assistant." },
      { role = "user", content = "Question ${count.index}" },
    ]
  }
}
"""
ONE_TEXT: Final = """
resource "terraform_data" "it" {
  count = %d
  input = "Question ${count.index}"
}
"""
CONFIGURATIONS: Final = {
    "completions": COMPLETIONS,
    "terraform_data, same request": SAME_REQUEST,
    "terraform_data, one text": ONE_TEXT,
}


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


@dataclass(frozen=True, slots=True)
class Folder:
    """A configuration in a folder of its own."""

    path: Path
    environment: Mapping[str, str]

    def terraform(self, *arguments: str) -> float:
        """Run terraform; how long it took."""
        start = time.perf_counter()
        with self._running(*arguments):
            pass
        return time.perf_counter() - start

    def provider_peak(self, *arguments: str) -> float:
        """Run terraform; the peak memory of a provider it started, in MB."""
        peak = 0.0
        with self._running(*arguments) as process:
            while process.poll() is None:
                peak = max([peak, *map(peak_memory, children(process.pid))])
                time.sleep(0.05)
        return peak

    @contextmanager
    def _running(self, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """Terraform, which has ended well when this ends."""
        command = ["terraform", *arguments]
        with subprocess.Popen(
            command, cwd=self.path, env=dict(self.environment), stdout=subprocess.DEVNULL
        ) as process:
            yield process
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)

    @property
    def state_bytes(self) -> int:
        """How large the state is."""
        return (self.path / "terraform.tfstate").stat().st_size


@contextmanager
def folder(configuration: str, cli_configuration: Path, url: str) -> Iterator[Folder]:
    """A new folder, initialized."""
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "main.tf").write_text(configuration, encoding="utf-8")
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": name,
            "CHECKPOINT_DISABLE": "1",
            "TF_IN_AUTOMATION": "1",
            "TF_CLI_CONFIG_FILE": str(cli_configuration),
            "OPENAI_API_KEY": "sk-of-no-use",
            "OPENAI_API_URL": url,
        }
        made = Folder(Path(name), environment)
        made.terraform("init", "-input=false")
        yield made


def measure_apply(count: int, rounds: int, cli_configuration: Path, url: str) -> dict[str, dict[str, float]]:
    """Best seconds of an apply from nothing, and how large the state is then."""
    best: dict[str, dict[str, float]] = {}
    for _ in range(rounds):
        for name, configuration in CONFIGURATIONS.items():
            with folder(configuration % count, cli_configuration, url) as made:
                seconds = made.terraform("apply", "-auto-approve", "-input=false")
                if seconds < best.get(name, {}).get("seconds", float("inf")):
                    best[name] = {"seconds": seconds, "state_bytes": made.state_bytes}
    return best


def measure_plan(count: int, rounds: int, cli_configuration: Path, url: str) -> dict[str, dict[str, float]]:
    """Best seconds of a plan that finds nothing to do; and of the apply before it, which runs once."""
    best: dict[str, dict[str, float]] = {}
    with ExitStack() as folders:
        applied = {
            name: folders.enter_context(folder(configuration % count, cli_configuration, url))
            for name, configuration in CONFIGURATIONS.items()
        }
        for name, made in applied.items():
            seconds = made.terraform("apply", "-auto-approve", "-input=false")
            best[name] = {"seconds": float("inf"), "apply_seconds": seconds}
        for _ in range(rounds):
            for name, made in applied.items():
                # Fails where there are changes.
                seconds = made.terraform("plan", "-input=false", "-detailed-exitcode")
                best[name]["seconds"] = min(seconds, best[name]["seconds"])
    return best


def measure_memory(count: int, cli_configuration: Path, url: str) -> float:
    """Peak memory of the provider while it makes completions, in MB."""
    with folder(COMPLETIONS % count, cli_configuration, url) as made:
        return made.provider_peak("apply", "-auto-approve", "-input=false")


def start_up(*arguments: str) -> float:
    """Seconds from the start of Python to the first line it prints."""
    start = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-P", *arguments],
        stdout=subprocess.PIPE,
        env={**os.environ, "TF_PLUGIN_MAGIC_COOKIE": "set"},
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        seconds = time.perf_counter() - start
        process.terminate()
    return seconds


def start_ups(rounds: int) -> dict[str, float]:
    """Median seconds until terraform knows that the provider is there, and what of them others take."""
    programs = {
        "bare Python": ("-c", "print()"),
        "with gRPC and what makes a certificate": ("-c", "import grpc, cryptography.x509; print()"),
        "the provider": ("-m", "openai_constructs.provider"),
    }
    times = [{name: start_up(*program) for name, program in programs.items()} for _ in range(rounds)]
    return {name: round(statistics.median(it[name] for it in times), 3) for name in programs}


def compared(verb: str, count: int, measured: dict[str, dict[str, float]]) -> dict[str, Any]:
    """The times, rounded, and their ratios."""
    completions, same, text = (it["seconds"] for it in measured.values())
    return {
        "count": count,
        **{name: {what: round(it, 2) for what, it in figures.items()} for name, figures in measured.items()},
        "ratio": round(completions / same, 2),
        "ratio_to_one_text": round(completions / text, 2),
        "target_ratio": TARGETS[verb],
        "target_met": completions / same <= TARGETS[verb],
    }


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--applied", type=int, default=500)
    parser.add_argument("--planned", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--before", metavar="COMMIT", help="compare the tests of a new project with this commit"
    )
    parser.add_argument("--only", choices=["provider", "local"], help="measure one half only")
    options = parser.parse_args()
    figures: dict[str, Any] = {}
    if options.only != "local":
        figures |= provider_figures(options)
    if options.only != "provider":
        figures["local apply beside synthesis and terraform_data"] = measure_local_apply(options.rounds)
        if options.before:
            figures["tests of a new project"] = measure_starter_tests(options.before, options.rounds)
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(figures, indent=2))


def provider_figures(options: argparse.Namespace) -> dict[str, Any]:
    """What the embedded provider costs."""
    url = serve()
    with tempfile.TemporaryDirectory() as name:
        configuration = prepare(name)
        applied = measure_apply(options.applied, options.rounds, configuration, url)
        planned = measure_plan(options.planned, options.rounds, configuration, url)
        memory = {count: measure_memory(count, configuration, url) for count in (1, options.planned)}
    return {
        "apply": compared("apply", options.applied, applied),
        "plan with nothing changed": compared("plan", options.planned, planned),
        "start_up_seconds": start_ups(options.rounds * 3),
        "provider_peak_mb": {str(count): round(it) for count, it in memory.items()},
    }


if __name__ == "__main__":
    main()
