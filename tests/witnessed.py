"""Witnesses, an earlier run and a time stamp authority, for tests of proofs from outside."""

import datetime as dt
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from small_files import write_small

from scheduler import pipeline

ORGANS = ("青石县司法局", "青石县审计局")


class Witness:
    """An organ with an Ed25519 key of its own."""

    def __init__(self, organ: str, folder: Path) -> None:
        self.organ = organ
        self.private = Ed25519PrivateKey.generate()
        self.key = folder / f"{organ}.pem"
        self.key.write_bytes(
            self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        )

    def signed(self, statement: bytes) -> Path:
        """The file of a signature over the statement."""
        path = self.key.with_suffix(".bin")
        path.write_bytes(self.private.sign(statement))
        return path


def imported(folder: Path) -> Path:
    """A run with its intake sealed: enough of an earlier campaign to register keys in."""
    run = folder / "earlier"
    pipeline.import_campaign(write_small(folder / "earlier-input", campaign_id="small-2025-12"), run)
    return run


def head(run: Path) -> str:
    """The hash of a ledger's last line."""
    return str((run / "ledger.jsonl").read_text(encoding="utf-8").splitlines()[-1].split('"hash":"')[1][:64])


def committed(folder: Path, previous_head: str = "", *, at: str = "", rehearsal: bool = False) -> Path:
    """A run of a campaign that names an earlier head and a time of its ceremony, as far as the plan."""
    source = write_small(folder / "input", rehearsal=rehearsal)
    text = source.read_text(encoding="utf-8")
    if previous_head:
        text = text.replace("[campaign]\n", f'[campaign]\nprevious_head = "{previous_head}"\n')
    if at:
        line = f'at = "{at}"\n'
        text = (
            text.replace("[ceremony]\n", f"[ceremony]\n{line}")
            if rehearsal
            else f"{text}\n[ceremony]\n{line}"
        )
    source.write_text(text, encoding="utf-8")
    run = folder / "run"
    pipeline.import_campaign(source, run)
    pipeline.commit(run)
    return run


def statement(run: Path) -> bytes:
    """What a witness of this run is asked to sign."""
    return pipeline.anchor_request(run).statement.encode()


def openssl(*words: str | Path) -> None:
    """Run the openssl program; the test is skipped by name where there is none."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("no openssl program here")
    subprocess.run([program, *map(str, words)], check=True, capture_output=True)


CONFIG = """
[tsa]
default_tsa = own
[own]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512, sm3, sha3-256
accuracy = secs:1
ess_cert_id_alg = sha256
"""


class Authority:
    """A time stamp authority with a root of its own; openssl gives the stamps."""

    def __init__(self, folder: Path, *, since: int = -1, until: int = 30) -> None:
        """``since`` and ``until`` bound the root's validity, in days from today."""
        folder.mkdir()
        self.folder = folder
        self.config = folder / "tsa.cnf"
        self.config.write_text(CONFIG.format(folder=folder), encoding="utf-8")
        (folder / "serial").write_text("01\n", encoding="utf-8")
        self.root = folder / "root.pem"
        root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        root = _certificate("Test root", root_key, "Test root", root_key, since, until)
        signer = _certificate("Test stamps", key, "Test root", root_key, -1, 30)
        self.root.write_bytes(root.public_bytes(Encoding.PEM))
        (folder / "signer.pem").write_bytes(signer.public_bytes(Encoding.PEM))
        (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    def stamp(self, data: Path, *options: str) -> Path:
        """The response to a request over a file."""
        query = self.folder / "plan.tsq"
        openssl("ts", "-query", "-data", data, *(options or ("-sha256", "-cert")), "-out", query)
        return self.answered(query)

    def answered(self, query: Path) -> Path:
        """The response to a request."""
        response = self.folder / "plan.tsr"
        openssl(
            *("ts", "-reply", "-queryfile", query, "-signer", self.folder / "signer.pem"),
            *("-inkey", self.folder / "key.pem", "-config", self.config, "-out", response),
        )
        return response


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    since: int,
    until: int,
) -> x509.Certificate:
    """A root's certificate, or that of somebody who may give time stamps."""
    today = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today + dt.timedelta(days=since))
        .not_valid_after(today + dt.timedelta(days=until))
    )
    if name == issuer:
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    else:
        use = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        made = made.add_extension(use, critical=True)
    return made.sign(issuer_key, hashes.SHA256())


def hours_from_now(hours: int) -> str:
    """A time for a ceremony, as campaign.toml writes it."""
    return (dt.datetime.now(dt.UTC) + dt.timedelta(hours=hours)).isoformat(timespec="seconds")
