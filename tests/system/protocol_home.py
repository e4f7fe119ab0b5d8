"""A home whose city had Umami, Matomo and GoatCounter before, and an application with a key."""

from hashlib import sha256
from pathlib import Path

from served_home import SITE, run_hubbub

KEY = "key-of-the-citys-app"
WEBSITE = "b59e9c65-ae32-47f1-8400-119fcf4861c4"
ORIGIN = f"https://{SITE}"

SETTINGS = f"""
sites:
  - name: {SITE}
    umami: [{WEBSITE}]
    matomo: [7]
    goatcounter: [portal]
    events:
      Signup: {{plan: [basic]}}
      Form: {{action: [sent], name: [waste]}}
      Goal 3: {{}}
    amounts:
      Goal 3: {{most: 100, currency: EUR}}
timezone: UTC
server:
  trusted_proxies: [127.0.0.1/32]
  sender_keys: [{sha256(KEY.encode()).hexdigest()}]
"""


def make_home(folder: Path) -> Path:
    """Made by `hubbub init` in the folder, with these settings."""
    home = folder / "home"
    run_hubbub(None, "init", str(home), "--site", SITE)
    (home / "hubbub.yaml").write_text(SETTINGS)
    return home
