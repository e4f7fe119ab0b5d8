"""Sign-in by a city's own provider: OpenID Connect, authorization code flow with PKCE, state and nonce.

What waits for the browser to come back stands in the state database, so that any worker process may answer, and each
state is good once. It is bound to the browser that began: nobody can be signed in to someone else's account by a link.
"""

import secrets
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Engine

from hubbub.core.errors import InputError, Refused
from hubbub.core.ports import Clock
from hubbub.core.sign_in import ProvidedRoles, SignIn
from hubbub.operate.accounts import Account, provided_account
from hubbub.operate.roles import Role
from hubbub.operate.sessions import digest
from hubbub.operate.state import pending_table
from hubbub.operate.transactions import changing

BACK = "/sign-in/back"  # below the instance's own address: what the provider is told to send browsers back to
PENDING_MS = 10 * 60_000
MOST_PENDING = 1_000
PATIENCE_S = 10.0
LEEWAY_S = 60
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]


class ProviderFailed(Refused):
    """The provider did not sign anybody in; the message says why, without quoting what it sent."""


class Begun(NamedTuple):
    """Where to send the browser, and the cookie that it is to come back with."""

    address: str
    browser: str


class ProvidedSignIn:
    """The flow with one provider. `address` is where browsers find this instance."""

    def __init__(self, engine: Engine, clock: Clock, settings: SignIn, address: str) -> None:
        self._engine, self._clock, self._settings = engine, clock, settings
        self._back = address.rstrip("/") + BACK
        self._found: dict[str, Any] | None = None

    @property
    def name(self) -> str:
        """What readers see."""
        return self._settings.name

    async def begin(self, after: str) -> Begun:
        """Begin a sign-in that is to end on the page `after`. Raises ProviderFailed."""
        async with await _in_thread(self._client) as client:
            place = await self._discover(client)
            state, nonce, browser = (secrets.token_urlsafe(32) for _ in range(3))
            verifier = secrets.token_urlsafe(48)
            address, _ = client.create_authorization_url(
                place["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
            )
        now_ms = self._clock.now_ms()
        row = {
            "state": digest(state),
            "browser": digest(browser),
            "nonce": nonce,
            "verifier": verifier,
            "next": after,
            "until_ms": now_ms + PENDING_MS,
        }
        await _in_thread(lambda: self._keep(row, now_ms))
        return Begun(address, browser)

    async def end(self, state: str, code: str, browser: str) -> tuple[Account, str]:
        """Whoever comes back with this state and code, and the page to go on to. Raises ProviderFailed."""
        pending = await _in_thread(lambda: self._take(state, browser))
        if not code:
            raise ProviderFailed("the provider did not sign you in")
        async with await _in_thread(self._client) as client:
            place = await self._discover(client)
            claims = await self._claims(client, place, code, pending)
        role = role_of(claims, self._settings.roles)
        if role is None:
            raise ProviderFailed("the provider knows you, but gives you no role here; ask whoever runs this instance")
        subject = digest(f"{self._settings.issuer}\0{claims['sub']}")
        wished = str(claims.get("preferred_username") or claims.get("name") or "operator")
        return await _in_thread(lambda: self._account(subject, wished, role)), pending["next"]

    def _client(self) -> Any:
        """A client for one exchange. What it is made of takes a second to load, so this is done beside the loop."""
        for name in ("joserfc.errors", "joserfc.jwk", "joserfc.jwt"):
            import_module(name)
        return _client_class()(
            self._settings.client_id,
            _secret(self._settings.client_secret_file),
            scope=" ".join(("openid", *self._settings.scopes)),
            redirect_uri=self._back,
            code_challenge_method="S256",
            timeout=PATIENCE_S,
        )

    async def _discover(self, client: Any) -> dict[str, Any]:
        """What the provider says of itself; asked once a process."""
        if self._found is None:
            issuer = self._settings.issuer
            found = await _fetch(client, issuer.rstrip("/") + "/.well-known/openid-configuration")
            if found.get("issuer") != issuer:
                raise ProviderFailed("the provider calls itself otherwise than sign_in.issuer does")
            if not {"authorization_endpoint", "token_endpoint", "jwks_uri"} <= found.keys():
                raise ProviderFailed("the provider does not say where to sign in")
            self._found = found
        return self._found

    async def _claims(self, client: Any, place: dict[str, Any], code: str, pending: sa.RowMapping) -> dict[str, Any]:
        """What the ID token says, once all of it is checked (OpenID Connect Core 1.0, section 3.1.3.7)."""
        httpx, jose = import_module("httpx"), import_module("joserfc.errors")
        base = import_module("authlib.common.errors").AuthlibBaseError
        try:
            token = await client.fetch_token(place["token_endpoint"], code=code, code_verifier=pending["verifier"])
        except (httpx.HTTPError, base, ValueError) as error:
            raise ProviderFailed(f"the provider gives no token ({type(error).__name__})") from None
        keys = import_module("joserfc.jwk").KeySet
        jwt = import_module("joserfc.jwt")
        published = await _fetch(client, place["jwks_uri"])
        try:
            found = jwt.decode(token.get("id_token", ""), keys.import_key_set(published), algorithms=ALGORITHMS)
            checks = jwt.JWTClaimsRegistry(
                now=lambda: self._clock.now_ms() // 1000,
                leeway=LEEWAY_S,
                iss={"essential": True, "value": self._settings.issuer},
                aud={"essential": True, "value": self._settings.client_id},
                sub={"essential": True},
                exp={"essential": True},
                iat={"essential": True},
                nonce={"essential": True, "value": pending["nonce"]},
            )
            checks.validate(found.claims)
        except (jose.JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ProviderFailed(f"the provider's ID token is not in order ({type(error).__name__})") from None
        claims: dict[str, Any] = found.claims
        audience = claims["aud"]
        has_party = (isinstance(audience, list) and len(audience) > 1) or "azp" in claims
        if has_party and claims.get("azp") != self._settings.client_id:
            raise ProviderFailed("the provider's ID token is for another party")
        return claims

    def _keep(self, row: dict[str, Any], now_ms: int) -> None:
        with changing(self._engine) as connection:
            connection.execute(sa.delete(pending_table).where(pending_table.c.until_ms <= now_ms))
            kept = sa.select(pending_table.c.state).order_by(pending_table.c.until_ms.desc()).limit(MOST_PENDING - 1)
            connection.execute(sa.delete(pending_table).where(pending_table.c.state.not_in(kept)))
            connection.execute(sa.insert(pending_table), row)

    def _take(self, state: str, browser: str) -> sa.RowMapping:
        """What waits for this state; it waits no longer, whoever came with it."""
        with changing(self._engine) as connection:
            mine = pending_table.c.state == digest(state)
            found = connection.execute(sa.select(pending_table).where(mine)).mappings().first()
            connection.execute(sa.delete(pending_table).where(mine))
        if found is None or found["until_ms"] <= self._clock.now_ms():
            raise ProviderFailed("this sign-in is over or was used already; begin again")
        if not secrets.compare_digest(found["browser"], digest(browser)):
            raise ProviderFailed("this sign-in was begun in another browser; begin again")
        return found

    def _account(self, subject: str, wished: str, role: Role) -> Account:
        with changing(self._engine) as connection:
            account = provided_account(connection, subject, wished, role, self._clock.now_ms())
        if not account.is_active:
            raise ProviderFailed("your account is disabled here")
        return account


def role_of(claims: dict[str, Any], roles: ProvidedRoles) -> Role | None:
    """The highest role that a claim gives, or None."""
    said = claims.get(roles.claim)
    listed = said if isinstance(said, list) else [said]
    values = {one for one in listed if isinstance(one, str)}
    given = ((Role.ADMIN, roles.admin), (Role.ANALYST, roles.analyst), (Role.VIEWER, roles.viewer))
    return next((role for role, accepted in given if values.intersection(accepted)), None)


async def _fetch(client: Any, address: str) -> dict[str, Any]:
    """A document of the provider's, asked for without a token."""
    try:
        answer = await client.request("GET", address, withhold_token=True)
        answer.raise_for_status()
        found = answer.json()
    except (import_module("httpx").HTTPError, ValueError) as error:
        raise ProviderFailed(f"the provider does not answer as it should ({type(error).__name__})") from None
    if not isinstance(found, dict):
        raise ProviderFailed("the provider does not answer as it should")
    return found


def _client_class() -> Any:
    """Authlib's client; it warns of its own next dependency, which is nothing that an operator can act on."""
    noted = import_module("authlib.deprecate").AuthlibDeprecationWarning
    warnings.filterwarnings("ignore", "The httpx module", noted)
    return import_module("authlib.integrations.httpx_client").AsyncOAuth2Client


def _secret(place: str) -> str:
    try:
        return Path(place).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise InputError("sign_in.client_secret_file", "cannot be read", "Let hubbub's user read it.") from None


async def _in_thread(work: Any) -> Any:
    return await import_module("anyio").to_thread.run_sync(work)
