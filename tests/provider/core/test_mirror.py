"""The filesystem mirror that a provider is installed into."""

from __future__ import annotations

from pathlib import Path

from openai_constructs.provider.core.mirror import install
from openai_constructs.provider.core.user_install import put


def test_leftovers_of_a_killed_install_are_removed(tmp_path: Path) -> None:
    """They would change the checksum of the package, so that a committed lock file fits no longer."""
    for script in (install(tmp_path), put(tmp_path)):
        (script.parent / ".new-abc").write_text("half of it")
        again = put(tmp_path) if "openai-constructs" in str(script) else install(tmp_path)
        assert again == script
        assert [it.name for it in script.parent.iterdir()] == [script.name]


def test_a_damaged_launcher_is_replaced(tmp_path: Path) -> None:
    """Whatever stands in the file, text or not."""
    script = install(tmp_path)
    text = script.read_text()
    script.write_bytes(b"\xff\x00")
    assert install(tmp_path).read_text() == text
