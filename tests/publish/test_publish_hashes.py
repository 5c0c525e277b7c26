"""The pages' own SHA-256 and SM3, run in a real browser that may ask for nothing from a network."""

import hashlib
import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, PackageLoader, StrictUndefined

from scheduler.domain.hashes import PROFILES, Profile, Sm3

SCRIPT = Path(__file__).parents[2] / "scheduler" / "publish" / "templates" / "hashes.js"

VECTORS: dict[Profile, dict[bytes, str]] = {
    "sha256": {
        b"abc": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq": (
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        b"": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    },
    "sm3": {
        b"abc": "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
        b"abcd" * 16: "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",
        b"": "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b",
    },
}
"""FIPS 180-4's examples (csrc.nist.gov), those of GB/T 32905-2016, appendix A, and both hashes of nothing."""

OF_MANY = "([profile, texts]) => texts.map((hex) => onedoorHashes[profile](Uint8Array.from(\
hex.match(/../g) ?? [], (pair) => parseInt(pair, 16))))"


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    """An empty page that holds the script; every request would fail the test."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("no chromium here")
    arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    asked: list[str] = []
    with sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=arguments)
        opened = browser.new_page()
        opened.route("**/*", lambda route: (asked.append(route.request.url), route.abort()))
        opened.set_content("<!DOCTYPE html><title>hashes</title>")
        opened.add_script_tag(content=SCRIPT.read_text(encoding="utf-8"))
        yield opened
        browser.close()
    assert asked == []


def in_browser(page: Any, profile: Profile, texts: list[bytes]) -> list[str]:
    told: list[str] = page.evaluate(OF_MANY, [profile, [text.hex() for text in texts]])
    return told


def due(profile: Profile, text: bytes) -> str:
    return (hashlib.sha256(text) if profile == "sha256" else Sm3(text)).hexdigest()


@pytest.mark.parametrize("profile", PROFILES)
def test_the_pages_hashes_give_the_standards_examples(page: Any, profile: Profile) -> None:
    vectors = VECTORS[profile]
    assert in_browser(page, profile, list(vectors)) == list(vectors.values())


@pytest.mark.parametrize("profile", PROFILES)
def test_the_pages_hashes_are_pythons_at_every_length_up_to_200_bytes(page: Any, profile: Profile) -> None:
    dice = random.Random(7)  # noqa: S311 - a test's bytes decide nothing
    texts = [dice.randbytes(size) for size in range(201)]
    assert in_browser(page, profile, texts) == [due(profile, text) for text in texts]


@pytest.mark.parametrize("profile", PROFILES)
def test_a_ticket_of_chinese_text_is_the_one_of_the_house(page: Any, profile: Profile) -> None:
    text = f"{'5eed' * 16}|I|expert:电气|EX1"
    ticket = page.evaluate(
        "([profile, text]) => onedoorHashes[profile](new TextEncoder().encode(text))", [profile, text]
    )
    assert ticket == due(profile, text.encode())


@pytest.mark.parametrize("profile", PROFILES)
def test_a_longer_text_of_many_blocks_is_hashed_whole(page: Any, profile: Profile) -> None:
    text = bytes(range(256)) * 1024
    assert in_browser(page, profile, [text]) == [due(profile, text)]


@pytest.mark.parametrize("wrong", ['"abc"', "[97]", "null", "undefined"])
def test_what_is_not_bytes_is_refused(page: Any, wrong: str) -> None:
    for profile in PROFILES:
        tried = f"try {{ return onedoorHashes.{profile}({wrong}); }} catch (error) {{ return error.name; }}"
        told = page.evaluate(f"() => {{ {tried} }}")
        assert told == "TypeError"


def test_the_names_are_those_of_the_profiles_and_cannot_be_changed(page: Any) -> None:
    assert page.evaluate("() => Object.keys(onedoorHashes)") == list(PROFILES)
    assert page.evaluate("() => Object.isFrozen(onedoorHashes)")


def test_the_script_comes_through_the_templates_as_it_stands() -> None:
    environment = Environment(
        loader=PackageLoader("scheduler.publish"), autoescape=True, undefined=StrictUndefined
    )
    script = SCRIPT.read_text(encoding="utf-8")
    assert environment.get_template("hashes.js").render() == script.removesuffix("\n")
    assert "</" not in script
    assert script.isascii()
