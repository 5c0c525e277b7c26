"""Pages with names that mean harm, with nothing in them, and with very much in them, in a real browser."""

import hashlib
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browser import DESKTOP, PHONE, opened, running
from finished import CEREMONY_TEXT, SEED, finished

from scheduler.domain.close import Reveal
from scheduler.domain.plan import EntropySource
from scheduler.publish import close_pages, commit_pages, pages
from scheduler.publish.outputs import MOST_OPEN

NAMES = (
    "</script><img src=x onerror=alert(1)><b>青石</b>",
    "\u202e青石\u202c \u2066反\u2069\u200f🍜👩‍🍳\ue000\U000f0000",
    "长" * 300,
    "{seed} {{ seed }} ${seed} &lt;b&gt;",
)

SIGNATURE = "b7" * 48


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with running() as started:
        yield started


def written(folder: Path, case: dict[str, Any]) -> Path:
    """All pages of the case; returns the folder."""
    reveal = Reveal(
        campaign_id=case["plan"].settings.campaign_id,
        slot="2026-01",
        attempt=1,
        plan_sha256=case["certificate"].plan_sha256,
        voided=False,
        drawn=True,
        seed_text=f"a seed text with {CEREMONY_TEXT}",
        seed=SEED,
        secret="",
    )
    names = ("plan", "draw", "merged", "certificate", "registers")
    out = {
        **commit_pages(case["plan"], reveal.plan_sha256, case["registers"], ()),
        **pages(**{name: case[name] for name in names}),
        **close_pages(case["plan"], reveal, case["draw"], case["registers"], {}),
    }
    for name, data in out.items():
        (folder / name).write_bytes(data)
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_means_harm_is_shown_as_text_and_breaks_nothing(
    browser: Any, name: str, tmp_path: Path
) -> None:
    case = finished()
    known = case["registers"]
    case["registers"] = replace(
        known,
        enterprises=tuple(replace(row, name=name) for row in known.enterprises),
        tasks=tuple(replace(row, name=name) for row in known.tasks),
    )
    case["plan"] = replace(case["plan"], settings=replace(case["plan"].settings, name=name, authority=name))
    folder = written(tmp_path, case)
    for file in ("commit.html", "draw.html", "close.html"):
        with opened(browser, folder / file, size=PHONE) as page:
            assert page.evaluate("document.querySelector('h1').textContent") == name
            assert page.locator("main img, main b").count() == 0
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
            if file == "close.html":
                page.fill("#ask-code", "E04")
                page.click("#check-form button")
                page.wait_for_selector("#check-result table")
                assert page.locator("#check-result bdi").first.text_content() == name
                assert page.locator("#check-result img, #check-result b").count() == 0
                assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


def test_a_campaign_without_draws_has_pages_that_open_and_answer(browser: Any, tmp_path: Path) -> None:
    case = finished()
    case["plan"] = replace(case["plan"], strata=(), pools=())
    case["draw"] = replace(case["draw"], enterprises=(), cutoffs=(), people=())
    folder = written(tmp_path, case)
    for file in ("commit.html", "draw.html"):
        with opened(browser, folder / file) as page:
            assert page.is_visible("#paper")
    with opened(browser, folder / "close.html") as page:
        page.fill("#ask-code", "E04")
        page.click("#check-form button")
        page.wait_for_function("() => document.querySelector('#check-result').innerText.includes('没有符合')")


def test_of_many_tasks_each_opens_on_demand_and_on_paper_all_do(browser: Any, tmp_path: Path) -> None:
    case = finished()
    task, stratum = case["registers"].tasks[0], case["plan"].strata[0]
    names = [f"T-{n:03d}" for n in range(MOST_OPEN + 1)]
    tasks = tuple(replace(task, task_id=name, name=f"任务{name}") for name in names)
    strata = tuple(
        replace(stratum, task_id=name, stratum_id=f"{name}/ABCD", group=f"task:{name}") for name in names
    )
    case["registers"] = replace(case["registers"], tasks=tasks)
    case["plan"] = replace(case["plan"], strata=strata)
    cutoffs = tuple(
        replace(case["draw"].cutoffs[0], stratum_id=row.stratum_id, cutoff=sign * 64)
        for row, sign in zip(strata, "00f000", strict=True)
    )
    drawn = tuple(
        replace(row, task_id=names[0], stratum_id=strata[0].stratum_id)
        for row in case["draw"].enterprises[:12]
    )
    case["draw"] = replace(case["draw"], cutoffs=cutoffs, enterprises=drawn)
    folder = written(tmp_path, case)
    for file, parts in (("commit.html", 6), ("draw.html", 6), ("close.html", 7)):
        with opened(browser, folder / file, size=PHONE) as page:
            assert page.locator("details.task").count() == parts
            assert page.locator(".stratum").first.is_hidden()
            assert "3 / 12" in page.inner_text("details.task summary >> nth=-1")
            page.evaluate("dispatchEvent(new Event('beforeprint'))")
            assert page.locator(".stratum").last.is_visible()
    with opened(browser, folder / "close.html") as page:
        page.fill("#ask-code", "E04")
        page.click("#check-form button")
        page.wait_for_selector("#check-result table")
        assert "T-002" in page.locator("#check-result table").first.inner_text()
        folded = page.locator("#check-result details.task > summary").all_inner_texts()
        assert folded == [f"任务{name}：无论属于哪一层都未抽中" for name in names if name != "T-002"]


def test_of_many_strata_the_nearest_are_listed_and_the_rest_counted(browser: Any, tmp_path: Path) -> None:
    case = finished()
    first, cutoff = case["plan"].strata[0], case["draw"].cutoffs[0]
    names = [f"T-fire/{n:06d}/ABCD" for n in range(1_000)]
    strata = [replace(first, stratum_id=one, district=one[7:13]) for one in names]
    cutoffs = [replace(cutoff, stratum_id=one) for one in names]
    case["plan"] = replace(case["plan"], strata=tuple(strata))
    drawn = tuple(replace(row, stratum_id=names[0]) for row in case["draw"].enterprises[:12])
    case["draw"] = replace(case["draw"], cutoffs=tuple(cutoffs), enterprises=drawn)
    folder = written(tmp_path, case)
    with opened(browser, folder / "close.html", size=DESKTOP) as page:
        page.fill("#ask-code", "E04")
        page.click("#check-form button")
        page.wait_for_selector("#check-result table")
        assert page.locator("#check-result tbody tr").count() == 300
        assert "另有 700 层未列出" in page.inner_text("#check-result")
        page.select_option("#ask-district", "000007")
        page.click("#check-form button")
        page.wait_for_function("() => document.querySelectorAll('#check-result tbody tr').length === 1")
        assert "T-fire/000007/ABCD" in page.inner_text("#check-result")


def test_a_plan_with_ceremony_and_beacon_asks_for_both(browser: Any, tmp_path: Path) -> None:
    case = finished()
    plan = case["plan"]
    beacon = EntropySource(
        kind="drand",
        alphabet="0123456789abcdef",
        length=96,
        order="",
        min_entropy_bits=128,
        chain_hash="5" * 64,
        genesis=1_692_803_367,
        period_s=3,
        round=123,
    )
    case["plan"] = replace(plan, entropy=(*plan.entropy, beacon))
    said = plan.settings
    text = (
        f"spec={plan.spec}\nprofile=sha256\ncampaign={said.campaign_id}\nslot={said.slot}\n"
        f"ceremony={CEREMONY_TEXT}\ndrand={SIGNATURE}\n"
    )
    seed = hashlib.sha256(text.encode()).hexdigest()
    commitment = hashlib.sha256(f"onedoor-seed-commit|{seed}".encode()).hexdigest()
    case["draw"] = replace(case["draw"], seed_commitment=commitment)
    case["certificate"] = replace(case["certificate"], seed_commitment=commitment)
    folder = written(tmp_path, case)
    with opened(browser, folder / "draw.html") as page:
        assert "2023-08-23 15:15:33 UTC" in page.inner_text("#paper")
        page.fill("[data-source=ceremony]", CEREMONY_TEXT)
        page.fill("#ask-code", "E04")
        page.click("#check-form button")
        page.wait_for_function("() => document.querySelector('#check-result').innerText.includes('96')")
        page.fill("[data-source=drand]", SIGNATURE)
        page.click("#check-form button")
        page.wait_for_selector("#check-result table")
        ticket = hashlib.sha256(f"{seed}|E|group:G1|E04".encode()).hexdigest()
        assert page.locator("p.ticket").first.text_content() == ticket
    with opened(browser, folder / "commit.html") as page:
        page.click("#do-big")
        page.fill("#called", CEREMONY_TEXT)
        page.wait_for_selector("#do-save[href]")
        assert page.is_visible("#ceremony-more")
        assert not page.is_visible("#ceremony-alone")


def test_the_command_by_hand_is_safe_and_right_for_any_name_of_a_group(browser: Any, tmp_path: Path) -> None:
    case = finished()
    group = "group:'; touch planted; echo '$(touch planted)`touch planted`"
    strata = tuple(replace(row, group=group) for row in case["plan"].strata)
    case["plan"] = replace(case["plan"], strata=strata)
    with opened(browser, written(tmp_path, case) / "close.html") as page:
        page.fill("#ask-code", "E04")
        page.click("#check-form button")
        page.wait_for_selector("#check-result table")
        command = page.locator("#check-result pre code").text_content()
        ticket = page.locator("p.ticket").text_content()
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, check=True)
    assert done.stdout.decode()[:64] == ticket
    assert done.stderr == b""
    assert not (tmp_path / "planted").exists()
