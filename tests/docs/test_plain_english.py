"""`make check` finds phrases that readers stumble over."""

from __future__ import annotations

import pytest
from tools.plain_english import in_markdown, in_python, main


def test_the_documentation_and_messages_are_plain() -> None:
    """No page and no string of the source has one of the phrases."""
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code is None


@pytest.mark.parametrize(
    ("page", "problems"),
    [
        ("One.\nIt is asked\nanew.", [(3, '"anew": write "again"')]),
        ("A key\nstands\nfor one.", [(2, '"stands for": write "is, stands in for"')]),
        ("It is told here.", [(1, '"is told": write "is reported, is documented"')]),
        ("It is told to stop. A stub stands in for it.", []),
        ("`left out`\n\n```text\nleft out\n```\n<!-- anew -->\n[it](left out)", []),
        ("  ```text\n  anew\n  ```\nanew", [(4, '"anew": write "again"')]),
    ],
)
def test_pages(page: str, problems: list[tuple[int, str]]) -> None:
    """Each phrase is reported with its line, also across line ends; code, comments and links are skipped."""
    assert list(in_markdown(page)) == problems


def test_strings() -> None:
    """Strings and f-strings of the source are checked, docstrings and comments are not."""
    source = '"""Made anew."""\n# anew\nfix = f"{1} is asked anew"\n'
    assert list(in_python(source)) == [(3, '"anew": write "again"')]
