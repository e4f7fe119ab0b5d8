"""Checks of `address` and `sign_in`: where the instance is found, and the provider that operators sign in by."""

from pathlib import Path
from urllib.parse import urlsplit

from hubbub.core.errors import ConfigError
from hubbub.core.settings import Settings

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def check_sign_in(settings: Settings) -> None:
    """Raises ConfigError."""
    if settings.address:
        _check_address("address", settings.address, is_bare=True)
    given = settings.sign_in
    if given is None:
        return
    if not settings.address:
        allowed = (
            "where browsers find this instance, such as https://stats.city.example: the provider sends them back there"
        )
        raise ConfigError("address", "nothing", allowed)
    _check_address("sign_in.issuer", given.issuer, is_bare=False)
    if not given.client_id.strip():
        raise ConfigError("sign_in.client_id", "nothing", "what the provider calls this instance")
    place = Path(given.client_secret_file)
    if not place.is_absolute():
        allowed = "the absolute path of a file that holds the secret, such as /etc/hubbub/sign-in-secret"
        raise ConfigError("sign_in.client_secret_file", "something else", allowed)
    if place.exists() and place.stat().st_mode & 0o007:
        raise ConfigError(
            "sign_in.client_secret_file", "a file that anyone may read", "one for hubbub's user: chmod 600"
        )
    roles = given.roles
    if not roles.claim:
        raise ConfigError("sign_in.roles.claim", "nothing", "a claim of the ID token, such as groups")
    if not (roles.admin or roles.analyst or roles.viewer):
        raise ConfigError("sign_in.roles", "no role", "values of the claim for admin, analyst or viewer")


def _check_address(place: str, address: str, *, is_bare: bool) -> None:
    """https, or http on this machine; without query, fragment and user, and if `is_bare` without a path."""
    try:
        parts = urlsplit(address)
        is_good = parts.hostname is not None and parts.port != 0
    except ValueError:
        is_good = False
    else:
        is_near = parts.scheme == "http" and parts.hostname in LOOPBACK
        is_good &= (parts.scheme == "https" or is_near) and not (parts.query or parts.fragment or "@" in parts.netloc)
        is_good &= not is_bare or parts.path in ("", "/")
    if not is_good:
        raise ConfigError(
            place, "something else", "an address such as https://stats.city.example (http on 127.0.0.1 only)"
        )
