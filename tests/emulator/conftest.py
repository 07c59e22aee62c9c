"""An emulator in process, and two ways to talk to it: the official SDK, and plain HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from openai import OpenAI

from openai_constructs.emulator import Emulator

HELLO = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello there"}]}


@pytest.fixture(scope="session")
def shared() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def emulator(shared: Emulator) -> Emulator:
    shared.reset()
    return shared


@pytest.fixture
def client(emulator: Emulator) -> Iterator[OpenAI]:
    with sdk(emulator) as client:
        yield client


@pytest.fixture
def http(emulator: Emulator) -> Iterator[httpx.Client]:
    with plain(emulator) as client:
        yield client


def sdk(emulator: Emulator) -> OpenAI:
    return OpenAI(base_url=f"{emulator.url}/v1", api_key="local", max_retries=0)


def plain(emulator: Emulator) -> httpx.Client:
    return httpx.Client(base_url=emulator.url, headers={"Authorization": "Bearer local"}, trust_env=False)
