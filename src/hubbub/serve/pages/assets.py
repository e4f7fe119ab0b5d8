"""Static files under names that carry their content's hash, so that they can be kept for ever."""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from hubbub.serve.pages.replies import Made, make

FOLDER = Path(__file__).parent.parent / "static"
ASSETS = {
    "hubbub.css": "text/css",
    "api.css": "text/css",
    "comfort.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}


@lru_cache(maxsize=1)
def load_assets() -> dict[str, tuple[Made, str]]:
    """Hashed name → content and media type."""
    return {
        hashed_name(name): (make((FOLDER / name).read_text("utf-8")), media_type) for name, media_type in ASSETS.items()
    }


@lru_cache(maxsize=len(ASSETS))
def hashed_name(name: str) -> str:
    """`hubbub.css` as `hubbub.1f0c….css`."""
    path = FOLDER / name
    return f"{path.stem}.{sha256(path.read_bytes()).hexdigest()[:12]}{path.suffix}"


def asset_url(name: str) -> str:
    """The address of a static file."""
    return f"/assets/{hashed_name(name)}"
