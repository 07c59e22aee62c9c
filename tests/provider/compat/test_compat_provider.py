from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.provider.loopback import Loopback
from tests.support import Workspace
from tf.utils import Diagnostics

from openai_constructs.errors import UnsupportedPlatformError
from openai_constructs.provider import ADDRESSES
from openai_constructs.provider.__main__ import main
from openai_constructs.provider.compat.client import Client, RequestError
from openai_constructs.provider.compat.provider import CompatProvider
from openai_constructs.provider.core.blocks import Unknown
from openai_constructs.provider.core.mirror import install, prepare, write_cli_configuration


def configured(**arguments: Any) -> tuple[Client, Diagnostics]:
    provider, diagnostics = CompatProvider(), Diagnostics()
    provider.configure_provider(diagnostics, arguments)
    return provider.client, diagnostics


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in (
        "API_KEY",
        "ADMIN_KEY",
        "ORGANIZATION",
        "API_URL",
        "TIMEOUT",
        "ORG_ID",
        "BASE_URL",
        "PROJECT_ID",
    ):
        monkeypatch.delenv(f"OPENAI_{name}", raising=False)
    return monkeypatch


def test_defaults_of_the_provider(bare: pytest.MonkeyPatch) -> None:
    """Nothing given: no key, no organization, the public API, 300 seconds."""
    client, diagnostics = configured()
    assert not diagnostics.has_errors()
    assert (client.api_key, client.organization, client.api_url, client.timeout) == (
        "",
        "",
        "https://api.openai.com/v1",
        300,
    )


def test_the_environment_fills_in(bare: pytest.MonkeyPatch) -> None:
    """OPENAI_ORGANIZATION and OPENAI_API_URL are read, OPENAI_ORG_ID and OPENAI_BASE_URL are not."""
    for name in ("API_KEY", "ORGANIZATION", "API_URL", "ORG_ID", "BASE_URL"):
        bare.setenv(f"OPENAI_{name}", f"http://{name}")
    bare.setenv("OPENAI_TIMEOUT", "7")
    client, _ = configured()
    assert (client.api_key, client.organization, client.api_url, client.timeout) == (
        "http://API_KEY",
        "http://ORGANIZATION",
        "http://API_URL",
        7,
    )


def test_arguments_come_first(bare: pytest.MonkeyPatch) -> None:
    """An argument wins over the environment, an empty one too."""
    bare.setenv("OPENAI_API_KEY", "environment")
    bare.setenv("OPENAI_ORGANIZATION", "environment")
    client, _ = configured(api_key="argument", organization="", timeout=9)
    assert (client.api_key, client.organization, client.timeout) == ("argument", "", 9)


def test_the_key_is_not_shown(bare: pytest.MonkeyPatch) -> None:
    """Not in the client's own text either."""
    client, _ = configured(api_key="sk-secret")
    assert "sk-secret" not in repr(client)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("soon", 'error setting default for "timeout": a number is required'),
        (" 5 ", 'error setting default for "timeout": a number is required'),
        ("1_0", 'error setting default for "timeout": a number is required'),
        ("5.5", "Attribute must be a whole number, got 5.5"),
        ("7", ""),
    ],
)
def test_a_timeout_that_is_no_number(bare: pytest.MonkeyPatch, text: str, problem: str) -> None:
    """OPENAI_TIMEOUT must be a whole number, written as Terraform reads one."""
    bare.setenv("OPENAI_TIMEOUT", text)
    diagnostics = Diagnostics()
    CompatProvider().validate_config(diagnostics, {})
    assert [it.summary for it in diagnostics.diagnostics] == ([problem] if problem else [])
    assert configured()[1].has_errors() == bool(problem)


@pytest.mark.parametrize(
    ("timeout", "seconds"), [(9, 9), (0, 60), (-1, None), (2**63 - 1, None), (2**60, 60), (2**33, 2**33)]
)
def test_timeouts(bare: pytest.MonkeyPatch, timeout: int, seconds: float | None) -> None:
    """Zero is the client's own 60 seconds, below there is no limit, and huge ones run over as in Go."""
    client, diagnostics = configured(timeout=timeout)
    assert not diagnostics.has_errors()
    assert client.timeout == seconds


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://[", "missing ']' in host"),
        ("http://h:port", 'invalid port ":port" after host'),
        ("http://a b/v1", 'invalid character " " in host name'),
        ("http://h/%zz", 'invalid URL escape "%zz"'),
        ("http://h/#%4", 'invalid URL escape "%4"'),
        ("http://h/\n", "net/url: invalid control character in URL"),
        (":8080", "missing protocol scheme"),
        ("127.0.0.1:8080", "first path segment in URL cannot contain colon"),
    ],
)
def test_an_address_that_is_none(bare: pytest.MonkeyPatch, url: str, reason: str) -> None:
    """An API URL that Go cannot parse is an error, in Go's words."""
    _, diagnostics = configured(api_url=url)
    summary = diagnostics.diagnostics[0].summary
    assert summary.startswith("invalid API URL: parse ")
    assert summary.endswith(f": {reason}")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("no scheme", 'unsupported protocol scheme ""'),
        ("localhost:8080", 'unsupported protocol scheme "localhost"'),
        ("ftp://h", 'unsupported protocol scheme "ftp"'),
        ("http:///a", "http: no Host in request URL"),
    ],
)
def test_an_address_without_a_host_to_ask(bare: pytest.MonkeyPatch, url: str, reason: str) -> None:
    """An API URL that no request can be sent to is found out by the first request, as in Go."""
    client, diagnostics = configured(api_url=url)
    assert not diagnostics.has_errors()
    with closing(client), pytest.raises(RequestError) as caught:
        client.get("/v1/x")
    assert str(caught.value).startswith('error making request: Get "')
    assert str(caught.value).endswith(f": {reason}")


@pytest.mark.parametrize(
    ("suffix", "target"),
    [
        ("", "/v1/x"),
        ("/", "/v1/x"),
        ("/v1", "/v1/x"),
        ("/v1/", "/v1/x"),
        ("/openai", "/openai/v1/x"),
        ("/openai/v1", "/openai/v1/x"),
        ("/v1beta", "/v1beta/v1/x"),
        ("/v1///", "/v1//v1/x"),
        ("/dyn//", "/dyn/v1/x"),
    ],
)
def test_addresses(api: Loopback, suffix: str, target: str) -> None:
    """With and without /v1; a slash at the end is trimmed, two where no /v1 stands before them."""
    api.rule = lambda _: (200, {})
    with closing(Client(api_key="", organization="", api_url=api.url + suffix, timeout=9)) as client:
        client.get("/v1/x")
    assert api.lines == [f"GET {target}"]


def test_headers(api: Loopback, bare: pytest.MonkeyPatch) -> None:
    """Those of the provider and no others: no project, whatever the environment says; no key, no error."""
    bare.setenv("OPENAI_PROJECT_ID", "proj")
    api.rule = lambda _: (200, {})
    with closing(Client(api_key="", organization="org", api_url=api.url, timeout=9)) as client:
        client.get("/v1/x")
    headers = api.asked[0].headers
    assert headers == {
        "host": api.url.removeprefix("http://"),
        "accept-encoding": "gzip",
        "authorization": "Bearer",
        "content-type": "application/json",
        "openai-organization": "org",
        "user-agent": "Go-http-client/1.1",
    }


def test_importing_the_provider_is_cheap() -> None:
    """Neither the CDK nor the openai SDK is imported to serve Terraform."""
    code = "import openai_constructs.provider.core.protocol, sys; print([it for it in sys.modules if it in "
    code += "('openai', 'jsii', 'cdktf', 'cdktn', 'httpx', 'httpx2', 'pydantic')])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_started_by_hand() -> None:
    """Without Terraform there is a sentence, not a hanging process."""
    ran = subprocess.run(
        [sys.executable, "-m", "openai_constructs.provider"],
        capture_output=True,
        text=True,
        env={"PATH": "/bin"},
    )
    assert ran.returncode == 1
    assert "Terraform starts itself" in ran.stderr


def test_started_without_the_extra(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A missing package is named, with the command that brings it."""
    monkeypatch.setenv("TF_PLUGIN_MAGIC_COOKIE", "set")
    monkeypatch.setitem(sys.modules, "openai_constructs.provider.core.serving", None)
    assert main([]) == 1
    assert "pip install 'openai-constructs[local]'" in capsys.readouterr().err


def test_started_by_terraform(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """With the cookie it serves; without it there is a sentence."""
    served: list[object] = []
    monkeypatch.setattr("openai_constructs.provider.core.serving.serve", served.append)
    monkeypatch.setenv("TF_PLUGIN_MAGIC_COOKIE", "set")
    assert main([]) == 0
    assert isinstance(served[0], CompatProvider)
    monkeypatch.delenv("TF_PLUGIN_MAGIC_COOKIE")
    assert main([]) == 1


def test_the_provider_has_a_name() -> None:
    """The address it answers for."""
    assert CompatProvider().full_name() == ADDRESSES[0]


def test_an_argument_known_only_after_apply(bare: pytest.MonkeyPatch) -> None:
    """It is nothing yet, and the environment is not asked in its place."""
    bare.setenv("OPENAI_ORGANIZATION", "environment")
    client, _ = configured(organization=Unknown, timeout=Unknown)
    assert (client.organization, client.timeout) == ("", 60)


def test_a_system_without_scripts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Windows starts no script as a provider: an error that says what to do."""
    monkeypatch.setattr("platform.system", lambda: "Windows")
    with pytest.raises(UnsupportedPlatformError, match="Windows Subsystem for Linux"):
        install(tmp_path)


def test_a_write_that_fails_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither half a file nor a temporary one."""

    def refuse(*_: object) -> None:
        raise OSError("no")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="no"):
        install(tmp_path)
    assert not [it for it in tmp_path.rglob("*") if it.is_file()]


def test_install_writes_a_mirror(tmp_path: Path) -> None:
    """HOST/NAMESPACE/TYPE/VERSION/OS_ARCH/terraform-provider-openai_v1.2.0, executable; nothing else."""
    script = install(tmp_path)
    parts = script.relative_to(tmp_path).parts
    assert parts[:4] == ("registry.terraform.io", "mkdev-me", "openai", "1.2.0")
    assert parts[5] == "terraform-provider-openai_v1.2.0"
    assert script.stat().st_mode & 0o111
    assert sys.executable in script.read_text()
    before = script.stat().st_mtime_ns
    assert install(tmp_path) == script
    assert script.stat().st_mtime_ns == before
    assert [it for it in tmp_path.rglob("*") if it.is_file()] == [script]


def test_install_under_another_name(tmp_path: Path) -> None:
    """Any address and version; an address of another form is refused."""
    script = install(tmp_path, "terraform.local/openai-constructs/openai", "0.1.0")
    assert script.name == "terraform-provider-openai_v0.1.0"
    with pytest.raises(ValueError, match="host/namespace/type"):
        install(tmp_path, "mkdev-me/openai")


def test_prepare_serves_terraform_and_opentofu(tmp_path: Path) -> None:
    """Both registries' addresses are in the mirror, and in the CLI configuration."""
    configuration = prepare(tmp_path)
    text = configuration.read_text()
    for address in ADDRESSES:
        assert text.count(address) == 2
        assert (tmp_path / "providers" / address).is_dir()


def test_strange_folders_are_quoted(tmp_path: Path) -> None:
    """A folder's name is never read as a template. HCL 1 has no other escape of a dollar sign."""
    text = write_cli_configuration(tmp_path / "rc", tmp_path / '${a} "b"').read_text()
    assert '\\u0024{a} \\"b\\"' in text


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """The system's own error."""
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        install(tmp_path / "file")


@pytest.mark.terraform
def test_a_folder_full_of_traps(installed: Workspace) -> None:
    """Modules beside the configuration named as ours are not imported; a home is not needed."""
    for name in ("tf", "grpc", "openai"):
        (installed.folder / f"{name}.py").write_text("raise SystemExit('trap')")
    installed.write(
        'terraform {\n required_providers {\n openai = {\n source = "mkdev-me/openai"\n }\n }\n }\n'
        'provider "openai" {}\n data "openai_chat_completions" "it" {}\n'
    ).init()
    ran = installed.apply(HOME="/dev/null")
    assert ran.code == 0, ran.text
