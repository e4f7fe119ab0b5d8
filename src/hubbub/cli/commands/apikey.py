"""`hubbub apikey`: makes a key of who reads a private instance, or sends for others; only its hash is kept."""

import hashlib
import secrets

from hubbub.cli.presenting import command_app

app = command_app()


@app.command(name="apikey")
def make_key() -> None:
    """Make an API key and the line for hubbub.yaml. The key is shown once and stored nowhere.

    Where the line stands says what the key is good for: to read what a private instance shows, or to send events.
    """
    key = "hub_" + secrets.token_urlsafe(32)
    print(f"key (give it to the reader or sender; it is not kept): {key}")
    print("hubbub.yaml, for who reads under access.key_hashes (with mode: private), for who sends events for others")
    print("(POST /api/v1/events, Matomo's token_auth, GoatCounter's API) under server.sender_keys:")
    print(f"  - {hashlib.sha256(key.encode()).hexdigest()}")
