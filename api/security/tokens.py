"""Bearer tokens: signed and self-contained, so that issuing one writes nothing and any worker can check it.

The key that signs a client's tokens is made of ROSTERHUB_TOKEN_KEY and of the hash of the client's secret: whoever
reads only the database can forge none, and a new secret ends the tokens of the old one. They are JWTs (RFC 9068, HS256)
that say who, until when and which scopes; everything else is asked of the credential whenever one is used.
"""

import hashlib
import hmac
import time
from dataclasses import dataclass

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import GuestProtocol, OctKey

from api.memory import Memory
from api.security.keys import Credential, Keyring

ALGORITHM = "HS256"
_ISSUER = "rosterhub"
_CLAIMS = jwt.JWTClaimsRegistry(
    iss={"essential": True, "value": _ISSUER}, exp={"essential": True}, sub={"essential": True}
)


@dataclass(frozen=True, slots=True)
class _Claims:
    """What a token says whose signature was found good, and for which secret it was."""

    client: str
    secret_hash: bytes
    expires_at: int
    scopes: frozenset[str]


class Tokens:
    """Issues and checks tokens with one signing key; without one, none is issued and none is good."""

    def __init__(self, key: str | None, seconds: int, keyring: Keyring) -> None:
        self._key = key.encode() if key else b""
        self._keyring = keyring
        self._checked: Memory[str, _Claims] = Memory(10_000, seconds)  # checking one takes longer than the rest
        self.seconds = seconds

    @property
    def are_issued(self) -> bool:
        """Whether there is a key to sign with."""
        return bool(self._key)

    def issue(self, credential: Credential, scopes: frozenset[str]) -> str:
        """A token for those scopes (URIs), which the credential has to have whenever it is used."""
        client = credential.client.key
        claims = {
            "iss": _ISSUER,
            "sub": client,
            "client_id": client,
            "exp": int(time.time()) + self.seconds,
            "scope": " ".join(sorted(scopes)),
        }
        header = {"alg": ALGORITHM, "typ": "at+jwt", "kid": client}
        return jwt.encode(header, claims, self._signing_key(credential))

    def read(self, text: str) -> tuple[Credential, frozenset[str]]:
        """The credential that a token stands for, and the token's scopes; ValueError if it is no good.

        Whether the credential itself still is has to be asked of it.
        """
        claims = self._checked.get_or(text, lambda: self._check(text))
        credential = self._keyring.find(claims.client)
        if claims.secret_hash != credential.secret_hash or claims.expires_at <= time.time():
            raise ValueError("the token has expired, or the secret that it was issued for is another now")
        return credential, claims.scopes

    def _check(self, text: str) -> _Claims:
        if not self._key:
            raise ValueError("no token is issued here")
        signers: list[Credential] = []

        def key_of(signed: GuestProtocol) -> OctKey:
            signers.append(self._keyring.find(str(signed.headers().get("kid", ""))))
            return self._signing_key(signers[-1])

        try:
            token = jwt.decode(text, key_of, algorithms=[ALGORITHM])
            _CLAIMS.validate(token.claims)
        except JoseError as error:
            raise ValueError(error.error) from None
        if signers[-1].client.key != token.claims["sub"]:
            raise ValueError("signed for another client")
        scopes = frozenset(str(token.claims.get("scope", "")).split())
        return _Claims(token.claims["sub"], signers[-1].secret_hash, token.claims["exp"], scopes)

    def _signing_key(self, credential: Credential) -> OctKey:
        return OctKey.import_key(hmac.digest(self._key, credential.secret_hash, hashlib.sha256))
