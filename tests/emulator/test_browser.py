"""A real browser: a page of another origin neither reads anything of the emulator nor changes anything."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import pytest

from openai_constructs.emulator import Emulator

SECRET: Final = "MARKED-PROMPT-0123456789"
CHROMIUM: Final = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")

pytestmark = [
    pytest.mark.costly,
    pytest.mark.skipif(not CHROMIUM, reason="needs Chromium: `apt-get install chromium`"),
]

PAGE: Final = """<!doctype html><title>foreign</title><pre id=out></pre><script>
const found = {};
const paths = ["/_emulator/requests", "/v1/chat/completions", "/v1/models", "/health"];
const body = JSON.stringify({model: "gpt-4o", store: true, messages: [{role: "user", content: "evil"}]});
async function attempt(name, url, options) {
  try {
    const answer = await fetch(url, options);
    found[name] = {type: answer.type, status: answer.status, text: await answer.text()};
  } catch (error) { found[name] = {error: String(error)}; }
}
function load(tag, url) {
  return new Promise(done => {
    const element = document.createElement(tag);
    element.onload = element.onerror = () => done();
    element[tag === "object" ? "data" : "src"] = url;
    document.body.append(element);
    setTimeout(done, 1000);
  });
}
(async () => {
  for (const base of BASES) for (const path of paths) for (const mode of ["cors", "no-cors"]) {
    await attempt(`GET ${mode} ${base}${path}`, base + path, {mode});
    await attempt(`key ${mode} ${base}${path}`, base + path, {mode, headers: {authorization: "Bearer x"}});
  }
  for (const base of BASES) {
    for (const mode of ["cors", "no-cors"]) {
      await attempt(`reset ${mode} ${base}`, base + "/_emulator/reset", {method: "POST", mode});
      await attempt(`POST ${mode} ${base}`, base + "/v1/chat/completions", {method: "POST", mode, body});
    }
    await attempt(`DELETE ${base}`, base + "/v1/chat/completions/ID", {method: "DELETE"});
    for (const tag of ["script", "img", "iframe", "object"]) await load(tag, base + "/_emulator/requests");
    const frame = Object.assign(document.createElement("iframe"), {name: "sink"});
    const form = document.createElement("form");
    Object.assign(form, {method: "POST", target: "sink", enctype: "text/plain"});
    form.action = base + "/_emulator/reset";
    document.body.append(frame, form);
    form.submit();
    await new Promise(done => { frame.onload = done; setTimeout(done, 1000); });
    try { found[`frame ${base}`] = {text: frame.contentDocument.body.innerText}; } catch { }
  }
  document.getElementById("out").textContent = JSON.stringify(found);
})();
</script>"""


@contextmanager
def served(page: str) -> Iterator[int]:
    """Serve one page on a port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_arguments: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()


def in_a_browser(folder: Path, url: str) -> dict[str, dict[str, Any]]:
    """What the page found, opened in Chromium, for which evil.example is this machine."""
    command = [
        CHROMIUM,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={folder}",
        "--host-resolver-rules=MAP evil.example 127.0.0.1",
        "--virtual-time-budget=60000",
        "--dump-dom",
        url,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    match = re.search(r"<pre id=\"out\">(.*?)</pre>", done.stdout, re.DOTALL)
    assert match is not None, done.stderr
    found: dict[str, dict[str, Any]] = json.loads(unescape(match[1]))
    return found


def test_a_foreign_page(tmp_path: Path, record_property: Any) -> None:
    """By every way that a page has, under the emulator's address and under a name that leads to it."""
    with Emulator() as emulator, emulator.client() as client:
        message: Any = {"role": "user", "content": SECRET}
        kept = client.chat.completions.create(model="gpt-4o", store=True, messages=[message])
        before = emulator.requests()
        port = emulator.url.rpartition(":")[2]
        bases = [emulator.url, f"http://localhost:{port}", f"http://evil.example:{port}"]
        page = PAGE.replace("BASES", json.dumps(bases)).replace("ID", kept.id)
        attempts = 0
        for host in ("127.0.0.1", "evil.example"):
            with served(page) as page_port:
                found = in_a_browser(tmp_path / host, f"http://{host}:{page_port}/")
            attempts += len(found)
            assert len(found) > 60
            assert SECRET not in json.dumps(found)
            read = {name: it for name, it in found.items() if it.get("text") or it.get("status")}
            assert read == {}
        assert [it.id for it in client.chat.completions.list()] == [kept.id]
        assert emulator.requests()[: len(before)] == before
        assert not any("evil" in json.dumps(it.get("body")) for it in emulator.requests())
        record_property("attempts of a foreign page in a browser", attempts)
