"""`hubbub apikey`: makes a key for a private instance; only its hash is kept, by the operator."""

import hashlib
import secrets

from hubbub.cli.presenting import command_app

app = command_app()


@app.command(name="apikey")
def make_key() -> None:
    """Make an API key and the line for hubbub.yaml. The key is shown once and stored nowhere."""
    key = "hub_" + secrets.token_urlsafe(32)
    print(f"key (give it to the reader; it is not kept): {key}")
    print("hubbub.yaml, under access: {mode: private, key_hashes: [...]}")
    print(f"  - {hashlib.sha256(key.encode()).hexdigest()}")
