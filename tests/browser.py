"""A real browser for tests of pages: Debian's Chromium, every network request blocked and counted.

``from browser import opened, running`` in a test file; ``running()`` starts the browser and skips by name
where there is none, ``opened(browser, file)`` opens one page and afterwards holds it to its promises.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

DESKTOP = (1280, 800)
PHONE = (390, 844)

WITHOUT_CRYPTO = "Object.defineProperty(Crypto.prototype, 'subtle', { get: () => undefined });"
"""What a page from plain http sees; given to :func:`opened` as ``before``."""


@dataclass
class Seen:
    """What a page did that it should not: console errors and warnings, uncaught errors, requests."""

    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@contextmanager
def running() -> Iterator[Any]:
    """A started browser; skips by name where playwright or Chromium is missing."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("no chromium here")
    arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@contextmanager
def opened(
    browser: Any,
    file: Path,
    *,
    size: tuple[int, int] = DESKTOP,
    locale: str = "zh-CN",
    before: str = "",
    scripts: bool = True,
) -> Iterator[Any]:
    """The file as a page from ``file://``; leaving fails on any console error or request.

    ``page.seen`` tells both at any time. ``before`` is script that runs before the page's own.
    """
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale=locale,
        java_script_enabled=scripts,
        accept_downloads=True,
    )
    page = context.new_page()
    seen = page.seen = Seen()
    own = file.resolve().as_uri()

    def watch(route: Any) -> None:
        if route.request.url.partition("#")[0] == own:
            route.continue_()
        else:
            seen.requests.append(route.request.url)
            route.abort()

    context.route("**/*", watch)
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on(
        "console",
        lambda told: seen.errors.append(told.text) if told.type in {"error", "warning"} else None,
    )
    if before:
        page.add_init_script(before)
    page.goto(own)
    try:
        yield page
    finally:
        context.close()
    assert seen.errors == []
    assert seen.requests == []
