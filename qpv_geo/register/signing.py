"""The key that signs exports (Ed25519, RFC 8032): made on request, and readable by its owner alone."""

from __future__ import annotations

import base64
import binascii
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from qpv_geo import messages as msg
from qpv_geo.errors import FormatError, InputError, MissingError
from qpv_geo.files import PRIVATE, write_whole

if TYPE_CHECKING:
    from qpv_geo.settings import Settings

_FILE, _PUBLIC_FILE = "register-key.pem", "register-key.pub"


class Signer:
    """Signs with a private key.

    Attributes
    ----------
    public
        The public key, in base64.
    """

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = base64.b64encode(key.public_key().public_bytes_raw()).decode()

    def sign(self, content: bytes) -> str:
        """Return the signature of a content, in base64."""
        return base64.b64encode(self._key.sign(content)).decode()


def signer_of(settings: Settings, *, create: bool = False) -> Signer:
    """Return what signs with the key of the home.

    Parameters
    ----------
    create
        Whether to make a key where there is none. The public key is written beside it, to be kept elsewhere.

    Raises
    ------
    MissingError
        There is no key.
    FormatError
        The file is not that of an Ed25519 key.
    """
    path = settings.home / _FILE
    if not path.exists():
        if not create:
            raise MissingError(msg.register_errors.no_key(str(path)))
        key = Ed25519PrivateKey.generate()
        kind = serialization.PrivateFormat.PKCS8
        pem = key.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption())
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, pem, mode=PRIVATE)
        write_whole(path.with_name(_PUBLIC_FILE), f"{Signer(key).public}\n".encode())
    try:
        found = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError) as error:
        raise FormatError(msg.register_errors.bad_key(str(path))) from error
    if not isinstance(found, Ed25519PrivateKey):
        raise FormatError(msg.register_errors.bad_key(str(path)))
    return Signer(found)


def is_signed(content: bytes, *, public: str, signature: str) -> bool:
    """Tell whether a content is signed by the owner of a public key; both are in base64."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public, validate=True))
        key.verify(base64.b64decode(signature, validate=True), content)
    except (InvalidSignature, ValueError, TypeError, binascii.Error):
        return False
    return True


def fingerprint(public: str) -> str:
    """Return the sha256 of a public key given in base64, in hexadecimal."""
    return hashlib.sha256(public.encode()).hexdigest()


def read_public(given: str) -> str:
    """Return the public key given in base64, or by the file that holds it.

    Raises
    ------
    InputError
        It is neither.
    """
    path = Path(given)
    text = path.read_text(encoding="utf-8", errors="replace").strip() if path.is_file() else given.strip()
    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))
    except (ValueError, binascii.Error) as error:
        raise InputError(msg.register_errors.not_a_public_key(given)) from error
    return text
