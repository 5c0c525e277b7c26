"""The planner's report in a real browser without a network: filter, search, charts, both languages, paper."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browser import DESKTOP, PHONE, opened, running
from reported import campaign, data_in, many
from small import START

from scheduler.domain.registers import Department, Neighbour, Recusal
from scheduler.export import report
from scheduler.export.report_view import LEAN_ABOVE

READY = "html[data-ready=yes]"

NAMES = (
    "</script><img src=x onerror=alert(1)><b>青石</b>",
    "\u202e青石\u202c \u2066反\u2069\u200f🍜👩‍🍳\ue000\U000f0000",
    "长" * 300,
    "{n} {{ n }} ${n} &lt;b&gt;",
    "\u0338青石\u0338",
)

NAMELESS = """() => {
  const all = [...document.querySelectorAll('button, select, input, a, canvas, summary')];
  return all.filter((one) => {
  const labels = [...(one.labels ?? [])].map((label) => label.textContent).join('');
  const name = one.getAttribute('aria-label') || one.textContent || labels;
  return one.checkVisibility() && name.trim() === '';
}).map((one) => one.outerHTML.slice(0, 100)) }"""

INNER_OVERFLOW = """() => [...document.querySelectorAll('main *')].filter((one) =>
  one.checkVisibility() && one.getBoundingClientRect().right > document.documentElement.clientWidth + 1
  && !one.closest('.scroll, .chips, .plot, .hidden-text')).map((one) => one.outerHTML.slice(0, 80))"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with running() as started:
        yield started


def written(folder: Path, case: dict[str, Any]) -> Path:
    file = folder / "report.html"
    file.write_bytes(report(**case))
    return file


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small campaign. Read it, never change it."""
    return written(tmp_path_factory.mktemp("small"), campaign())


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """5,000 visits. Read it, never change it."""
    return written(tmp_path_factory.mktemp("large"), many(5_000))


def count(page: Any) -> str:
    told: str = page.inner_text("#f-count")
    return told


def search(page: Any, text: str) -> str:
    page.fill("#f-text", text)
    page.press("#f-text", "Enter")
    return count(page)


def visits(page: Any) -> list[str]:
    names: list[str] = page.locator("[data-part=visits] tbody tr td:nth-child(3)").all_inner_texts()
    return names


# --- the page --------------------------------------------------------------------------------------------


def test_it_opens_without_request_or_error_in_both_languages_and_fits_the_screen(
    browser: Any, small: Path
) -> None:
    with opened(browser, small) as page:
        page.wait_for_selector(READY)
        assert "演练" in page.title()
        for width, height in (DESKTOP, PHONE):
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.evaluate(INNER_OVERFLOW) == []
        assert page.evaluate("document.documentElement.lang") == "zh-CN"
        assert "上门清单" in page.inner_text("main")
        page.click("label[for=in-en]")
        assert page.evaluate("document.documentElement.lang") == "en"
        shown = page.inner_text("main")
        assert "Visits" in shown
        assert "上门清单" not in shown
        assert "6 of 6 visits" in shown
        assert page.evaluate(NAMELESS) == []


def test_an_english_browser_is_answered_in_english(browser: Any, small: Path) -> None:
    with opened(browser, small, locale="en-GB") as page:
        page.wait_for_selector(READY)
        assert page.evaluate("document.documentElement.lang") == "en"
        assert "Thu, 5 Mar 2026" in page.inner_text("[data-part=visits]")


def test_dates_and_shares_are_written_as_each_language_writes_them(browser: Any, small: Path) -> None:
    with opened(browser, small) as page:
        page.wait_for_selector(READY)
        assert "2026年3月2日至2026年3月13日" in page.inner_text("header")
        assert "25.0%" in page.inner_text("[data-part=tasks]")
        assert "(33.3%)" in page.inner_text("[data-part=pairs]")
        page.click("label[for=in-en]")
        assert "2 Mar 2026 to 13 Mar 2026" in page.inner_text("header")
        assert page.evaluate("onedoorPage.percent(1, 2210)") == "< 0.1%"
        assert page.evaluate("onedoorPage.percent(0, 2210)") == "0.0%"
        assert page.evaluate("onedoorPage.percent(0, 0)") == "–"


def test_on_a_telephone_no_words_are_broken_into_letters(browser: Any, small: Path) -> None:
    with opened(browser, small, size=PHONE, locale="en-GB") as page:
        page.wait_for_selector(READY)
        texts = page.locator(".goals tbody th, .goals tbody td:first-of-type, .rules td:nth-child(2)")
        widths = texts.evaluate_all("all => all.map((one) => one.offsetWidth)")
        assert min(widths) > 90
        heads = page.locator(".gantt thead span")
        cut = "all => all.filter((one) => one.offsetWidth > one.parentElement.offsetWidth).length"
        assert heads.evaluate_all(cut) == 0


def test_without_scripts_figures_goals_and_checks_are_there(browser: Any, small: Path) -> None:
    with opened(browser, small, scripts=False) as page:
        shown = page.inner_text("main")
        assert "核验通过" in shown
        assert "部门内负荷均衡" in shown
        assert "未启用脚本" in shown


def test_printed_it_has_the_charts_and_no_buttons(browser: Any, small: Path, tmp_path: Path) -> None:
    with opened(browser, small) as page:
        page.wait_for_selector(READY)
        page.emulate_media(media="print")
        assert page.locator("#filters").is_hidden()
        assert page.locator("[data-part=calendar] table").first.is_visible()
        data = page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    assert data.startswith(b"%PDF")


# --- filter and search -----------------------------------------------------------------------------------


def test_a_search_finds_enterprises_people_items_and_codes_in_any_width_and_case(
    browser: Any, small: Path
) -> None:
    found = data_in(small.read_bytes())
    with opened(browser, small) as page:
        page.wait_for_selector(READY)
        assert count(page) == "6 / 6 次上门"
        code = found["enterprises"]["id"][found["visits"]["enterprise"][0]]
        assert search(page, code.lower()) == "1 / 6 次上门"
        wide = "".join(chr(ord(sign) + 0xFEE0) for sign in code)
        assert search(page, wide) == "1 / 6 次上门"
        assert visits(page) == [found["enterprises"]["name"][found["visits"]["enterprise"][0]]]
        fire = sum("food-3" in [found["people"]["id"][p] for p in own] for own in _teams(found))
        assert search(page, "food官3") == f"{fire} / 6 次上门"
        assert search(page, "没有这样的东西") == "0 / 6 次上门"
        assert "没有符合条件的记录" in page.inner_text("[data-part=visits]")
        page.click("#f-clear")
        assert count(page) == "6 / 6 次上门"
        assert page.input_value("#f-text") == ""


def _teams(found: dict[str, Any]) -> list[list[int]]:
    teams, at = [], 0
    for n in found["visits"]["n_seats"]:
        teams.append(found["seats"]["person"][at : at + n])
        at += n
    return [team for team in teams if team]


def test_a_day_chosen_by_the_keyboard_filters_everything_and_keeps_the_focus(
    browser: Any, small: Path
) -> None:
    with opened(browser, small) as page:
        page.wait_for_selector(READY)
        page.focus("[data-day]")
        day = page.evaluate("document.activeElement.dataset.day")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.dataset.day") == day
        assert page.get_attribute(f"[data-day='{day}']", "aria-pressed") == "true"
        assert len(visits(page)) == 1
        assert page.input_value("#g-span") == "1"
        assert page.locator("[data-part=gantt] .lane .bar-v").count() >= 1
        assert page.locator("[data-part=routes] tbody tr").count() >= 2
        page.keyboard.press("Enter")
        assert len(visits(page)) == 6


def test_one_persons_routes_are_listed_leg_by_leg(browser: Any, small: Path) -> None:
    found = data_in(small.read_bytes())
    person = found["people"]["id"].index("food-3")
    seats = [at for at, one in enumerate(found["seats"]["person"]) if one == person]
    with opened(browser, small) as page:
        page.wait_for_selector(READY)
        page.fill("#f-person", "food-3")
        page.press("#f-person", "Tab")
        assert page.input_value("#f-person") == "food-3"
        assert page.locator("[data-part=routes] tbody tr").count() == len(seats)
        first = page.inner_text("[data-part=routes] tbody tr td:nth-child(3)")
        assert first.startswith(f"{found['seats']['leg'][seats[0]]} 分钟")
        total = sum(found["seats"]["leg"][at] + max(0, found["seats"]["back"][at]) for at in seats)
        assert page.inner_text("[data-part=people] tbody tr td:last-child") == str(total)
        page.fill("#f-person", "nobody at all")
        page.press("#f-person", "Tab")
        assert not page.evaluate("document.getElementById('f-person').checkValidity()")


def test_departments_districts_classes_and_dates_filter_together(browser: Any, large: Path) -> None:
    with opened(browser, large) as page:
        page.wait_for_selector(READY)
        page.select_option("#f-department", "1")
        assert count(page) == "1,667 / 5,000 次上门"
        page.select_option("#f-risk", "3")
        page.fill("#f-from", START.isoformat())
        page.fill("#f-to", START.isoformat())
        found = data_in(large.read_bytes())
        wanted = sum(
            day == 0 and risk == 3 and found["people"]["department"][team[0]] == 1
            for day, risk, team in zip(
                found["visits"]["day"], found["visits"]["risk"], _teams(found), strict=True
            )
        )
        assert count(page) == f"{wanted} / 5,000 次上门"
        page.select_option("#f-district", "0")
        assert count(page) == f"{wanted} / 5,000 次上门"


# --- the parts -------------------------------------------------------------------------------------------


def test_the_gantt_chart_has_a_row_for_each_of_what_is_asked_for(browser: Any, small: Path) -> None:
    with opened(browser, small) as page:
        page.wait_for_selector(READY)
        rows = page.locator("[data-part=gantt] tbody tr")
        assert rows.count() == 3
        page.select_option("#g-rows", "inspector")
        assert page.locator("[data-part=gantt] .bar-v").first.get_attribute("aria-label")
        bars = page.locator("[data-part=gantt] .bar-v").count()
        page.select_option("#g-rows", "district")
        assert rows.count() == 1
        page.select_option("#g-span", "1")
        title = page.inner_text("[data-part=gantt] caption")
        page.click("#g-on")
        assert page.inner_text("[data-part=gantt]") != title
        page.select_option("#g-span", "28")
        assert page.is_disabled("#g-on")
        assert bars > 0


def test_a_visits_card_tells_all_and_closes_again(browser: Any, small: Path) -> None:
    found = data_in(small.read_bytes())
    with opened(browser, small) as page:
        page.wait_for_selector(READY)
        page.locator("[data-part=visits] tbody button").first.click()
        card = page.inner_text("#card")
        assert found["visits"]["id"][0] in card
        assert all(found["people"]["name"][person] in card for person in _teams(found)[0])
        page.keyboard.press("Escape")
        assert page.locator("#card").is_hidden()


def test_what_is_left_out_is_listed_with_its_reason(browser: Any, small: Path) -> None:
    with opened(browser, small) as page:
        page.wait_for_selector(READY)
        shown = page.inner_text("[data-part=left]")
        assert "没有可用的日期、时段与人员" in shown
        assert page.locator("[data-part=left] tbody tr").count() == len(
            data_in(small.read_bytes())["unscheduled"]["visit"]
        )


def test_who_helps_stands_in_the_matrix_and_is_evened_out_with_those_he_helps(
    browser: Any, tmp_path: Path
) -> None:
    case = campaign()
    plan, known = case["plan"], case["registers"]
    helping = replace(plan.settings, teams=replace(plan.settings.teams, neighbours_help=True))
    rows = (Neighbour(department_id="D-food", helper_id="D-fire"),)
    case |= {"registers": replace(known, neighbours=rows)}
    told = {}
    for name, settings in (("alone", plan.settings), ("helped", helping)):
        file = written(tmp_path, case | {"plan": replace(plan, settings=settings)})
        with opened(browser, file) as page:
            page.wait_for_selector(READY)
            page.select_option("#p-department", "1")
            people = page.locator("[data-part=pairs] thead th.person").all_inner_texts()
            told[name] = [one.split("官")[0] for one in people]
            targets = page.evaluate("[0, 1, 2].map(onedoorFacts.evenTarget)")
            assert (targets[0] == targets[1]) == (name == "helped")
    assert told["alone"] == ["food"] * 4
    assert told["helped"] == ["food"] * 4 + ["fire"] * 4


def test_the_matrix_tells_assigned_barred_away_and_possible_pairs_by_sign_and_colour(
    browser: Any, tmp_path: Path
) -> None:
    case = campaign()
    fire = next(visit for visit in case["merged"].visits if "D-fire" in visit.department_ids)
    bar = Recusal(inspector_id="fire-1", enterprise_id=fire.enterprise_id, kind="亲属")
    known = case["registers"]
    inspectors = tuple(
        replace(row, certificate_expires=START.replace(year=2025)) if row.inspector_id == "fire-2" else row
        for row in known.inspectors
    )
    case["registers"] = replace(known, recusals=(bar,), inspectors=inspectors)
    with opened(browser, written(tmp_path, case)) as page:
        page.wait_for_selector(READY)
        assert page.input_value("#p-department") == "0"
        rows = page.locator("[data-part=pairs] tbody tr")
        name = next(r.name for r in known.enterprises if r.enterprise_id == fire.enterprise_id)
        row = rows.filter(has=page.get_by_role("button", name=name, exact=True))
        assert row.locator("td").all_inner_texts() == ["✕", "–", "●", "●"]
        page.select_option("#p-department", "1")
        assert "·" in page.locator("[data-part=pairs] tbody td").all_inner_texts()
        signs = page.locator("[data-part=pairs] .legend").inner_text()
        assert all(word in signs for word in ("已派", "应回避", "不在岗", "可派"))


def test_a_users_outlines_are_drawn_and_anything_else_is_told(
    browser: Any, small: Path, tmp_path: Path
) -> None:
    ring = [[120.19, 30.19], [120.25, 30.19], [120.25, 30.25], [120.19, 30.19]]
    good = tmp_path / "good.geojson"
    features = [{"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]}}]
    good.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    bad = tmp_path / "bad.geojson"
    with opened(browser, small) as page:
        page.wait_for_selector(READY)
        page.set_input_files("#m-file", good)
        page.wait_for_function("() => document.getElementById('m-told').textContent !== ''")
        assert page.inner_text("#m-told") == "已载入 1 条边界线"
        for text in (
            "no json",
            '{"type": "Point", "coordinates": [1, 2]}',
            '{"type": "FeatureCollection"}',
            "[]",
        ):
            page.evaluate("document.getElementById('m-told').textContent = ''")
            bad.write_text(text)
            page.set_input_files("#m-file", [])
            page.set_input_files("#m-file", bad)
            page.wait_for_function("() => document.getElementById('m-told').textContent !== ''")
            assert "不是以经纬度" in page.inner_text("#m-told")


# --- hostile and very large ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_means_harm_is_shown_as_text_and_breaks_nothing(
    browser: Any, name: str, tmp_path: Path
) -> None:
    case = campaign()
    known = case["registers"]
    case["registers"] = replace(
        known,
        **{
            table: tuple(replace(row, name=name) for row in getattr(known, table))
            for table in ("enterprises", "tasks", "departments", "inspectors", "experts", "items")
        },
    )
    case["plan"] = replace(case["plan"], settings=replace(case["plan"].settings, name=name, authority=name))
    with opened(browser, written(tmp_path, case), size=PHONE) as page:
        page.wait_for_selector(READY)
        assert page.evaluate("document.querySelector('h1').textContent") == name
        assert page.locator("main img, main b").count() == 0
        for width, height in (PHONE, DESKTOP):
            page.set_viewport_size({"width": width, "height": height})
            page.click("label[for=in-en]")
            page.click("label[for=in-zh]")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.select_option("#g-rows", "inspector")
        page.locator("[data-part=visits] tbody button").first.click()
        assert page.locator("#card h3 bdi").text_content() == name


def test_a_department_without_visits_has_its_rows(browser: Any, tmp_path: Path) -> None:
    case = campaign()
    idle = Department(
        department_id="D-zero", name="清闲局", field="其他", level="district", authority="甲", unit="乙"
    )
    known = case["registers"]
    case["registers"] = replace(known, departments=(*known.departments, idle))
    with opened(browser, written(tmp_path, case)) as page:
        page.wait_for_selector(READY)
        assert "清闲局" in page.inner_text("[data-part=gantt]")
        page.select_option("#f-department", "3")
        assert count(page) == "0 / 6 次上门"
        page.select_option("#p-department", "3")
        assert "没有上门" in page.inner_text("[data-part=pairs]")


def test_no_visit_at_all_is_told_in_every_part(browser: Any, tmp_path: Path) -> None:
    with opened(browser, written(tmp_path, many(0))) as page:
        page.wait_for_selector(READY)
        assert count(page) == "0 / 0 次上门"
        page.select_option("#g-rows", "inspector")
        assert "没有上门" in page.inner_text("[data-part=gantt]")
        assert "都已安排" in page.inner_text("[data-part=left]")


def test_five_thousand_visits_are_searched_paged_and_sorted(browser: Any, large: Path) -> None:
    assert large.stat().st_size < 10_000_000
    with opened(browser, large) as page:
        page.wait_for_selector(READY)
        assert len(visits(page)) == 25
        page.locator("[data-part=visits] .pager .on").click()
        assert "第 2 / 200 页" in page.inner_text("[data-part=visits] .pager")
        page.locator("[data-part=visits] thead button").nth(2).click()
        assert visits(page)[:2] == ["第0号店", "第1000号店"]
        assert page.evaluate("document.activeElement.textContent").startswith("检查对象")
        assert search(page, "第4321号店") == "1 / 5,000 次上门"
        assert visits(page) == ["第4321号店"]


def test_more_than_twenty_thousand_visits_are_summed_up(browser: Any, tmp_path: Path) -> None:
    with opened(browser, written(tmp_path, many(LEAN_ABOVE + 1))) as page:
        page.wait_for_selector(READY)
        assert count(page) == "20,001 / 20,001 次上门"
        assert "每格" in page.inner_text("[data-part=map-legend]")
        assert search(page, "第20000号店") == "1 / 20,001 次上门"
        assert "D 高风险" in page.inner_text("[data-part=map-legend]")
        page.locator("[data-part=visits] tbody button").first.click()
        assert "工作簿" in page.inner_text("#card")
