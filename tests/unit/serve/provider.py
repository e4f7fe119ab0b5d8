"""A small, true OpenID provider on 127.0.0.1: discovery, keys, authorize, token with PKCE, ID tokens by RS256.

It misbehaves when it is told to: `harm` names what is wrong with the next ID token.
"""

import base64
import hashlib
import hmac
import json
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT, SECRET = "hubbub", "a secret of the test's own"


class Provider:
    """One provider; `claims` are of whoever signs in there, `now` gives seconds since 1970."""

    def __init__(self, now: Any) -> None:
        self.now = now
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self.other = RSAKey.generate_key(2048, {"kid": "one"})
        self.claims: dict[str, Any] = {"sub": "4711", "preferred_username": "gerda", "groups": ["stats-admins"]}
        self.harm = ""
        self.codes: dict[str, dict[str, str]] = {}
        self.token_requests = 0
        handler = type("Handler", (_Handler,), {"provider": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.issuer = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def close(self) -> None:
        """Stop it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def discovery(self) -> dict[str, Any]:
        """What stands under /.well-known."""
        return {
            "issuer": "http://127.0.0.1:1" if self.harm == "other issuer" else self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser goes back to, signed in or denied."""
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT
        assert query["code_challenge_method"] == "S256"
        assert "openid" in query["scope"].split()
        if self.harm == "denied":
            return query["redirect_uri"] + "?" + urlencode({"error": "access_denied", "state": query["state"]})
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        return query["redirect_uri"] + "?" + urlencode({"code": code, "state": query["state"]})

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """The answer to a code; None when anything is wrong with it."""
        self.token_requests += 1
        asked = self.codes.pop(form.get("code", ""), None)
        expected = base64.b64encode(f"{quote(CLIENT)}:{SECRET}".encode()).decode()
        if asked is None or authorization != f"Basic {expected}" or form["redirect_uri"] != asked["redirect_uri"]:
            return None
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            return None
        answer = {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "expires_in": 60}
        return answer if self.harm == "no ID token" else answer | {"id_token": self._id_token(asked["nonce"])}

    def _id_token(self, nonce: str) -> str:
        now, harm = self.now(), self.harm
        claims = {"iss": self.issuer, "aud": CLIENT, "exp": now + 300, "iat": now, "nonce": nonce} | self.claims
        changed: dict[str, dict[str, Any]] = {
            "nonce": {"nonce": "another"},
            "audience": {"aud": "another"},
            "audiences": {"aud": [CLIENT, "another"], "azp": "another"},
            "party": {"azp": "another"},
            "issuer": {"iss": "http://127.0.0.1:1"},
            "expired": {"exp": now - 3600, "iat": now - 7200},
        }
        claims |= changed.get(harm, {})
        for name in {"no nonce": ["nonce"], "no expiry": ["exp"], "no subject": ["sub"]}.get(harm, []):
            del claims[name]
        if harm == "none":
            unsigned = {"alg": "none", "typ": "JWT"}
            return ".".join([*(_encoded(json.dumps(part).encode()) for part in (unsigned, claims)), ""])
        if harm == "symmetric":  # the public key taken for a shared secret
            symmetric = {"alg": "HS256", "kid": "one"}
            signed = ".".join(_encoded(json.dumps(part).encode()) for part in (symmetric, claims))
            return f"{signed}.{_encoded(hmac.digest(self.key.as_pem(private=False), signed.encode(), 'sha256'))}"
        key = self.other if harm == "signature" else self.key
        text = jwt.encode({"alg": "RS256", "kid": "one"}, claims, key)
        if harm == "changed":
            head, _, signature = text.split(".")
            return ".".join([head, _encoded(json.dumps(claims | {"groups": ["stats-admins"]}).encode()), signature])
        return text

    def keys(self) -> dict[str, Any]:
        """The public keys."""
        return dict(KeySet([self.key]).as_dict(private=False))


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/authorize":
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self.send_response(302)
            self.send_header("Location", self.provider.authorize(query))
            self.end_headers()
        elif parts.path == "/keys":
            self._json(200, self.provider.keys())
        elif parts.path == "/.well-known/openid-configuration":
            self._json(200, self.provider.discovery())
        else:
            self._json(404, {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        answer = self.provider.token(form, self.headers.get("Authorization", ""))
        self._json(200, answer) if answer else self._json(400, {"error": "invalid_grant"})

    def _json(self, status: int, body: Any) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
