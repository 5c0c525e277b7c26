"""Witnesses' public keys and signatures: Ed25519 through cryptography, SM2 through the openssl program.

In: bytes of a key, a signature and a message. Out: a key, or whether the signature is that key's over the
message. May import: :mod:`scheduler.domain`, the standard library, and cryptography where it is installed.
"""

# ruff: noqa: PLC0415 - the packages of an extra are imported where a proof of that kind is looked at

import base64
import binascii
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from scheduler.domain.canonical import sha256_hex
from scheduler.domain.errors import InputError, UsageError, refuse

ED25519 = bytes.fromhex("302a300506032b6570032100")
"""Beginning of every SubjectPublicKeyInfo of an Ed25519 key; 32 bytes follow (RFC 8410, section 4)."""
SM2 = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d03420004")
"""The same for an uncompressed SM2 key on the recommended curve; 64 bytes follow (GB/T 35276, GM/T 0010)."""
SM2_USER = "1234567812345678"
"""The default identity of the signer in an SM2 signature (GB/T 35276-2017, GM/T 0009-2012)."""
SECONDS = 20
"""So long the openssl program may take; it needs a hundredth of a second."""

# The signature example of GM/T 0003.5-2012, appendix A, which every working SM2 has to accept.
_KNOWN_KEY = SM2 + bytes.fromhex(
    "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
_KNOWN_SIGNATURE = bytes.fromhex(
    "3046022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "022100b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)
_KNOWN_MESSAGE = b"message digest"


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """A public key: ``der`` is its SubjectPublicKeyInfo."""

    algorithm: Literal["ed25519", "sm2"]
    der: bytes

    @property
    def sha256(self) -> str:
        """The key's name: SHA-256 of ``der``."""
        return sha256_hex(self.der)

    @property
    def text(self) -> str:
        """``der`` in base64 on one line, as a ledger line tells it."""
        return base64.b64encode(self.der).decode()


def read_key(data: bytes, file: str) -> Key:
    """A public key from a PEM or DER file. Errors: ``anchor.key_bad`` (:class:`InputError`)."""
    found = re.search(rb"-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]*)-----END PUBLIC KEY-----", data)
    key = key_of(_decoded(b"".join(found[1].split())) if found else data)
    if key is None:
        raise refuse(InputError, "anchor.key_bad", {"file": file})
    return key


def key_of_text(text: object) -> Key | None:
    """The key that :attr:`Key.text` tells, None where it tells none."""
    key = key_of(_decoded(text.encode())) if isinstance(text, str) and text.isascii() else None
    return key if key and key.text == text else None


def key_of(der: bytes) -> Key | None:
    """The key of a SubjectPublicKeyInfo, None where it is neither Ed25519 nor SM2."""
    if der.startswith(ED25519) and len(der) == len(ED25519) + 32:
        return Key(algorithm="ed25519", der=der)
    if der.startswith(SM2) and len(der) == len(SM2) + 64:
        return Key(algorithm="sm2", der=der)
    return None


def holds(key: Key, signature: bytes, message: bytes) -> bool:
    """Whether the signature is that key's over the message: Ed25519 raw (64 bytes), SM2 as DER with SM3.

    Errors (:class:`UsageError`): ``anchor.extra_missing`` without cryptography, ``anchor.sm2_missing`` where
    there is no openssl program that knows SM2.
    """
    if key.algorithm == "ed25519":
        return _holds_ed25519(key, signature, message)
    program = sm2_program()
    if not program:
        raise refuse(UsageError, "anchor.sm2_missing")
    return _holds_sm2(program, key.der, signature, message)


def sm2_program() -> str:
    """Path of an openssl program that passes the standard's own example, empty where there is none."""
    program = shutil.which("openssl") or ""
    works = bool(program) and _holds_sm2(program, _KNOWN_KEY, _KNOWN_SIGNATURE, _KNOWN_MESSAGE)
    return program if works else ""


def _holds_ed25519(key: Key, signature: bytes, message: bytes) -> bool:
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError as error:
        raise refuse(UsageError, "anchor.extra_missing", package="cryptography") from error
    try:
        Ed25519PublicKey.from_public_bytes(key.der[len(ED25519) :]).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _holds_sm2(program: str, der: bytes, signature: bytes, message: bytes) -> bool:
    """Ask openssl; what it reads lies in a temporary folder outside the run."""
    with tempfile.TemporaryDirectory(prefix="onedoor-") as name:
        parts = {"key": der, "signature": signature, "message": message}
        paths = {part: Path(name) / part for part in parts}
        for part, data in parts.items():
            paths[part].write_bytes(data)
        command = [program, "dgst", "-sm3", "-verify", str(paths["key"]), "-keyform", "DER"]
        command += ["-sigopt", f"distid:{SM2_USER}", "-signature", str(paths["signature"])]
        try:
            done = subprocess.run(  # noqa: S603 - a fixed command; the data are files we wrote
                [*command, str(paths["message"])], capture_output=True, check=False, timeout=SECONDS
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
    return done.returncode == 0


def _decoded(text: bytes) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
