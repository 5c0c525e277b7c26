"""Witnesses, judged: which signatures show that the commitment came before the entropy."""

import base64
import os
import random
import shutil
from pathlib import Path

import pytest
from verify.anchored import Campaign, again, codes
from witnessed import ORGANS, Witness, openssl

from scheduler.domain.canonical import sha256_hex
from scheduler.domain.errors import InputError, UsageError
from scheduler.verify import (
    keys,
    read_key,
    read_previous,
    statement,
)
from scheduler.verify.ledger import read_book


def test_two_organs_that_signed_before_the_entropy_prove_the_order(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path)
    for witness in campaign.witnesses:
        campaign.sign(witness)
    campaign.entropy()
    verdict = campaign.judged()
    assert verdict.order == "proven"
    assert codes(verdict) == ["anchor.two_witnesses"]
    assert verdict.reasons[0].params["organs"] == "、".join(ORGANS)


def test_the_ledger_may_be_brought_as_a_file_and_the_head_may_be_a_later_line(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path)
    for witness in campaign.witnesses:
        campaign.sign(witness)
    campaign.register(Witness("第三方", tmp_path))
    assert campaign.judged(previous=tmp_path / "earlier/ledger.jsonl").order == "proven"


def test_the_statement_is_the_documented_string() -> None:
    assert statement("c-1", "2026-01", "a" * 64) == b"onedoor-witness/1|c-1|2026-01|" + b"a" * 64


def test_without_any_anchor_the_order_is_unproven_and_says_so(tmp_path: Path) -> None:
    verdict = Campaign(tmp_path).judged()
    assert (verdict.order, codes(verdict)) == ("unproven", ["anchor.none"])


def test_signatures_prove_nothing_without_the_ledger_that_the_checker_brings(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path)
    for witness in campaign.witnesses:
        campaign.sign(witness)
    verdict = campaign.judged(previous=None)
    assert (verdict.order, codes(verdict)) == ("unproven", ["anchor.no_previous"])


def test_one_organ_is_too_few_even_if_it_signs_twice(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path)
    campaign.earlier.lines[-1]["facts"]["organ"] = f" {ORGANS[0]}"
    campaign.earlier.rechain()
    campaign = again(campaign, campaign.earlier.lines[-1]["hash"])
    first, second = campaign.witnesses
    campaign.sign(first)
    campaign.sign(second, organ=f" {ORGANS[0]}")
    verdict = campaign.judged()
    assert verdict.order == "unproven"
    assert codes(verdict) == ["anchor.too_few_witnesses", "anchor.organ_twice"]


@pytest.mark.parametrize(
    ("part", "value", "code"),
    [
        (1, b"small-2026-02", "anchor.other_campaign"),
        (2, b"2026-02", "anchor.other_slot"),
        (3, b"0" * 64, "anchor.other_plan"),
        (3, b"0" * 63, "anchor.statement_bad"),
        (0, b"onedoor-witness/2", "anchor.statement_bad"),
    ],
)
def test_a_statement_about_anything_else_is_named(tmp_path: Path, part: int, value: bytes, code: str) -> None:
    campaign = Campaign(tmp_path)
    parts = campaign.statement.split(b"|")
    parts[part] = value
    campaign.sign(campaign.witnesses[0], b"|".join(parts))
    campaign.sign(campaign.witnesses[1])
    verdict = campaign.judged()
    assert (verdict.order, codes(verdict)) == ("unproven", ["anchor.too_few_witnesses", code])


def test_a_line_feed_at_the_end_is_not_the_statement(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path)
    campaign.sign(campaign.witnesses[0], campaign.statement + b"\n")
    assert "anchor.statement_bad" in codes(campaign.judged())


def test_an_unregistered_organ_and_a_foreign_key_are_named(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path)
    stranger = Witness("无名局", tmp_path)
    campaign.sign(stranger)
    campaign.sign(stranger, organ=ORGANS[0])
    assert codes(campaign.judged())[1:] == ["anchor.key_unknown", "anchor.signature_wrong"]


def test_a_key_registered_after_the_head_that_the_plan_names_does_not_count(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path)
    late = Witness("晚到局", tmp_path)
    campaign.register(late)
    renewed = Witness("新钥", tmp_path)
    campaign.register(renewed, organ=ORGANS[0])
    campaign.sign(late)
    campaign.sign(renewed, organ=ORGANS[0])
    assert codes(campaign.judged())[1:] == ["anchor.key_late", "anchor.key_late"]


def test_one_key_registered_for_two_organs_counts_for_the_first_only(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path)
    campaign.register(campaign.witnesses[0], organ="另一局")
    campaign = again(campaign, campaign.earlier.lines[-1]["hash"])
    campaign.sign(campaign.witnesses[0])
    campaign.sign(campaign.witnesses[0], organ="另一局")
    assert codes(campaign.judged()) == ["anchor.too_few_witnesses", "anchor.key_unknown"]


def test_the_authority_of_the_campaign_is_no_witness_from_outside(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path, authority=ORGANS[0])
    for witness in campaign.witnesses:
        campaign.sign(witness)
    assert codes(campaign.judged()) == ["anchor.too_few_witnesses", "anchor.organ_inside"]


def test_a_signature_attached_after_the_entropy_does_not_count(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path)
    campaign.sign(campaign.witnesses[0])
    campaign.entropy()
    campaign.sign(campaign.witnesses[1])
    verdict = campaign.judged()
    assert (verdict.order, codes(verdict)) == ("unproven", ["anchor.too_few_witnesses", "anchor.late"])


def test_a_rehearsal_is_never_proven(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path, rehearsal=True)
    for witness in campaign.witnesses:
        campaign.sign(witness)
    verdict = campaign.judged()
    assert (verdict.order, codes(verdict)) == ("unproven", ["anchor.rehearsal", "anchor.two_witnesses"])


def test_another_ledger_a_broken_one_and_none_are_named(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path)
    campaign.sign(campaign.witnesses[0])
    campaign.writer("other", "other-1")
    assert codes(campaign.judged(previous=tmp_path / "other")) == ["anchor.previous_other"]
    assert codes(campaign.judged(previous=tmp_path / "nowhere")) == ["anchor.previous_missing"]
    ledger = tmp_path / "earlier/ledger.jsonl"
    ledger.write_bytes(ledger.read_bytes().replace(ORGANS[0].encode(), ORGANS[1].encode(), 1))
    assert codes(campaign.judged()) == ["anchor.previous_broken"]
    ledger.write_bytes(b"")
    assert codes(campaign.judged()) == ["anchor.previous_broken"]


def test_a_first_campaign_can_have_no_witnesses(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path, head="0" * 64)
    campaign.sign(campaign.witnesses[0])
    assert codes(campaign.judged()) == ["anchor.no_head"]


@pytest.mark.parametrize("name", ["signature.bin", "statement.txt"])
def test_a_changed_or_missing_file_of_an_anchor_is_named(tmp_path: Path, name: str) -> None:
    campaign = Campaign(tmp_path)
    for witness in campaign.witnesses:
        campaign.sign(witness)
    path = campaign.run / "anchor-002" / name
    path.write_bytes(path.read_bytes() + b"x")
    assert codes(campaign.judged()) == ["anchor.too_few_witnesses", "anchor.files_bad"]
    path.unlink()
    assert codes(campaign.judged()) == ["anchor.too_few_witnesses", "anchor.files_bad"]


def test_an_anchor_of_no_known_kind_is_named(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path)
    campaign.anchor({"kind": "oath"}, {"words.txt": b"I saw it"})
    verdict = campaign.judged()
    assert (verdict.order, codes(verdict)) == ("unproven", ["anchor.files_bad"])


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path)
    campaign.sign(campaign.witnesses[0])
    path = campaign.run / "anchor-001/signature.bin"
    path.unlink()
    os.mkfifo(path)
    assert codes(campaign.judged()) == ["anchor.too_few_witnesses", "anchor.files_bad"]


def test_an_anchors_line_in_the_wrong_place_breaks_the_ledger(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path)
    campaign.sign(campaign.witnesses[0])
    campaign.writer_of_run.lines.insert(2, campaign.writer_of_run.lines.pop())
    campaign.writer_of_run.rechain()
    assert [code for _, code in read_book(campaign.run).faults] == ["verify.ledger_order"]
    assert codes(campaign.judged()) == ["anchor.run_broken"]


def test_a_damaged_run_proves_nothing(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path)
    for witness in campaign.witnesses:
        campaign.sign(witness)
    campaign.plan_file.write_bytes(campaign.plan_file.read_bytes() + b"\n")
    assert codes(campaign.judged()) == ["anchor.run_broken"]


def test_random_damage_to_an_earlier_ledger_gives_coded_errors_only(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path)
    ledger = tmp_path / "earlier/ledger.jsonl"
    whole, dice = ledger.read_bytes(), random.Random(3)  # noqa: S311 - damage, not chance that counts
    for _ in range(200):
        data = bytearray(whole)
        for _ in range(dice.randint(1, 3)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        ledger.write_bytes(bytes(data)[: dice.randrange(len(data))])
        if ledger.read_bytes() == whole:
            continue
        with pytest.raises(InputError) as caught:
            read_previous(ledger, campaign.head)
        assert caught.value.problems[0].code.startswith("anchor.previous_")


# --- keys --------------------------------------------------------------------------------------------------


def test_a_key_is_read_from_pem_and_der_alike(tmp_path: Path) -> None:
    pem = Witness("局", tmp_path).key.read_bytes()
    der = base64.b64decode(b"".join(pem.split(b"\n")[1:-2]))
    assert read_key(pem, "") == read_key(der, "")
    assert read_key(der, "").sha256 == sha256_hex(der)


@pytest.mark.parametrize(
    "data", [b"", b"no key", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"]
)
def test_what_is_no_public_key_is_refused(data: bytes) -> None:
    with pytest.raises(InputError) as caught:
        read_key(data, "key.pem")
    assert caught.value.problems[0].code == "anchor.key_bad"
    assert caught.value.problems[0].place == {"file": "key.pem"}


def test_a_private_key_or_one_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path)
    openssl("pkey", "-in", path, "-pubout", "-out", tmp_path / "public.pem")
    for file in (path, tmp_path / "public.pem"):
        with pytest.raises(InputError, match=r"anchor\.key_bad"):
            read_key(file.read_bytes(), "")


def test_a_cut_or_changed_ed25519_signature_does_not_hold(tmp_path: Path) -> None:
    witness = Witness("局", tmp_path)
    key, signature = read_key(witness.key.read_bytes(), ""), witness.private.sign(b"words")
    assert keys.holds(key, signature, b"words")
    for wrong in (b"", signature[:-1], signature[::-1], bytes(64), signature + b"\0"):
        assert not keys.holds(key, wrong, b"words")
    assert not keys.holds(key, signature, b"words ")


def test_sm2_signatures_are_checked_by_the_openssl_program(tmp_path: Path) -> None:
    if not keys.sm2_program():
        pytest.skip("no openssl program that knows SM2")
    private, public = tmp_path / "sm2.pem", tmp_path / "sm2-public.pem"
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2", "-out", private)
    openssl("pkey", "-in", private, "-pubout", "-out", public)
    (tmp_path / "words").write_bytes(b"words")
    user = ("-sigopt", "distid:1234567812345678")
    signature = tmp_path / "signature"
    openssl("dgst", "-sm3", "-sign", private, *user, "-out", signature, tmp_path / "words")
    key = read_key(public.read_bytes(), "")
    assert key.algorithm == "sm2"
    assert keys.holds(key, signature.read_bytes(), b"words")
    assert not keys.holds(key, signature.read_bytes(), b"other words")
    assert not keys.holds(key, signature.read_bytes()[:-1], b"words")


def test_an_sm2_witness_counts_like_any_other(tmp_path: Path) -> None:
    if not keys.sm2_program():
        pytest.skip("no openssl program that knows SM2")
    campaign = Campaign(tmp_path)
    private, public, words = tmp_path / "sm2.pem", tmp_path / "sm2-public.pem", tmp_path / "words"
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2", "-out", private)
    openssl("pkey", "-in", private, "-pubout", "-out", public)
    key = read_key(public.read_bytes(), "")
    facts = {"algorithm": key.algorithm, "key": key.text, "organ": "青石县公证处"}
    campaign.earlier.line("witness", facts=facts)
    campaign = again(campaign, campaign.earlier.lines[-1]["hash"])
    words.write_bytes(campaign.statement)
    user = ("-sigopt", "distid:1234567812345678")
    openssl("dgst", "-sm3", "-sign", private, *user, "-out", tmp_path / "signature", words)
    files = {"signature.bin": (tmp_path / "signature").read_bytes(), "statement.txt": campaign.statement}
    campaign.anchor({"kind": "witness", "organ": "青石县公证处"}, files)
    campaign.sign(campaign.witnesses[0])
    assert campaign.judged().order == "proven"


def test_an_openssl_without_sm2_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    key = keys.key_of(keys.SM2 + bytes(64))
    assert key is not None
    with pytest.raises(UsageError, match=r"anchor\.sm2_missing"):
        keys.holds(key, b"", b"")
    false = tmp_path / "false"
    false.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    false.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda _name: str(false))
    assert not keys.sm2_program()
