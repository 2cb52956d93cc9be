"""A small identity provider on this machine: it knows a few people, signs in whoever is chosen, and can be told to cheat."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_urlsafe
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "funnel-lens-test"
SECRET = "a secret of the client"
PEOPLE = {"ann": "Ann Example", "bob": "Bob Example"}


class Provider(ThreadingHTTPServer):
    """`cheats` are claims that its tokens carry instead of the right ones; `age` is how many seconds ago they say to have been made.

    `key` signs them, `shown_key` is the one it shows to the world.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.address = f"http://127.0.0.1:{self.server_address[1]}"
        self.key = self.shown_key = RSAKey.generate_key(2048, {"kid": "one"})
        self.cheats: dict[str, object] = {}
        self.age = 0
        self.codes: dict[str, dict[str, str]] = {}

    def secrets(self, cookie_secret: str, app: str = "http://localhost:{port}") -> str:
        """What the app's secrets.toml says so that people sign in here."""
        return "\n".join(
            [
                "[auth]",
                f'redirect_uri = "{app}/oauth2callback"',
                f'cookie_secret = "{cookie_secret}"',
                f'client_id = "{CLIENT}"',
                f'client_secret = "{SECRET}"',
                f'server_metadata_url = "{self.address}/.well-known/openid-configuration"',
            ]
        )

    def id_token(self, who: str, nonce: str) -> str:
        made = int(time.time()) - self.age
        claims = {
            "iss": self.address,
            "sub": who,
            "aud": CLIENT,
            "iat": made,
            "exp": int(time.time()) + 3600,
            "nonce": nonce,
            "name": PEOPLE[who],
            **self.cheats,
        }
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)


@contextmanager
def provider() -> Iterator[Provider]:
    """A provider that answers until the end."""
    with Provider() as found:
        thread = threading.Thread(target=found.serve_forever, daemon=True)
        thread.start()
        try:
            yield found
        finally:
            found.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/.well-known/openid-configuration":
            self._json(
                {
                    "issuer": self.server.address,
                    **{f"{name}_endpoint": f"{self.server.address}/{name}" for name in ("authorization", "token")},
                    "end_session_endpoint": f"{self.server.address}/end",
                    "jwks_uri": f"{self.server.address}/keys",
                    "code_challenge_methods_supported": ["S256"],
                    "id_token_signing_alg_values_supported": ["RS256"],
                }
            )
        elif parts.path == "/keys":
            self._json({"keys": [self.server.shown_key.as_dict(private=False)]})
        elif parts.path == "/authorization":
            links = [self._link(who, asked) for who in PEOPLE]
            denied = urlencode({"error": "access_denied", "state": asked["state"]})
            links.append(f'<a href="{escape(asked["redirect_uri"])}?{escape(denied)}">refuse</a>')
            self._answer(200, "text/html", "<title>Provider</title>" + " ".join(links))
        elif parts.path == "/end":
            self.send_response(302)
            self.send_header("location", asked["post_logout_redirect_uri"])
            self.end_headers()
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        sent = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
        known = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        asked = self.server.codes.pop(sent["code"][0], None)
        if asked is None or self.headers["authorization"] not in (known, known.replace("%20", "+")):
            self.send_error(401)
            return
        digest = hashlib.sha256(sent["code_verifier"][0].encode()).digest()
        assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]
        token = self.server.id_token(asked["who"], asked["nonce"])
        self._json({"access_token": token_urlsafe(), "token_type": "Bearer", "expires_in": 3600, "id_token": token})

    def _link(self, who: str, asked: dict[str, str]) -> str:
        code = token_urlsafe()
        self.server.codes[code] = {**asked, "who": who}
        back = f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"
        return f'<a href="{escape(back)}">{who}</a>'

    def _json(self, content: object) -> None:
        self._answer(200, "application/json", json.dumps(content))

    def _answer(self, status: int, kind: str, content: str) -> None:
        body = content.encode()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is told."""
