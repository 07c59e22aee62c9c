"""Requests on the wire: what Go's client would send, follow and say."""

from __future__ import annotations

import gzip
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

import pytest
from tests.provider.loopback import Asked, Loopback, Server

from openai_constructs.provider.compat.client import Client, RequestError


@contextmanager
def client_of(url: str, **settings: Any) -> Iterator[Client]:
    with closing(
        Client(**{"api_key": "k", "organization": "", "timeout": 9, **settings}, api_url=url)
    ) as client:
        yield client


def failure(url: str, path: str = "/v1/x", **settings: Any) -> str:
    with client_of(url, **settings) as client, pytest.raises(RequestError) as caught:
        client.get(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/v1/ä b?k=ü", "/v1/%C3%A4%20b?k=%C3%BC"),
        ("/v1/a%2Fb[c]", "/v1/a%2Fb[c]"),
        ("/v1/a%2Fb[c] d", "/v1/a/b%5Bc%5D%20d"),
        ("/v1/a?", "/v1/a?"),
        ("/v1/a?b=%zz#c", "/v1/a?b=%zz"),
    ],
)
def test_targets(api: Loopback, path: str, target: str) -> None:
    """A path is sent as it is written; where a character cannot stand in it, all of it is encoded anew."""
    api.rule = lambda _: (200, {})
    with client_of(api.url) as client:
        client.get(path)
    assert api.lines == [f"GET {target}"]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/v1/x?a=\n", "net/url: invalid control character in URL"),
        ("/v1/100%", 'invalid URL escape "%"'),
        ("/v1/100%/messages?limit=20", 'invalid URL escape "%/m"'),
        ("/v1/x#%", 'invalid URL escape "%"'),
    ],
)
def test_what_cannot_stand_in_an_address(api: Loopback, path: str, reason: str) -> None:
    """Go refuses it before anything is sent."""
    assert failure(api.url, path).startswith("error creating request: parse ")
    assert failure(api.url, path).endswith(f": {reason}")
    assert not api.asked


def test_a_blank_in_a_query(api: Loopback) -> None:
    """It breaks the request line: the answer that any server gives, and nothing is sent."""
    assert failure(api.url, "/v1/x?a=b c") == "API error (status 400): 400 Bad Request"
    assert not api.asked


@pytest.mark.parametrize("key", ["sk-abc\n", "sk-\x00abc", "sk-abc\r\nX-A: b", "sk-\x7fabc"])
def test_a_key_that_cannot_stand_in_a_header(api: Loopback, key: str) -> None:
    """Go's error, which names the header; the key itself is not told."""
    text = failure(api.url, api_key=key)
    assert text.endswith('net/http: invalid header field value for "Authorization"')
    assert "abc" not in text
    assert not api.asked


def test_an_organization_that_cannot_stand_in_a_header(api: Loopback) -> None:
    """The same for the organization."""
    text = failure(api.url, organization="o\n")
    assert text.endswith('net/http: invalid header field value for "Openai-Organization"')


def test_header_values(api: Loopback) -> None:
    """Blanks around a value are trimmed, and letters beyond ASCII are sent as UTF-8."""
    api.rule = lambda _: (200, {})
    with client_of(api.url, api_key="ké", organization=" é ") as client:
        client.get("/v1/x")
    headers = {name: value.encode("latin-1").decode() for name, value in api.asked[0].headers.items()}
    assert (headers["authorization"], headers["openai-organization"]) == ("Bearer ké", "é")


def test_the_body_of_a_request(api: Loopback) -> None:
    """A POST has its length and type beside Go's own headers, and nothing else."""
    api.rule = lambda _: (200, {})
    with client_of(api.url) as client:
        client.post("/v1/x", '{"a":"é"}')
    assert api.asked[0].body == {"a": "é"}
    assert api.asked[0].headers == {
        "host": api.url.removeprefix("http://"),
        "user-agent": "Go-http-client/1.1",
        "content-length": "10",
        "authorization": "Bearer k",
        "content-type": "application/json",
        "accept-encoding": "gzip",
    }


@pytest.mark.parametrize(
    ("status", "method"), [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")]
)
def test_redirects(api: Loopback, status: int, method: str) -> None:
    """Followed as Go does: as GET without a body, or once more with the body."""
    api.scripted = [(status, "", {"Location": "/there?a=b"}), (200, "{}")]
    with client_of(api.url) as client:
        assert client.post("/v1/x", '{"a":1}') == "{}"
    assert api.lines == ["POST /v1/x", f"{method} /there?a=b"]
    assert api.asked[1].body == ({"a": 1} if method == "POST" else None)
    assert api.asked[1].headers["authorization"] == "Bearer k"
    assert api.asked[1].headers["referer"] == f"{api.url}/v1/x"


def test_a_redirect_to_another_host(api: Loopback) -> None:
    """The key does not go there."""
    with Server() as other:
        other.rule = lambda _: (200, "{}")
        elsewhere = other.url.replace("127.0.0.1", "localhost")
        api.rule = lambda _: (307, "", {"Location": f"{elsewhere}/v1/y"})
        with client_of(api.url) as client:
            client.get("/v1/x")
        assert "authorization" not in other.asked[0].headers


@pytest.mark.parametrize("status", [300, 302, 304, 307])
def test_a_redirect_without_an_address(api: Loopback, status: int) -> None:
    """It is an answer like any other, as in Go."""
    api.rule = lambda _: (status, "")
    with client_of(api.url) as client:
        assert client.get("/v1/x") == ""


@pytest.mark.parametrize(
    ("location", "requests", "reason"),
    [
        ("/v1/x", 10, "stopped after 10 redirects"),
        ("ftp://h/", 1, 'unsupported protocol scheme "ftp"'),
        ("/%zz", 1, 'invalid URL escape "%zz"'),
    ],
)
def test_redirects_that_lead_nowhere(api: Loopback, location: str, requests: int, reason: str) -> None:
    """Ten are followed, and only to addresses that can be asked."""
    api.rule = lambda _: (302, "", {"Location": location})
    assert failure(api.url).endswith(reason)
    assert len(api.asked) == requests


def test_compressed_answers(api: Loopback) -> None:
    """What Go asks for, it reads; what is not compressed as it says is an error."""
    packed = {"Content-Encoding": "gzip"}
    api.scripted = [(200, gzip.compress(b"{}"), packed), (200, b"{}", packed)]
    with client_of(api.url) as client:
        assert client.get("/v1/x") == "{}"
        with pytest.raises(RequestError, match="error reading response: "):
            client.get("/v1/x")


def test_answers_that_are_no_utf_8(api: Loopback) -> None:
    """Each byte that is none is U+FFFD."""
    api.rule = lambda _: (200, b'"\xe2\x82(\xff"')
    with client_of(api.url) as client:
        assert client.get("/v1/x") == '"\ufffd\ufffd(\ufffd"'


@contextmanager
def raw_server(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that does with each connection what a test wants."""
    listening = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                with suppress(OSError):
                    serve(connection)

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


def dripping(head: bytes) -> Callable[[socket.socket], None]:
    def serve(connection: socket.socket) -> None:
        connection.sendall(head)
        for _ in range(100):
            connection.sendall(b"x")
            time.sleep(0.02)

    return serve


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"HTTP/1.1 200 OK\r\nX-A: ", "error making request: Get "),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n",
            "error reading response: context deadline exceeded",
        ),
    ],
)
def test_the_timeout_is_of_the_whole_request(head: bytes, words: str) -> None:
    """A server that sends a byte now and then is not waited for."""
    with raw_server(dripping(head)) as url:
        text = failure(url, timeout=0.1)
    assert text.startswith(words)
    assert "context deadline exceeded (Client.Timeout" in text


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"", "EOF"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", "error reading response: unexpected EOF"),
        (b"garbage\r\n\r\n", "malformed HTTP response"),
    ],
)
def test_answers_that_break_off(answer: bytes, words: str) -> None:
    """A connection that ends too early is an error, never a part of an answer."""
    with raw_server(lambda connection: connection.sendall(answer)) as url:
        assert words in failure(url)


def test_nobody_answers() -> None:
    """A refused connection is told as Go tells it."""
    text = failure("http://127.0.0.1:1")
    assert text == (
        'error making request: Get "http://127.0.0.1:1/v1/x": '
        "dial tcp 127.0.0.1:1: connect: connection refused"
    )


@pytest.mark.parametrize("path", ["/v1/x", "/v1/100%"])
def test_a_password_in_an_address(path: str) -> None:
    """It is in no error; neither is it sent, because the key takes its place."""
    text = failure("http://user:se-cret@127.0.0.1:1", path)
    assert "http://user:***@127.0.0.1:1/v1/" in text
    assert "cret" not in text


def test_a_user_in_an_address(api: Loopback) -> None:
    """The key is sent, as in Go."""
    api.rule = lambda _: (200, {})
    with client_of(api.url.replace("//", "//user:password@")) as client:
        client.get("/v1/x")
    assert api.asked[0].headers["authorization"] == "Bearer k"
    assert api.asked[0].headers["host"] == api.url.removeprefix("http://")


def test_proxies(api: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy of the environment is asked for the whole address; the exceptions of NO_PROXY are not."""
    for name in ("HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy", "REQUEST_METHOD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", api.url)
    api.rule = lambda _: (200, "{}")
    with client_of("http://api.invalid") as client:
        assert client.get("/v1/x?a=[b]") == "{}"
    assert api.lines == ["GET http://api.invalid/v1/x?a=[b]"]
    assert api.asked[0].headers["host"] == "api.invalid"
    monkeypatch.setenv("NO_PROXY", "invalid")
    assert failure("http://api.invalid").endswith("dial tcp: lookup api.invalid: no such host")
    assert len(api.asked) == 1


@pytest.mark.parametrize("name", ["HTTP_PROXY", "ALL_PROXY"])
def test_this_machine_needs_no_proxy(api: Loopback, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A proxy of the environment is not asked for loopback addresses, and ALL_PROXY for none."""
    monkeypatch.setenv(name, "socks5://127.0.0.1:1")
    api.rule = lambda _: (200, "{}")
    with client_of(api.url) as client:
        assert client.get("/v1/x") == "{}"


@pytest.mark.parametrize("proxy", ["socks9://h", "http://[", "socks5://127.0.0.1:1"])
def test_a_proxy_that_is_none(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    """A proxy that cannot be used is an error of the request."""
    monkeypatch.setenv("HTTP_PROXY", proxy)
    assert failure("http://api.invalid").startswith('error making request: Get "http://api.invalid/v1/x": ')


def test_certificates_that_are_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate file of the environment that is missing is an error of the request."""
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere.pem")
    assert failure("https://127.0.0.1:1").startswith('error making request: Get "https://127.0.0.1:1/v1/x": ')


def test_many_at_a_time(api: Loopback) -> None:
    """Requests of many threads run side by side, on one thread of ours."""
    barrier = threading.Barrier(8, timeout=5)

    def rule(_: Asked) -> tuple[int, Any]:
        barrier.wait()
        return 200, {}

    api.rule = rule
    with client_of(api.url) as client:
        threads = [threading.Thread(target=client.get, args=("/v1/x",)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [it.name for it in threading.enumerate()].count("requests") >= 1
    assert len(api.asked) == 8


def test_the_sdk_is_not_imported() -> None:
    """No module of the edition imports openai, not with the first request either."""
    code = (
        "import importlib, pkgutil, sys, openai_constructs.provider.compat as it\n"
        "[importlib.import_module(f'{it.__name__}.{m.name}') for m in pkgutil.iter_modules(it.__path__)]\n"
        "print('openai' in sys.modules, 'httpx2' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False", "True"]
