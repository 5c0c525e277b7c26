"""A real .xls (BIFF) as a workbook: parsed in a process of its own, under a limit of memory.

In: a path. Out: :class:`XlsBook`, a :class:`scheduler.intake.workbook.Book`. May import: the standard
library, the room's workbook, biff and limits, :mod:`scheduler.domain`.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from scheduler.domain.errors import InputError, refuse
from scheduler.domain.hashes import Profile, digest_hex
from scheduler.intake import xlsreader
from scheduler.intake.biff import BiffFacts, biff_facts
from scheduler.intake.limits import DEFAULT, Limits
from scheduler.intake.source import Note
from scheduler.intake.workbook import Typed, broken

PATIENCE_S = 300
"""Seconds after which a reader that says nothing is given up; a full sheet takes about 2."""

ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
"""The stream in which an .xlsx with a password stands inside an OLE container (ECMA-376 part 3)."""


class XlsBook:
    """An old workbook. Errors: ``intake.workbook_password``, ``intake.workbook_broken``,
    ``intake.sheets_many``; while reading also ``intake.workbook_bomb`` where the memory does not suffice."""

    def __init__(self, path: Path, file: str, limits: Limits = DEFAULT, profile: Profile = "sha256") -> None:
        self.file = file
        self._limits = limits
        data = path.read_bytes()
        self._digest = digest_hex(data, profile)
        if ENCRYPTED_PACKAGE in data:
            raise refuse(InputError, "intake.workbook_password", {"file": file})
        self._facts = biff_facts(data)
        if self._facts.has_password:
            raise refuse(InputError, "intake.workbook_password", {"file": file})
        sheets = next(self._lines(data, "-"))["sheets"]
        if len(sheets) > limits.sheets:
            raise refuse(InputError, "intake.sheets_many", {"file": file}, n=len(sheets), limit=limits.sheets)
        self.visible = tuple(name for name, seen in sheets if seen)
        self.hidden = tuple(name for name, seen in sheets if not seen)
        self._merged: dict[str, int] = {}
        self._data = data

    def sha256(self) -> str:
        """Digest of the whole file."""
        return self._digest

    def rows(self, sheet: str) -> Iterator[Sequence[Typed]]:
        """The sheet's rows as the process sends them."""
        lines = self._lines(self._data, f"={sheet}")
        self._merged[sheet] = next(lines)["merged"]
        for row in lines:
            yield [cell["t"] if isinstance(cell, dict) else cell for cell in row]

    def height(self, sheet: str) -> int:  # noqa: ARG002 - the protocol's signature
        """Not known before the end."""
        return 0

    def notes(self, sheet: str) -> tuple[Note, ...]:
        """Merged areas, and what the file's records tell of formulas and hidden rows."""
        facts = self._facts.sheets.get(sheet, BiffFacts())
        figures = (
            ("intake.formulas", facts.n_formulas),
            ("intake.cells_error", facts.n_errors),
            ("intake.cells_merged", self._merged.get(sheet, 0)),
            ("intake.rows_hidden", facts.n_hidden_rows),
            ("intake.columns_hidden", facts.n_hidden_columns),
        )
        return tuple(Note(code=code, detail=str(n)) for code, n in figures if n)

    def _lines(self, data: bytes, sheet: str) -> Iterator[Any]:
        """What the reader says, line by line; its failure is this file's."""
        memory = self._limits.unpacked_mb * 1_000_000
        with tempfile.TemporaryFile() as errors, tempfile.TemporaryFile() as source:
            source.write(data)  # the very bytes that were hashed
            source.seek(0)
            process = subprocess.Popen(  # noqa: S603 - this interpreter, our own file, no shell
                [sys.executable, "-I", xlsreader.__file__, str(memory), sheet],
                stdin=source,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
            with process:
                try:
                    yield from map(json.loads, process.stdout or ())
                    code = process.wait(PATIENCE_S)
                finally:
                    process.kill()
            errors.seek(0)
            said = errors.read(400).decode("utf-8", "replace")
        if code == xlsreader.OK:
            return
        if "memory allocation" in said or said == "MemoryError":
            raise refuse(
                InputError, "intake.workbook_bomb", {"file": self.file}, limit=self._limits.unpacked_mb
            )
        raise broken(self.file, said if code == xlsreader.REFUSED else "calamine")
