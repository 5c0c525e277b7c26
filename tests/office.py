"""LibreOffice without a window: what opens a workbook or document on a desk opens it here.

``pdf_of`` converts to PDF, ``pages_of`` gives each page's text. Where ``soffice`` or ``pdftotext`` is not
installed the test is skipped by name, except in CI (``CI`` is set), where it fails.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

PATIENCE_S = 180


def _program(name: str, package: str) -> str:
    found = shutil.which(name)
    if found:
        return found
    reason = f"{name} is not installed (Debian: apt-get install {package})"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def pdf_of(files: list[Path], room: Path) -> list[Path]:
    """The files as PDF in the folder; all in one call, for starting the office takes seconds."""
    office = _program("soffice", "libreoffice-calc libreoffice-writer")
    profile = (room / "profile").as_uri()  # its own, so that two tests at once do not wait for one another
    command = [office, f"-env:UserInstallation={profile}", "--headless", "--convert-to", "pdf"]
    done = subprocess.run(
        [*command, "--outdir", str(room), *map(str, files)],
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    made = [room / f"{file.stem}.pdf" for file in files]
    assert all(path.is_file() for path in made), done.stderr.decode(errors="replace")
    return made


def pages_of(pdf: Path) -> list[str]:
    """The text of each page of a PDF, its layout kept."""
    reader = _program("pdftotext", "poppler-utils")
    done = subprocess.run([reader, "-layout", str(pdf), "-"], capture_output=True, check=True)
    return done.stdout.decode().split("\f")[:-1]
