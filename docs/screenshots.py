"""Photographs public pages (of a street) and report (of a county): ``python -m docs.screenshots``.

In: nothing; both campaigns are made up and run in a temporary folder, the county in some minutes. Out:
``docs/images/*.png``. Needs playwright and a Chromium on the path; the pages ask the network for nothing. A
tool for maintainers.
"""  # noqa: INP001  # docs/ is a folder of pages, no package to import

import csv
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

import solvers
from instances import write_campaign
from scheduler import pipeline

IMAGES = Path(__file__).parent / "images"
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
TALL = {"width": 1280, "height": 1240}


def closed_run(folder: Path) -> Path:
    """A street rehearsal from its files to the close, with the pages of all stages and one proof."""
    run = folder / "run"
    campaign = write_campaign("street", folder / "input")
    pipeline.run_all(campaign, run, solvers.solve)
    pipeline.publish(run, stage="commit")
    pipeline.close(run)
    pipeline.publish(run, stage="close")
    pipeline.prove(run, drawn_code(run), folder / "proof.json")
    return run


def county_report(folder: Path) -> Path:
    """The planner's report of a county rehearsal."""
    campaign = write_campaign("county", folder / "input")
    pipeline.run_all(campaign, folder / "run", solvers.solve)
    return folder / "run/export/report.html"


def drawn_code(run: Path) -> str:
    """The first enterprise drawn in a stratum in which not everyone is."""
    with (run / "draw/enterprises.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    with (run / "draw/cutoffs.csv").open(encoding="utf-8", newline="") as stream:
        random = {row["stratum_id"] for row in csv.DictReader(stream) if row["size"] != row["quota"]}
    return next(row["enterprise_id"] for row in rows if row["drawn"] == "1" and row["stratum_id"] in random)


def photograph(run: Path) -> list[Path]:
    """All pictures, in both languages where a README shows them."""
    IMAGES.mkdir(exist_ok=True)
    ceremony = (run.parent / "input/ceremony.txt").read_text(encoding="utf-8").strip()
    with _browser() as browser:
        for language, name in (("zh-CN", "zh"), ("en-GB", "en")):
            with _page(browser, run / "publish/draw.html", DESKTOP, language) as page:
                page.screenshot(path=IMAGES / f"public-page.{name}.png")
            with _page(browser, run / "publish-close/close.html", DESKTOP, language) as page:
                page.set_input_files("#ask-proof", run.parent / "proof.json")
                page.wait_for_selector("#check-result table")
                page.locator("#check").screenshot(path=IMAGES / f"public-check.{name}.png")
            with _page(browser, run / "publish-commit/commit.html", DESKTOP, language) as page:
                page.click("#do-big")
                page.fill("#called", ceremony[: 2 * len(ceremony) // 3])
                page.screenshot(path=IMAGES / f"big-screen.{name}.png")
        with _page(browser, run / "publish-close/close.html", PHONE, "zh-CN") as page:
            page.fill("#ask-code", drawn_code(run))
            page.click("#check-form button")
            page.wait_for_selector("#check-result table")
            page.screenshot(path=IMAGES / "public-phone.zh.png")
        with _page(browser, run / "publish/draw.html", DESKTOP, "zh-CN") as page:
            page.locator("#paper").screenshot(path=IMAGES / "draw-certificate.zh.png")
    return sorted(IMAGES.glob("*.png"))


def photograph_report(report: Path) -> None:
    """Calendar and Gantt chart in both languages, one officer's routes."""
    with _browser() as browser:
        for language, name in (("zh-CN", "zh"), ("en-GB", "en")):
            with _page(browser, report, TALL, language) as page:
                page.wait_for_selector("html[data-ready=yes]")
                page.evaluate("scrollTo(0, document.getElementById('filters').offsetTop - 4)")
                page.screenshot(path=IMAGES / f"report.{name}.png")
        with _page(browser, report, DESKTOP, "zh-CN") as page:
            page.wait_for_selector("html[data-ready=yes]")
            page.locator("[data-part=people] tbody button").nth(4).click()
            page.evaluate("document.getElementById('map').scrollIntoView()")
            page.screenshot(path=IMAGES / "report-routes.zh.png")


@contextmanager
def _browser() -> Iterator[Any]:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@contextmanager
def _page(browser: Any, file: Path, size: dict[str, int], language: str) -> Iterator[Any]:
    context = browser.new_context(viewport=size, locale=language)
    page = context.new_page()
    page.goto(file.resolve().as_uri())
    yield page
    context.close()


def main() -> int:
    """Write the pictures and name them."""
    with tempfile.TemporaryDirectory() as folder:
        photograph_report(county_report(Path(folder) / "county"))
        for path in photograph(closed_run(Path(folder))):
            sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
