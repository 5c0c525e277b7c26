"""The two profiles of the hash (散列): SHA-256 and SM3, whole or in pieces, under one shape.

In: bytes, the plan's profile. Out: digests of 32 bytes, or 64 lower-case hexadecimal digits. May import: the
standard library. SM3 (GB/T 32905-2016) is OpenSSL's where Python has it; elsewhere it is :class:`Sm3` below,
in plain Python, so that a machine without it can still verify a run. The tests hold the two together.
"""

import copy
import hashlib
import struct
from functools import partial
from pathlib import Path
from typing import Final, Literal, Protocol, Self

Profile = Literal["sha256", "sm3"]
"""Which hash a campaign uses, everywhere (docs/draw-spec.md §1)."""

PROFILES: Final[tuple[Profile, ...]] = ("sha256", "sm3")
HASH_NAMES: Final[dict[Profile, str]] = {"sha256": "SHA-256", "sm3": "SM3"}
HASH_PROGRAMS: Final[dict[Profile, str]] = {"sha256": "sha256sum", "sm3": "openssl dgst -sm3 -r"}
"""What prints the digest of its input, digits first."""

BLOCK_BYTES = 64
"""Both hashes take 64 bytes at a time: a seed in hexadecimal digits fills exactly one block."""

PIECE_BYTES = 1 << 18
"""So much of a file is held at a time."""


class Hash(Protocol):
    """A hash that has read some bytes; what :mod:`hashlib` gives, too."""

    def update(self, data: bytes, /) -> None:
        """Read more bytes."""
        ...

    def copy(self) -> Self:
        """The same state once more, to go on from it in another way."""
        ...

    def digest(self) -> bytes:
        """The 32 bytes of all that was read."""
        ...

    def hexdigest(self) -> str:
        """The same in 64 lower-case hexadecimal digits."""
        ...


class NewHash(Protocol):
    """Starts a hash, with some bytes read already."""

    def __call__(self, data: bytes = b"", /) -> Hash:
        """The hash of these bytes, open for more."""
        ...


def hasher(profile: Profile) -> NewHash:
    """What starts a hash of this profile; take it once where many hashes are started."""
    if profile == "sha256":
        return hashlib.sha256
    try:
        hashlib.new("sm3")
    except ValueError:  # an OpenSSL without SM3, or one that is told to refuse it
        return Sm3
    return partial(hashlib.new, "sm3")


def digest_hex(data: bytes, profile: Profile) -> str:
    """The digest in 64 lower-case hexadecimal digits."""
    return hasher(profile)(data).hexdigest()


def file_digest(path: Path, profile: Profile) -> str:
    """The digest of a file's bytes, read in pieces."""
    state = hasher(profile)()
    with path.open("rb") as stream:
        while piece := stream.read(PIECE_BYTES):
            state.update(piece)
    return state.hexdigest()


def profile_named(name: object) -> Profile | None:
    """The profile of this name, None where no profile has it."""
    return next((profile for profile in PROFILES if profile == name), None)


_START = (
    0x7380166F,
    0x4914B2B9,
    0x172442D7,
    0xDA8A0600,
    0xA96F30BC,
    0x163138AA,
    0xE38DEE4D,
    0xB0FB0E4E,
)  # GB/T 32905-2016, 4.1
_ALL = 0xFFFFFFFF


def _turned(word: int, places: int) -> int:
    """A word of 32 bits turned left."""
    places %= 32
    return ((word << places) | (word >> (32 - places))) & _ALL


_CONSTANTS = tuple(_turned(0x79CC4519 if step < 16 else 0x7A879D8A, step) for step in range(64))
"""The constants of the 64 steps, turned as 5.3.3 asks."""


class Sm3:
    """SM3 in plain Python (GB/T 32905-2016): slow, and the same as OpenSSL's in every digest."""

    def __init__(self, data: bytes = b"", /) -> None:
        self._state: tuple[int, ...] = _START
        self._rest = b""
        self._n_read = 0
        self.update(data)

    def update(self, data: bytes, /) -> None:
        """Read more bytes."""
        self._n_read += len(data)
        joined = self._rest + bytes(data)
        whole = len(joined) - len(joined) % BLOCK_BYTES
        for first in range(0, whole, BLOCK_BYTES):
            self._state = _compressed(self._state, joined[first : first + BLOCK_BYTES])
        self._rest = joined[whole:]

    def copy(self) -> Self:
        """The same state once more."""
        return copy.copy(self)  # a state is three values that never change in place

    def digest(self) -> bytes:
        """The 32 bytes of all that was read: a one, zeros, and the length in bits fill the last block."""
        zeros = -(len(self._rest) + 9) % BLOCK_BYTES
        last = self._rest + b"\x80" + bytes(zeros) + struct.pack(">Q", 8 * self._n_read)
        state = self._state
        for first in range(0, len(last), BLOCK_BYTES):
            state = _compressed(state, last[first : first + BLOCK_BYTES])
        return struct.pack(">8I", *state)

    def hexdigest(self) -> str:
        """The digest in 64 lower-case hexadecimal digits."""
        return self.digest().hex()


def _compressed(state: tuple[int, ...], block: bytes) -> tuple[int, ...]:
    """The compression function of 5.3.3 over one block; the letters are the standard's."""
    words = _expanded(block)
    a, b, c, d, e, f, g, h = state
    for step, constant in enumerate(_CONSTANTS):
        turned = _turned(a, 12)
        ss1 = _turned((turned + e + constant) & _ALL, 7)
        if step < 16:
            ff, gg = a ^ b ^ c, e ^ f ^ g
        else:
            ff, gg = (a & b) | (a & c) | (b & c), (e & f) | (~e & g)
        tt1 = (ff + d + (ss1 ^ turned) + (words[step] ^ words[step + 4])) & _ALL
        tt2 = (gg + h + ss1 + words[step]) & _ALL
        a, b, c, d = tt1, a, _turned(b, 9), c
        e, f, g, h = tt2 ^ _turned(tt2, 9) ^ _turned(tt2, 17), e, _turned(f, 19), g
    return tuple(old ^ new for old, new in zip(state, (a, b, c, d, e, f, g, h), strict=True))


def _expanded(block: bytes) -> list[int]:
    """The 68 words of 5.3.2."""
    words = list(struct.unpack(">16I", block))
    for step in range(16, 68):
        mixed = words[step - 16] ^ words[step - 9] ^ _turned(words[step - 3], 15)
        mixed ^= _turned(mixed, 15) ^ _turned(mixed, 23)
        words.append(mixed ^ _turned(words[step - 13], 7) ^ words[step - 6])
    return words
