"""What the page about fleets shows is what happens."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.engine import TerraformOutput, TerraformStack
from tests.support import ROOT, template

PAGE = (ROOT / "docs" / "fleets.md").read_text(encoding="utf-8")


def test_the_programs_write_what_is_shown(stack: TerraformStack) -> None:
    """Each block of Python runs in a stack, and the JSON has what is shown of it."""
    for program in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(program, {"self": stack, "TerraformOutput": TerraformOutput})
    made = template(stack).to_json()
    (shown,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    faq: dict[str, Any] = json.loads(shown)["faq"]
    assert (
        made["module"]["faq"].items() >= {name: it for name, it in faq.items() if name != "for_each"}.items()
    )
    assert made["module"]["faq"]["for_each"]["install"] == faq["for_each"]["install"]
    assert made["module"]["tone"]["for_each"].keys() >= {"sorry/gpt-4o/warm"}
    assert made["output"]["install"]["value"] == '${module.faq["install"].content}'
