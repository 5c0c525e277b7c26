"""A run with proofs from outside, written without the pipeline."""

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

from finished import finished
from small import settings
from verify.folders import Writer
from witnessed import ORGANS, Witness

from scheduler.domain.beacons import QUICKNET
from scheduler.domain.canonical import sha256_hex
from scheduler.domain.codec import to_json
from scheduler.domain.plan import EntropySource, Plan
from scheduler.verify import (
    OrderVerdict,
    read_key,
    statement,
    verify_order,
)

LATER, BEFORE = "2099-01-01T09:00:00+08:00", "2020-01-01T09:00:00+08:00"


def beacon(at: dt.datetime) -> EntropySource:
    """A source whose round is signed at about that time."""
    number = (int(at.timestamp()) - QUICKNET.genesis) // QUICKNET.period_s + 1
    return EntropySource(
        kind="drand",
        alphabet="0123456789abcdef",
        length=96,
        order="",
        min_entropy_bits=128,
        chain_hash=QUICKNET.chain_hash,
        round=number,
    )


class Campaign:
    """An earlier ledger with two witnesses' keys, and a run whose plan names its head."""

    def __init__(self, folder: Path, **changes: Any) -> None:
        self.folder = folder
        self.witnesses = [Witness(organ, folder) for organ in ORGANS]
        self.earlier = self.writer("earlier", "small-2025-12")
        self.register(*self.witnesses)
        self.head = changes.pop("head", self.earlier.lines[-1]["hash"])
        entropy = changes.pop("entropy", None)
        self.plan: Plan = finished()["plan"]
        said = settings(**{"rehearsal": False, "previous_head": self.head, **changes})
        self.plan = replace(self.plan, settings=said, entropy=entropy or self.plan.entropy)
        self.run = folder / "run"
        self.writer_of_run = self.writer("run", said.campaign_id)
        (self.run / "plan").mkdir()
        self.plan_file.write_bytes(to_json(self.plan))
        self.writer_of_run.line("stage", "plan", facts={})

    @property
    def plan_file(self) -> Path:
        return self.run / "plan/plan.json"

    @property
    def statement(self) -> bytes:
        said = self.plan.settings
        return statement(said.campaign_id, said.slot, sha256_hex(self.plan_file.read_bytes()))

    def writer(self, name: str, campaign_id: str) -> Writer:
        run = self.folder / name
        (run / "intake").mkdir(parents=True)
        (run / "intake/settings.json").write_bytes(b"{}\n")
        made = Writer(run)
        made.line("open", facts={"campaign_id": campaign_id})
        made.line("stage", "intake", facts={})
        return made

    def register(self, *witnesses: Witness, organ: str = "") -> None:
        for witness in witnesses:
            key = read_key(witness.key.read_bytes(), "")
            facts = {"algorithm": key.algorithm, "key": key.text, "organ": organ or witness.organ}
            self.earlier.line("witness", facts=facts)

    def anchor(self, facts: dict[str, str], files: dict[str, bytes]) -> None:
        number = 1 + sum(line["kind"] == "anchor" for line in self.writer_of_run.lines)
        stage = f"anchor-{number:03d}"
        (self.run / stage).mkdir()
        for name, data in files.items():
            (self.run / stage / name).write_bytes(data)
        self.writer_of_run.line("anchor", stage, facts=facts)

    def sign(self, witness: Witness, said: bytes = b"", *, organ: str = "") -> None:
        said = said or self.statement
        files = {"signature.bin": witness.private.sign(said), "statement.txt": said}
        self.anchor({"kind": "witness", "organ": organ or witness.organ}, files)

    def entropy(self) -> None:
        self.writer_of_run.line("entropy", facts={"seed_commitment": "c" * 64})

    def judged(self, **brought: Any) -> OrderVerdict:
        return verify_order(self.run, **{"previous": self.folder / "earlier", **brought})


def codes(verdict: OrderVerdict) -> list[str]:
    return [problem.code for problem in verdict.reasons]


def again(campaign: Campaign, head: str) -> Campaign:
    """The same campaign with a plan that names another head."""
    campaign.plan = replace(campaign.plan, settings=replace(campaign.plan.settings, previous_head=head))
    campaign.plan_file.write_bytes(to_json(campaign.plan))
    campaign.writer_of_run.lines.pop()
    campaign.writer_of_run.line("stage", "plan", facts={})
    return campaign
