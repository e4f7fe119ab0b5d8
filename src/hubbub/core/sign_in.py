"""The settings' types of signing in by a city's own provider (OpenID Connect)."""

from msgspec import Struct


class ProvidedRoles(Struct, frozen=True, forbid_unknown_fields=True):
    """Which role an account has, by what the provider says of it: the highest that fits; none that fits lets nobody in.

    claim   the claim of the ID token that is looked at: a text or a list of texts
    admin, analyst, viewer  values of it that give the role
    """

    claim: str = "groups"
    admin: tuple[str, ...] = ()
    analyst: tuple[str, ...] = ()
    viewer: tuple[str, ...] = ()


class SignIn(Struct, frozen=True, forbid_unknown_fields=True):
    """A city's provider.

    issuer              its address as ID tokens name it; `/.well-known/openid-configuration` stands below it
    client_id           what it calls this instance
    client_secret_file  file that holds the secret, and nothing else
    name                what the link on the sign-in page calls it
    scopes              asked for beside `openid`
    """

    issuer: str
    client_id: str
    client_secret_file: str
    roles: ProvidedRoles
    name: str = ""
    scopes: tuple[str, ...] = ("profile",)
