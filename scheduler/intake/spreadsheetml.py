"""SpreadsheetML 2003, the XML that platforms write under the names .xls and .xlsx, as a workbook.

In: a path. Out: :class:`XmlBook`, a :class:`scheduler.intake.workbook.Book`. May import: the standard
library, the room's workbook and limits, :mod:`scheduler.domain`.

Microsoft, *XML Spreadsheet Reference* (Excel 2003). The file is read as a stream by expat, twice: for the
names of its sheets, then for one sheet's rows. A document type or an entity is refused before it can mean
anything, so nothing is ever expanded.
"""

import codecs
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from xml.parsers import expat

from scheduler.domain.errors import InputError, OneDoorError, Value, refuse
from scheduler.domain.hashes import Profile, file_digest
from scheduler.intake.limits import DEFAULT, Limits
from scheduler.intake.sheetscan import SheetFacts
from scheduler.intake.source import Note
from scheduler.intake.workbook import Typed, broken, notes_of

SS = "urn:schemas-microsoft-com:office:spreadsheet"
PIECE = 1 << 16
"""Bytes parsed at once: about as much as is held beside one row."""

SHEET, ROW, CELL, DATA, COLUMN = (f"{SS} {name}" for name in ("Worksheet", "Row", "Cell", "Data", "Column"))
COMMENT = f"{SS} Comment"
VISIBLE = "urn:schemas-microsoft-com:office:excel Visible"
_DECLARATION = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_DEEP = 64
"""Deepest nesting of elements; a spreadsheet needs eight, rich text a few more."""


class XmlBook:
    """A workbook in one XML file. Errors: ``intake.workbook_dtd``, ``intake.workbook_broken``,
    ``intake.sheets_many``, ``intake.workbook_bomb`` for a file larger than a workbook may unpack to."""

    def __init__(self, path: Path, file: str, limits: Limits = DEFAULT, profile: Profile = "sha256") -> None:
        self.file = file
        self._path = path
        self._limits = limits
        if path.stat().st_size > limits.unpacked_mb * 1_000_000:
            raise refuse(InputError, "intake.workbook_bomb", {"file": file}, limit=limits.unpacked_mb)
        self._digest = file_digest(path, profile)
        outline = _Reader(file, limits, "")
        for _ in outline.rows(path):
            pass
        if len(outline.sheets) > limits.sheets:
            raise refuse(
                InputError,
                "intake.sheets_many",
                {"file": file},
                n=len(outline.sheets),
                limit=limits.sheets,
            )
        self._facts = outline.sheets
        self.visible = tuple(name for name in outline.sheets if name not in outline.unseen)
        self.hidden = tuple(name for name in outline.sheets if name in outline.unseen)

    def sha256(self) -> str:
        """Digest of the whole file."""
        return self._digest

    def rows(self, sheet: str) -> Iterator[Sequence[Typed]]:
        """The sheet's rows; gaps between them (``ss:Index``) come as blank rows."""
        width = self._facts[sheet].columns
        for row in _Reader(self.file, self._limits, sheet).rows(self._path):
            yield row + [None] * (width - len(row))

    def height(self, sheet: str) -> int:  # noqa: ARG002 - the protocol's signature
        """Not known before the end."""
        return 0

    def notes(self, sheet: str) -> tuple[Note, ...]:
        """Formulas, merged areas, hidden rows and columns."""
        return notes_of(self._facts.get(sheet, SheetFacts()))


class _Reader:
    """One pass over the file: the rows of the sheet of that name, and what all sheets hold."""

    def __init__(self, file: str, limits: Limits, sheet: str) -> None:
        self.sheets: dict[str, SheetFacts] = {}
        self.unseen: set[str] = set()
        self._file = file
        self._limits = limits
        self._wanted = sheet
        self._here = ""
        self._done: list[list[Typed]] = []
        self._row: list[Typed] = []
        self._n_rows = 0
        self._index = 0
        self._type = ""
        self._text: list[str] = []
        self._n_chars = 0
        self._depth = 0
        self._in_comment = 0

    def rows(self, path: Path) -> Iterator[list[Typed]]:
        """The rows as they are parsed; errors as :class:`XmlBook`."""
        parser = self._parser()
        try:
            with path.open("rb") as stream:
                start = stream.read(PIECE)
                decode = _decoder(start)
                while start:
                    parser.Parse(decode(start), False)
                    yield from self._taken()
                    start = stream.read(PIECE)
            parser.Parse(b"", True)
        except (expat.ExpatError, UnicodeDecodeError, LookupError, ValueError) as error:
            raise broken(self._file, type(error).__name__) from error
        yield from self._taken()

    def _taken(self) -> list[list[Typed]]:
        done, self._done = self._done, []
        return done

    def _parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._declared
        parser.EntityDeclHandler = self._declared
        return parser

    def _declared(self, *_: object) -> None:
        raise refuse(InputError, "intake.workbook_dtd", {"file": self._file}, part="DOCTYPE")

    def _refused(self, code: str, **params: Value) -> OneDoorError:
        place: dict[str, Value] = {"file": self._file, "sheet": self._here, "row": self._n_rows + 1}
        return refuse(InputError, code, place, **params)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEP:
            raise broken(self._file, "depth")
        if name == SHEET:
            self._here = attributes.get(f"{SS} Name", "")
            self.sheets[self._here] = SheetFacts(columns=0)
            self._n_rows = 0
        elif name in {ROW, COLUMN} and self._here:
            self._begin_row(attributes) if name == ROW else self._column(attributes)
        elif name == CELL and self._here:
            self._begin_cell(attributes)
        elif name == COMMENT:
            self._in_comment += 1
        elif name == VISIBLE:
            self._type, self._text, self._n_chars = VISIBLE, [], 0
        elif name == DATA and not self._in_comment:
            self._type, self._text, self._n_chars = attributes.get(f"{SS} Type", "String"), [], 0
            if self._here:
                self.sheets[self._here].n_errors += self._type == "Error"

    def _begin_row(self, attributes: dict[str, str]) -> None:
        facts = self.sheets[self._here]
        facts.n_hidden_rows += attributes.get(f"{SS} Hidden") == "1"
        at = int(attributes.get(f"{SS} Index", self._n_rows + 1))
        if at > self._limits.rows:
            raise self._refused("intake.rows_many", limit=self._limits.rows)
        if at <= self._n_rows:
            raise broken(self._file, "Index")
        if at - self._n_rows - 1 > MOST_BLANK:
            raise self._refused("intake.sheet_giant", size=at, limit=self._limits.cells)
        if self._wanted == self._here:
            self._done += [[] for _ in range(self._n_rows + 1, at)]
        self._n_rows = at - 1
        self._row, self._index = [], 0

    def _column(self, attributes: dict[str, str]) -> None:
        self.sheets[self._here].n_hidden_columns += attributes.get(f"{SS} Hidden") == "1"

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        facts = self.sheets[self._here]
        facts.n_formulas += f"{SS} Formula" in attributes
        across = int(attributes.get(f"{SS} MergeAcross", 0))
        facts.n_merged += across > 0 or attributes.get(f"{SS} MergeDown", "0") != "0"
        before, self._index = self._index, int(attributes.get(f"{SS} Index", self._index + 1))
        if not 0 < self._index + across <= self._limits.columns:
            raise self._refused("intake.columns_many", n=self._index + across, limit=self._limits.columns)
        if across < 0 or self._index <= before:  # it would overwrite a cell that stands already
            raise broken(self._file, "Index")
        self._row += [None] * (self._index - len(self._row))
        self._index += across

    def _characters(self, text: str) -> None:
        if self._type:
            self._n_chars += len(text)
            if self._n_chars > self._limits.cell_chars:
                raise self._refused("intake.cell_giant", limit=self._limits.cell_chars)
            self._text.append(text)

    def _end(self, name: str) -> None:
        self._depth -= 1
        if name == SHEET:
            self._here = ""
        elif name == COMMENT:
            self._in_comment -= 1
        elif name == VISIBLE:
            self._type = ""
            if "".join(self._text).strip() != "SheetVisible":
                self.unseen.add(self._here)
        elif name == DATA and self._type:
            if self._row:
                self._row[-1] = _value(self._type, "".join(self._text))
            self._type = ""
        elif name == ROW and self._here:
            self._n_rows += 1
            facts = self.sheets[self._here]
            facts.columns = max(facts.columns, len(self._row))
            if self._wanted == self._here:
                self._done.append(self._row)


MOST_BLANK = 1_048_576
"""Most blank rows between two rows: no sheet has more rows than that."""


def _value(kind: str, text: str) -> Typed:
    """A ``Data`` element by its type; a number that is none stays the text it is."""
    if kind == "Error":
        return None
    if kind == "Boolean":
        return text.strip() == "1"
    if kind == "DateTime":
        day, _, time = text.partition("T")
        return day if not time.strip("0:.") else f"{day} {time.partition('.')[0]}"
    if kind == "Number":
        try:
            return float(text)
        except ValueError:
            return text
    return text


def _decoder(start: bytes) -> Callable[[bytes], bytes]:
    """Expat knows UTF-8, UTF-16 and Latin; files declared as GBK and the like are decoded before."""
    found = _DECLARATION.match(start.lstrip(codecs.BOM_UTF8))
    name = found[1].decode("ascii").lower() if found else ""
    if name not in {"gbk", "gb2312", "gb18030", "cp936"}:
        return bytes
    decoder = codecs.getincrementaldecoder("gb18030")(errors="strict")
    declared = [found[0]] if found else []

    def decode(piece: bytes) -> bytes:
        text = decoder.decode(piece)
        if declared:
            text = text.replace(declared.pop().decode("ascii"), '<?xml version="1.0" encoding="UTF-8"', 1)
        return text.encode("utf-8")

    return decode
