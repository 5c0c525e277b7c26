"""The public pages in a real browser without a network: codes, tickets, proofs, ceremony, certificate."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from browser import DESKTOP, PHONE, WITHOUT_CRYPTO, opened, running
from small import CEREMONY
from small_files import write_small

import solvers
from scheduler import pipeline
from scheduler.domain.hashes import Profile, digest_hex
from scheduler.intake import uscc
from scheduler.intake.cells import read_id
from scheduler.intake.celltext import BadCellError

RIGHT_CODE = "12380702MA29JQBP8D"
"""A made-up code with the right check character."""

PAGES = ("publish-commit/commit.html", "publish/draw.html", "publish-close/close.html")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with running() as started:
        yield started


@dataclass(frozen=True)
class Run:
    """A closed run with all its pages; proofs of E04 from before the draw, with and without tickets."""

    folder: Path
    profile: Profile
    secret: bool

    def table(self, name: str) -> list[list[str]]:
        lines = (self.folder / name).read_text(encoding="utf-8").splitlines()
        return [line.split(",") for line in lines[1:]]

    @property
    def seed(self) -> str:
        return digest_hex((self.folder / "draw/seed.txt").read_bytes(), self.profile)

    def proof(self, name: str) -> Path:
        return self.folder.parent / f"{name}.json"


def finished(folder: Path, profile: Profile, *, secret: bool) -> Run:
    campaign = write_small(folder / "in")
    text = campaign.read_text(encoding="utf-8")
    text = text.replace("[campaign]\n", f'[campaign]\nprofile = "{profile}"\n')
    if secret:
        text += '\n[entropy]\nsources = ["secret", "ceremony"]\n'
    campaign.write_text(text, encoding="utf-8")
    made = Run(folder=folder / "run", profile=profile, secret=secret)
    pipeline.import_campaign(campaign, made.folder)
    pipeline.commit(made.folder, escrow=folder / "escrow.txt" if secret else None)
    pipeline.publish(made.folder, stage="commit")
    pipeline.prove(made.folder, "E04", made.proof("before"))
    escrow = (folder / "escrow.txt").read_text(encoding="utf-8") if secret else ""
    assert pipeline.run_all(campaign, made.folder, solvers.solve, secret=escrow).failure() is None
    pipeline.prove(made.folder, "E04", made.proof("after"))
    pipeline.prove(made.folder, "E04", made.proof("bare"), tickets=False)
    pipeline.close(made.folder)
    pipeline.publish(made.folder, stage="close")
    return made


@pytest.fixture(scope="module")
def open_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Without a secret, under SHA-256. Read it, never change it."""
    return finished(tmp_path_factory.mktemp("open"), "sha256", secret=False)


@pytest.fixture(scope="module")
def secret_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """With a secret, under SM3. Read it, never change it."""
    return finished(tmp_path_factory.mktemp("secret"), "sm3", secret=True)


@pytest.fixture(params=["open_run", "secret_run"])
def run(request: pytest.FixtureRequest) -> Run:
    made: Run = request.getfixturevalue(request.param)
    return made


def ask(page: Any, code: str, ceremony: str = "") -> str:
    if ceremony:
        page.fill("[data-source=ceremony]", ceremony)
    page.fill("#ask-code", code)
    page.click("#check-form button")
    return answer(page)


def load(page: Any, proof: Path) -> str:
    page.set_input_files("#ask-proof", proof)
    return answer(page)


def answer(page: Any) -> str:
    page.wait_for_function(
        "() => !/^(计算中|Computing)/.test(document.querySelector('#check-result').innerText)"
    )
    told: str = page.inner_text("#check-result")
    return told


def groups(run: Run) -> dict[str, str]:
    plan = json.loads((run.folder / "plan/plan.json").read_bytes())
    return {one["stratum_id"]: one["group"] for one in plan["strata"]}


def due(run: Run, text: str) -> str:
    """The hash of the text by a program that is not ours."""
    command = ["sha256sum"] if run.profile == "sha256" else ["openssl", "dgst", "-sm3", "-r"]
    if shutil.which(command[0]) is None:
        pytest.skip(f"no {command[0]} program")
    return subprocess.run(command, input=text.encode(), capture_output=True, check=True).stdout.decode()[:64]


# --- every page ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", PAGES)
def test_a_page_opens_without_request_or_error_and_fits_the_screen(browser: Any, run: Run, file: str) -> None:
    with opened(browser, run.folder / file) as page:
        assert "演练" in page.title()
        for width, height in (DESKTOP, PHONE):
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.click("label[for=in-en]")
        assert page.evaluate("document.documentElement.lang") == "en"
        shown = page.inner_text("main")
        assert "Rehearsal:" in shown
        assert "演练：" not in shown
        page.click("label[for=in-zh]")
        assert "Rehearsal:" not in page.inner_text("main")


def test_a_browser_of_another_language_begins_in_english(browser: Any, open_run: Run) -> None:
    with opened(browser, open_run.folder / PAGES[2], locale="de-DE") as page:
        assert page.is_checked("#in-en")
        assert "Am I drawn?" in page.inner_text("main")


def test_without_script_the_page_says_so_and_shows_no_form(browser: Any, open_run: Run) -> None:
    with opened(browser, open_run.folder / PAGES[2], scripts=False) as page:
        assert not page.is_visible("#check-form")
        assert not page.is_visible("#do-print")
        assert page.is_visible("noscript p, #check .flag")


def test_the_policy_lets_no_other_script_style_or_request_in(browser: Any, open_run: Run) -> None:
    with opened(browser, open_run.folder / PAGES[2]) as page:
        page.evaluate("""() => {
            const script = document.createElement("script");
            script.textContent = "window.planted = 1";
            document.body.append(script);
            const style = document.createElement("style");
            style.textContent = "body { display: none }";
            document.body.append(style);
            document.body.setAttribute("onclick", "window.planted = 2");
            document.body.click();
        }""")
        assert page.evaluate("window.planted") is None
        assert page.is_visible("#check")
        sent = "() => fetch('http://example.invalid/').then(() => 'sent', () => 'refused')"
        assert page.evaluate(sent) == "refused"
        assert len(page.seen.errors) >= 4
        assert all("Content Security Policy" in told for told in page.seen.errors)
        page.seen.errors.clear()


# --- codes and tickets -----------------------------------------------------------------------------------


@pytest.mark.parametrize("before", ["", WITHOUT_CRYPTO], ids=["own hash", "no crypto.subtle"])
def test_the_ticket_of_the_browser_is_that_of_the_hash_program(browser: Any, run: Run, before: str) -> None:
    with opened(browser, run.folder / PAGES[2], before=before) as page:
        assert page.evaluate("typeof crypto.subtle") == ("undefined" if before else "object")
        told = ask(page, " E04 ")
        shown = page.eval_on_selector_all("p.ticket", "all => all.map((one) => one.textContent)")
        hand = page.eval_on_selector_all("#check-result code", "all => all.map((one) => one.textContent)")
    names = dict.fromkeys(groups(run).values())
    assert sorted(shown) == sorted(due(run, f"{run.seed}|E|{name}|E04") for name in names)
    assert run.seed in told
    line = f"printf '%s' '{run.seed}|E|group:G1|E04' | "
    assert [one.startswith(line) for one in hand].count(True) == 1


def test_a_page_from_plain_http_computes_the_same(browser: Any, run: Run) -> None:
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    html = (run.folder / PAGES[2]).read_text(encoding="utf-8")
    page.route("**/*", lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))
    page.goto("http://page.example/close.html")
    assert page.evaluate("typeof crypto.subtle") == "undefined"
    assert due(run, f"{run.seed}|E|group:G1|E04") in ask(page, "E04")
    context.close()


def test_whoever_is_drawn_is_told_so_for_his_stratum(browser: Any, run: Run) -> None:
    rows = run.table("draw/enterprises.csv")
    with opened(browser, run.folder / PAGES[2]) as page:
        for _task, stratum, _rank, code, _ticket, drawn in rows:
            ask(page, code)
            line = page.locator("tr", has=page.get_by_text(stratum, exact=True)).inner_text()
            assert ("：抽中" in line) == (drawn == "1"), (stratum, code)


TYPED = {
    RIGHT_CODE: RIGHT_CODE,
    RIGHT_CODE.lower(): RIGHT_CODE,
    f"\u3000{RIGHT_CODE[:6]} {RIGHT_CODE[6:]}\u200b\t": RIGHT_CODE,
    "".join(chr(ord(sign) + 0xFEE0) for sign in RIGHT_CODE): RIGHT_CODE,
    "３３０１８２": "330182",
    "\u202eE04\u202c": "E04",
    "e04": "e04",
}

NO_CODES = ("<b>E04</b>", "E04|", "E04'; x", "😀", "\ue000", "青石", "E" * 65, "-E")


def test_a_typed_code_is_read_as_the_import_reads_it(browser: Any, open_run: Run) -> None:
    with opened(browser, open_run.folder / PAGES[2]) as page:
        for typed, read in TYPED.items():
            told = page.evaluate("(typed) => onedoorCheck.readCode(typed)", typed)
            assert told == {"code": read, "fault": ""}
            # The import takes no blank or direction mark inside a code; a visitor may type one.
            assert uscc.canonical(read_id(re.sub(r"[\s\u200b\u202c\u202e]", "", typed)) or "") == read


def test_what_is_no_code_is_refused_as_the_import_does(browser: Any, open_run: Run) -> None:
    with opened(browser, open_run.folder / PAGES[2]) as page:
        for typed in NO_CODES:
            assert "不是主体代码" in ask(page, typed), typed
            assert page.locator("#check-result b").count() == 0
            with pytest.raises(BadCellError):
                read_id(typed)


def test_a_mistyped_code_is_told_by_its_check_character(browser: Any, open_run: Run) -> None:
    with opened(browser, open_run.folder / PAGES[2]) as page:
        assert "校验码不符" in ask(page, f"{RIGHT_CODE[:-1]}E")
        assert "校验码不符" not in ask(page, RIGHT_CODE)
        assert "请先填写" in ask(page, " ")
        flags = [page.evaluate("(one) => onedoorCheck.readCode(one).fault", f"{RIGHT_CODE[:-1]}{sign}")
                 for sign in uscc.ALPHABET]  # fmt: skip
    assert [one == "" for one in flags] == [uscc.valid(f"{RIGHT_CODE[:-1]}{sign}") for sign in uscc.ALPHABET]


# --- stages ----------------------------------------------------------------------------------------------


def test_before_the_draw_no_code_can_be_asked_for(browser: Any, run: Run) -> None:
    with opened(browser, run.folder / PAGES[0]) as page:
        assert page.locator("#ask-code").count() == 0
        data = json.loads(page.text_content("#data"))
        assert "strata" not in data
        assert "reveal" not in data


def test_at_the_draw_a_plan_with_a_secret_computes_nothing(browser: Any, run: Run) -> None:
    page_file = run.folder / PAGES[1]
    text = page_file.read_text(encoding="utf-8")
    assert run.seed not in text
    with opened(browser, page_file) as page:
        assert (page.locator("#ask-code").count() == 0) == run.secret
        assert (page.locator("[data-source]").count() == 0) == run.secret
        if run.secret:
            assert "结束时才公开" in page.inner_text("#check")
    words = {*re.findall(r"[0-9a-f]{64}", text), *re.findall(r"[A-Za-z0-9:/._|-]{1,64}", text), CEREMONY, ""}
    drawn = {row[4] for row in run.table("draw/enterprises.csv")}
    tried = {digest_hex(f"{word}|E|group:G1|E04".encode(), run.profile) for word in words}
    assert not tried & drawn
    assert digest_hex(f"{run.seed}|E|group:G1|E04".encode(), run.profile) in drawn


def test_at_the_draw_a_plan_without_a_secret_asks_for_what_was_called_out(
    browser: Any, open_run: Run
) -> None:
    run = open_run
    with opened(browser, run.folder / PAGES[1]) as page:
        assert "先填写仪式结果" in ask(page, "E04")
        assert "第 3 个字符" in ask(page, "E04", f"31x{CEREMONY[3:]}")
        assert "应有 40 个字符" in ask(page, "E04", CEREMONY[:-1])
        wrong = ask(page, "E04", f"{CEREMONY[:-1]}0")
        assert "与公布的种子承诺不符" in wrong
        assert page.locator("p.ticket").count() == 0
        told = ask(page, "E04", f" {CEREMONY[:20]}\n{CEREMONY[20:]} ")
        assert run.seed in told
        assert due(run, f"{run.seed}|E|group:G1|E04") in told


# --- proofs ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", PAGES)
def test_a_proof_holds_on_every_page_of_its_campaign(browser: Any, run: Run, file: str) -> None:
    rows = {row[1]: row[5] for row in run.table("draw/enterprises.csv") if row[3] == "E04"}
    verdicts = {}
    told = {}
    with opened(browser, run.folder / file) as page:
        for name in ("before", "after", "bare"):
            told[name] = load(page, run.proof(name))
            assert "证明成立：E04 在抽样框的第 4 行" in told[name]
            assert page.locator("#check-result dd").first.inner_text() == "E04"
            verdicts[name] = page.eval_on_selector_all(
                "#check-result tbody tr", "all => all.map((one) => one.className)"
            )
    right = ["is-drawn" if rows[one] == "1" else "is-not" for one in sorted(rows)]
    if file == PAGES[0]:
        assert verdicts == {"before": [], "after": [], "bare": []}
    elif file == PAGES[1]:
        assert verdicts == {"before": [], "after": right, "bare": []}
        assert "票号取自证明" in told["after"]
        assert "现在也算不出票号" in told["bare"]
    else:
        assert verdicts["before"] == verdicts["after"] == right
        assert "已由本浏览器重算" in told["after"]
        assert "如果您属于这一层" in told["bare"]


CHANGES = {
    "row": ("由这一行和路径", lambda proof: {"row": proof["row"].replace("330182", "330183")}),
    "salt": ("由这一行和路径", lambda _: {"salt": "0" * 64}),
    "path": ("由这一行和路径", lambda proof: {"path": proof["path"][1:]}),
    "index": ("由这一行和路径", lambda proof: {"index": proof["index"] + 1}),
    "far": ("由这一行和路径", lambda _: {"index": 2**40}),
    "size": ("其中的根", lambda proof: {"frame_size": proof["frame_size"] + 1}),
    "root": ("其中的根", lambda _: {"frame_root": "0" * 64}),
    "who": ("这一行不是", lambda _: {"enterprise_id": "E05"}),
    "plan": ("另一份计划", lambda proof: {"plan": proof["plan"].replace("small-2026-01", "small-2026-02")}),
    "ticket": ("票号、截止票号或结论不符", lambda proof: {
        "tickets": [one | {"ticket": "0" * 64, "drawn": True} for one in proof["tickets"]]}),
    "drawn": ("票号、截止票号或结论不符", lambda proof: {
        "tickets": [one | {"drawn": not one["drawn"]} for one in proof["tickets"]]}),
    "cutoff": ("票号、截止票号或结论不符", lambda proof: {
        "tickets": [one | {"cutoff": "f" * 64, "drawn": True} for one in proof["tickets"]]}),
    "stratum": ("与计划或本页不符", lambda proof: {
        "tickets": [one | {"stratum_id": "T-food/D"} for one in proof["tickets"]]}),
    "group": ("与计划或本页不符", lambda proof: {
        "tickets": [one | {"group": "task:x"} for one in proof["tickets"]]}),
    "form": ("不是入框证明", lambda _: {"form": "onedoor.inclusion/2"}),
    "no path": ("不是入框证明", lambda _: {"path": "x"}),
    "broken plan": ("不是入框证明", lambda _: {"plan": "{"}),
}  # fmt: skip
"""What is changed in a proof, and what the page says to it."""


def test_a_changed_proof_is_found_out(browser: Any, run: Run, tmp_path: Path) -> None:
    proof = json.loads(run.proof("after").read_bytes())
    with opened(browser, run.folder / PAGES[2]) as page:
        for name, (words, change) in CHANGES.items():
            file = tmp_path / f"{name}.json"
            file.write_text(json.dumps(proof | change(proof)), encoding="utf-8")
            told = load(page, file)
            assert words in told, name
            assert "证明成立" not in told, name


def test_a_file_that_is_no_proof_is_refused(browser: Any, open_run: Run, tmp_path: Path) -> None:
    with opened(browser, open_run.folder / PAGES[0]) as page:
        for at, data in enumerate((b"", b"[]", b"null", b'{"plan":"null"}', b"\xff\xfe\x00", b"<b>1</b>")):
            (tmp_path / f"{at}.json").write_bytes(data)
            assert "不是入框证明" in load(page, tmp_path / f"{at}.json")


# --- the ceremony and the certificate --------------------------------------------------------------------


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_the_big_screen_checks_what_is_called_out_and_makes_the_file(
    browser: Any, run: Run, size: tuple[int, int], tmp_path: Path
) -> None:
    with opened(browser, run.folder / PAGES[0], size=size) as page:
        page.click("#do-big")
        assert page.evaluate("document.activeElement.id") == "called"
        page.fill("#called", f"{CEREMONY[:10]}x")
        assert "第 11 个字符“x”" in page.inner_text("#ceremony-fault")
        assert page.locator("#digits .wrong").count() == 1
        assert not page.is_visible("#do-save")
        page.fill("#called", f"{CEREMONY}9")
        assert "应有 40 个字符，现有 41 个" in page.inner_text("#ceremony-fault")
        page.fill("#called", CEREMONY[:12])
        assert page.inner_text("#ceremony-fault") == ""
        assert page.inner_text("#ceremony-count") == "12 / 40"
        page.fill("#called", " ".join(re.findall("..", CEREMONY.translate({51: "３"}))))
        page.wait_for_selector("#do-save[href]")
        assert page.inner_text("#ceremony-text") == CEREMONY
        assert page.evaluate("document.querySelector('#ceremony').scrollWidth") <= size[0]
        with page.expect_download() as kept:
            page.click("#do-save")
        assert kept.value.suggested_filename == "ceremony.txt"
        kept.value.save_as(tmp_path / "ceremony.txt")
        told = "" if run.secret else page.inner_text("#ceremony-commitment")
        page.click("#do-clear")
        assert page.inner_text("#ceremony-count") == "0 / 40"
        page.click("#do-back")
        assert not page.is_visible("#ceremony")
    assert (tmp_path / "ceremony.txt").read_bytes() == f"{CEREMONY}\n".encode()
    published = json.loads((run.folder / "publish/draw.json").read_bytes())["commitment"][0][
        "seed_commitment"
    ]
    assert told == ("" if run.secret else published)


def test_the_big_screen_says_in_each_language_that_it_is_a_rehearsal(browser: Any, open_run: Run) -> None:
    for locale, mark in (("zh-CN", "【演练】"), ("en-GB", "[rehearsal]")):
        with opened(browser, open_run.folder / PAGES[0], locale=locale) as page:
            page.click("#do-big")
            assert page.inner_text("#ceremony header .flag") == mark


def test_the_ceremony_can_be_entered_before_the_draw_only(browser: Any, run: Run) -> None:
    for file in PAGES[1:]:
        with opened(browser, run.folder / file) as page:
            assert page.locator("#ceremony").count() == 0


@pytest.mark.parametrize("file", PAGES)
def test_the_certificate_prints_on_one_page(browser: Any, run: Run, file: str, tmp_path: Path) -> None:
    with opened(
        browser, run.folder / file, before="window.print = () => { window.printed = true; };"
    ) as page:
        page.click("#do-print")
        assert page.evaluate("window.printed")
        page.emulate_media(media="print")
        shown = page.inner_text("body")
        page.pdf(path=tmp_path / "paper.pdf", prefer_css_page_size=True)
    plan = (run.folder / "plan/plan.json").read_bytes()
    assert digest_hex(plan, run.profile) in shown
    assert "演练" in shown
    assert "我被抽中了吗" not in shown
    assert (run.seed in shown) == (file == PAGES[2])
    assert len(re.findall(rb"/Type\s*/Page\b", (tmp_path / "paper.pdf").read_bytes())) == 1
