"""Entropy, seed, tickets and tree of docs/draw-spec.md (§2, §3, §15), written from the page alone
by somebody who had not read scheduler/draw.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from draw.oracle_text import RefusedError, hash_bytes, hash_text, row_text

KINDS = ("secret", "ceremony", "drand")
HEXDIGITS = "0123456789abcdef"
GENESIS = 1692803367
PERIOD_S = 3
LAST_ROUND = 10**10
CHAIN = {
    "chain_hash": "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971",
    "public_key": "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c"
    "8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb"
    "5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a",
    "scheme": "bls-unchained-g1-rfc9380",
    "genesis": GENESIS,
    "period_s": PERIOD_S,
}

Settings = Mapping[str, Any]


def ceremony_bits(alphabet: str, length: int) -> int:
    """§2: floor(log2(a^length)), the highest bit of the integer counted from 0."""
    return int(len(alphabet) ** length).bit_length() - 1


def ceremony_faults(ceremony: Mapping[str, Any]) -> list[str]:
    """§2: what a committed ceremony must keep."""
    alphabet = ceremony["alphabet"]
    lawful = len(alphabet) >= 2 and len(set(alphabet)) == len(alphabet)
    if not lawful or any(not "!" <= c <= "~" or c == "|" for c in alphabet):
        return ["§2 ceremony alphabet"]
    return [] if 1 <= ceremony["length"] <= 4096 else ["§2 ceremony length"]


def beacon_faults(drand: Mapping[str, Any]) -> list[str]:
    """§2: the one known chain, a round from 1 to 10^10."""
    faults = [] if drand["chain_hash"] == CHAIN["chain_hash"] else ["§2 unknown chain"]
    return faults if 1 <= drand["round"] <= LAST_ROUND else [*faults, "§2 round"]


def beacon_time(round_number: int) -> int:
    """§2: Unix time at which a round is signed; for a real campaign later than the sealing of the plan."""
    return GENESIS + (round_number - 1) * PERIOD_S


def public_bits(settings: Settings) -> int:
    """§2: the bits of the sources that come after the commitment."""
    sources = settings["entropy"]["sources"]
    ceremony = settings["ceremony"]
    return ("ceremony" in sources and ceremony_bits(ceremony["alphabet"], ceremony["length"])) + (
        128 if "drand" in sources else 0
    )


def entropy_faults(settings: Settings) -> list[str]:
    """§2: what the committed sources are refused for."""
    sources = list(settings["entropy"]["sources"])
    if not sources or sources != [kind for kind in KINDS if kind in sources]:
        return ["§2 sources are not some of the three, in order, each once"]
    faults = ceremony_faults(settings["ceremony"]) if "ceremony" in sources else []
    faults += beacon_faults(settings["drand"]) if "drand" in sources else []
    if sources == ["drand"]:
        faults.append("§2 the beacon alone")
    if not faults and public_bits(settings) < 64:
        faults.append("§2 under 64 bits")
    return faults


def entropy_entries(settings: Settings, commitment: str = "") -> list[dict[str, Any]]:
    """§2: `plan.entropy`; `commitment` is the secret's, where there is one."""
    ceremony = settings["ceremony"]
    digits = {"alphabet": HEXDIGITS, "order": ""}
    entries = {
        "secret": digits | {"length": 64, "min_entropy_bits": 256, "secret_commitment": commitment},
        "ceremony": {key: ceremony[key] for key in ("alphabet", "length", "order")},
        "drand": digits
        | {"length": 96, "min_entropy_bits": 128, "round": settings["drand"]["round"]}
        | CHAIN,
    }
    if "ceremony" in settings["entropy"]["sources"]:
        entries["ceremony"]["min_entropy_bits"] = ceremony_bits(ceremony["alphabet"], ceremony["length"])
    entries["drand"]["round"] = settings["drand"]["round"]
    return [{"kind": kind} | entries[kind] for kind in settings["entropy"]["sources"]]


def secret_commitment(secret: str, profile: str) -> str:
    """§2: what the plan holds of the secret."""
    return hash_text("onedoor-secret-commit|" + secret, profile)


def read_secret(text: str, commitment: str, profile: str) -> str:
    """§2: a text whose commitment is not the plan's is refused."""
    if secret_commitment(text, profile) != commitment:
        raise RefusedError("§2 another secret than the committed one")
    return text


def read_ceremony(text: str, ceremony: Mapping[str, Any]) -> str:
    """§2: one line end is dropped, nothing else; exactly `length` characters of the alphabet."""
    told = text.removesuffix("\n").removesuffix("\r") if text.endswith("\n") else text
    if len(told) != ceremony["length"] or not set(told) <= set(ceremony["alphabet"]):
        raise RefusedError("§2 ceremony text")
    return told


def read_beacon(text: str, committed_round: int) -> str:
    """§2: the signature in a beacon's file, as far as its form goes; the curve is in draw.oracle_beacon."""
    found = json.loads(text)
    signature = str(found["signature"])
    if found["round"] != committed_round or not re.fullmatch("[0-9a-f]{96}", signature):
        raise RefusedError("§2 beacon file")
    if "randomness" in found and found["randomness"] != hashlib.sha256(bytes.fromhex(signature)).hexdigest():
        raise RefusedError("§2 randomness")
    return signature


def seed_text(settings: Settings, given: Mapping[str, str]) -> str:
    """§2: the lines of draw/seed.txt, from what each source of the plan gave."""
    lines = {
        "spec": "onedoor-draw/1",
        "profile": settings["profile"],
        "campaign": settings["campaign_id"],
        "slot": settings["slot"],
    }
    lines |= {kind: given[kind] for kind in KINDS if kind in settings["entropy"]["sources"]}
    return "".join(f"{key}={value}\n" for key, value in lines.items())


def seed_of(settings: Settings, given: Mapping[str, str]) -> str:
    """§2: the hash of draw/seed.txt."""
    return hash_text(seed_text(settings, given), settings["profile"])


def seed_commitment(seed: str, profile: str) -> str:
    """§2: what is published of the seed before the close."""
    return hash_text("onedoor-seed-commit|" + seed, profile)


def ticket(seed: str, role: str, group: str, ident: str, profile: str) -> str:
    """§3: hash(seed|role|group|id)."""
    return hash_text(f"{seed}|{role}|{group}|{ident}", profile)


def ranked(tickets: Mapping[str, str]) -> list[str]:
    """§3: the ids by ticket, smallest first; equal tickets are refused."""
    if len(set(tickets.values())) != len(tickets):
        raise RefusedError("§3 equal tickets")
    return sorted(tickets, key=tickets.__getitem__)


def pair_ticket(seed: str, settings: Settings, enterprise_id: str, who: str) -> str:
    """§3 and the page of the pair cap: the P-ticket of an enterprise with an inspector or a fixed group."""
    return ticket(seed, "P", settings["campaign_id"], f"{enterprise_id}:{who}", settings["profile"])


def is_admitted(pair: str, cap_permille: int) -> bool:
    """The page of the pair cap: 1000 * ticket < cap_permille * 2^256."""
    return 1000 * int(pair, 16) < cap_permille * 2**256


def lottery_weight(seed: str, settings: Settings, enterprise_id: str, person_id: str) -> int:
    """§3 and the page of the lottery: the first three digits of the W-ticket, 0 to 4095."""
    found = ticket(seed, "W", settings["campaign_id"], f"{enterprise_id}:{person_id}", settings["profile"])
    return int(found[:3], 16)


def rehearsal_key(campaign_id: str, profile: str) -> str:
    """§15: the frame key of a rehearsal that was given none."""
    return hash_text("onedoor-frame-key|rehearsal|" + campaign_id, profile)


def salt(frame_key: str, enterprise_id: str, profile: str) -> str:
    """§15: the salt of one row."""
    return hash_text(f"onedoor-salt|{frame_key}|{enterprise_id}", profile)


def leaf(cells: Sequence[str], frame_key: str, profile: str) -> bytes:
    """§15: H(0x00, row|salt), the enterprise's id being the first cell."""
    salted = row_text(cells) + "|" + salt(frame_key, cells[0], profile)
    return hash_bytes(b"\0" + salted.encode(), profile)


def split_at(size: int) -> int:
    """RFC 9162 §2.1.1: the largest power of two below size, for size > 1."""
    return 1 << ((size - 1).bit_length() - 1)


def tree_root(leaves: Sequence[bytes], profile: str) -> bytes:
    """§15, RFC 9162 §2.1.1: the root over leaf digests; of no leaves hash("")."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else hash_bytes(b"", profile)
    k = split_at(len(leaves))
    return hash_bytes(b"\1" + tree_root(leaves[:k], profile) + tree_root(leaves[k:], profile), profile)


def tree_path(leaves: Sequence[bytes], index: int, profile: str) -> list[bytes]:
    """§15, RFC 9162 §2.1.3.1: the siblings of a leaf from the leaf upwards."""
    if len(leaves) <= 1:
        return []
    k = split_at(len(leaves))
    if index < k:
        return [*tree_path(leaves[:k], index, profile), tree_root(leaves[k:], profile)]
    return [*tree_path(leaves[k:], index - k, profile), tree_root(leaves[:k], profile)]


def path_holds(
    found: bytes, index: int, size: int, path: Sequence[bytes], root: bytes, *, profile: str
) -> bool:
    """§15, RFC 9162 §2.1.3.2: whether a leaf's path leads to the root of a tree of `size` leaves."""
    fn, sn = index, size - 1
    if index >= size:
        return False
    for sibling in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            found = hash_bytes(b"\1" + sibling + found, profile)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            found = hash_bytes(b"\1" + found + sibling, profile)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and found == root
