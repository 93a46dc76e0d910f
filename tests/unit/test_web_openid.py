"""Sign-in by OpenID Connect, against a provider on this machine: who is entered comes in, and no
forged answer does.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.testclient import TestClient

from wpb.store.database import Database
from wpb.store.people import add_organisations, add_person
from wpb.store.trail import Actor
from wpb.web.app import Desk, create_app
from wpb.web.openid import OpenID


class Provider:
    """A provider that signs in whoever asks, as the person it is told to."""

    def __init__(self) -> None:
        self.key, self.other = (RSAKey.generate_key(2048, {"kid": "k"}) for _ in range(2))
        self.claims: dict[str, Any] = {}
        self.signing = self.key
        self.codes: dict[str, dict[str, str]] = {}
        provider = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                found: Any = (
                    KeySet([provider.key]).as_dict(private=False)
                    if self.path == "/keys"
                    else {
                        "issuer": provider.issuer,
                        "authorization_endpoint": f"{provider.issuer}/go",
                        "token_endpoint": f"{provider.issuer}/token",
                        "jwks_uri": f"{provider.issuer}/keys",
                    }
                )
                self.tell(found)

            def do_POST(self) -> None:
                sent = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
                asked = provider.codes.pop(sent["code"][0])
                proof = (
                    base64.urlsafe_b64encode(
                        hashlib.sha256(sent["code_verifier"][0].encode()).digest()
                    )
                    .rstrip(b"=")
                    .decode()
                )
                assert proof == asked["code_challenge"] and asked["code_challenge_method"] == "S256"
                claims = {
                    "iss": provider.issuer,
                    "aud": "wpb",
                    "sub": "7",
                    "exp": int(time.time()) + 60,
                    "nonce": asked["nonce"],
                    **provider.claims,
                }
                self.tell(
                    {
                        "access_token": "a",
                        "token_type": "Bearer",
                        "id_token": jwt.encode(
                            {"alg": "RS256", "kid": "k"}, claims, provider.signing
                        ),
                    }
                )

            def tell(self, found: dict[str, Any]) -> None:
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(found).encode())

            def log_message(self, *arguments: Any) -> None:
                return None

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    yield made
    made.server.shutdown()
    made.server.server_close()


def sign_in(
    provider: Provider, tmp_path: Path, claims: dict[str, Any], **changed: str
) -> tuple[TestClient, int]:
    """Go to the provider and come back; `changed` alters what comes back."""
    database = Database(f"sqlite:///{tmp_path / 'store.db'}")
    with database.writing() as connection:
        add_organisations(connection, Actor("test", ""), {"MRH": ("Royal", "provider")})
        add_person(connection, Actor("test", ""), "ben@trust.example", "Ben", "MRH", "provider")
    client = TestClient(
        create_app(
            Desk(database, openid=OpenID(provider.issuer, "wpb", "secret", "http://testserver"))
        ),
        follow_redirects=False,
    )
    sent = client.get("/sign-in/openid")
    asked = {
        name: values[0]
        for name, values in parse_qs(urlsplit(sent.headers["location"]).query).items()
    }
    provider.claims = claims
    provider.codes["c"] = asked
    if changed.pop("browser", ""):
        client.cookies.clear()
    return (
        client,
        client.get(
            "/sign-in/openid/back", params={"code": "c", "state": asked["state"], **changed}
        ).status_code,
    )


BEN = {"email": "ben@trust.example", "email_verified": True}


def test_someone_who_was_entered_comes_in_and_is_known_by_subject_from_then_on(
    provider: Provider, tmp_path: Path
) -> None:
    client, status = sign_in(provider, tmp_path, BEN)
    assert status == 303 and "Ben" in client.get("/sign-in").text


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "eve@trust.example", "email_verified": True},
        {"email": "ben@trust.example", "email_verified": False},
        {"email": "ben@trust.example"},
    ],
)
def test_someone_nobody_entered_or_whose_address_is_not_verified_does_not(
    provider: Provider, tmp_path: Path, claims: dict[str, Any]
) -> None:
    client, status = sign_in(provider, tmp_path, claims)
    assert status == 403 and client.get("/versions").status_code == 401


@pytest.mark.parametrize(
    "claims",
    [{"nonce": "another"}, {"aud": "another"}, {"iss": "https://evil.example"}, {"exp": 1}],
)
def test_a_token_for_something_else_is_refused(
    provider: Provider, tmp_path: Path, claims: dict[str, Any]
) -> None:
    assert sign_in(provider, tmp_path, {**BEN, **claims})[1] == 401


def test_a_forged_token_state_or_browser_is_refused(provider: Provider, tmp_path: Path) -> None:
    provider.signing = provider.other
    for number, changed in enumerate(({}, {"state": "forged"}, {"browser": "another"})):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert sign_in(provider, folder, BEN, **changed)[1] == 401
        provider.signing = provider.key


def test_without_a_provider_there_is_no_such_way_in(tmp_path: Path) -> None:
    client = TestClient(create_app(Desk(Database(f"sqlite:///{tmp_path}/s.db"))))
    assert client.get("/sign-in/openid").status_code == 404
