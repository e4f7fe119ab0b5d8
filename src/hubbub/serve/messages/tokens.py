"""The colours of the pages, for what cannot read their styles: mail."""

import re
from functools import lru_cache
from pathlib import Path

STYLES = Path(__file__).parent.parent / "static" / "hubbub.css"
_TOKEN = re.compile(r"--([a-z-]+):\s*(#[0-9a-f]{6})")


@lru_cache(maxsize=1)
def light_tokens() -> dict[str, str]:
    """The colours in the light, by name."""
    first_block, _, _ = STYLES.read_text("utf-8").partition("}")
    return dict(_TOKEN.findall(first_block))
