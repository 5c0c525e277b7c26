"""Papers as Word documents: a template's body once for each visit, every visit a Word section of its own.

In: a template (.docx) and papers. Out: bytes. May import: :mod:`scheduler.domain`, jinja2, docxtpl with what
it brings (python-docx, lxml); without that extra this module cannot be imported.

docxtpl makes of Word's XML something that jinja2 can read, and is asked for nothing else: its own rendering
takes one context a document and stamps the zip with the clock.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Any
from xml.parsers import expat

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import PackageNotFoundError
from docxtpl import DocxTemplate  # type: ignore[import-untyped]
from lxml import etree  # type: ignore[import-untyped]

from scheduler.domain.errors import InputError, Problem
from scheduler.export.papercheck import FAILURES, Shape, broken, environment, faults, problem
from scheduler.export.papers import DOCUMENT_SHAPE, VISIT_SHAPE, Paper, Template
from scheduler.export.zips import zipped

MOST_BYTES = 50_000_000
"""Unpacked size of a template; Word's own with a letterhead are under one million."""

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SECTION = re.compile(r"<w:sectPr(?:(?!<w:sectPr).)*</w:sectPr>\s*(?=</w:body>)", re.DOTALL)
_BODY = re.compile(r"(<w:body[^>]*>)(.*)(</w:body>)", re.DOTALL)
# A section ends with the paragraph that holds its properties; this one takes no room.
_END_OF_SECTION = (
    '<w:p><w:pPr><w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>{}</w:pPr></w:p>'
)


class DocxWriter:
    """Fills one template. Errors: ``export.template_field``, ``export.template_broken``
    (:class:`InputError`); the place's row counts the paragraphs of the body, headers and footers of each
    part from 1."""

    def __init__(self, template: Template) -> None:
        self._name = template.name
        self._parts = self._unpacked(template.data)
        source = DocxTemplate(io.BytesIO(template.data))
        try:
            source.init_docx()
            body = source.patch_xml(source.get_xml())
        except (AttributeError, KeyError, ValueError, PackageNotFoundError, etree.XMLSyntaxError) as error:
            raise broken(self._name, 1, type(error).__name__) from error
        self._document = source.docx.part.partname.lstrip("/")
        found = _BODY.search(body)
        if found is None:
            raise broken(self._name, 1, "w:body")
        section = _SECTION.search(found[0])
        self._section = _numbered_from_one(section[0]) if section else ""
        inner = found[2] if section is None else found[2][: -len(section[0].rstrip())]
        self._frame = found[1], found[3]
        margins = {name: source.patch_xml(text) for name, text in _margins(source)}
        problems = [*self._problems(inner, VISIT_SHAPE)]
        for text in margins.values():
            problems += self._problems(text, DOCUMENT_SHAPE)
        if problems:
            raise InputError(problems)
        self._body = environment().from_string(inner)
        self._margins = {name: environment().from_string(text) for name, text in margins.items()}

    def write(self, paper: Paper) -> bytes:
        """The document. Errors: ``export.template_broken`` where the template fails with these visits."""
        try:
            pages = [self._body.render(visit) for visit in paper.visits]
            changed = {name: part.render(paper.document) for name, part in self._margins.items()}
        except FAILURES as error:
            raise broken(self._name, 1, str(error)) from error
        break_ = _END_OF_SECTION.format(self._section)
        begin, end = self._frame
        body = begin + break_.join(pages) + self._section + end
        changed[self._document] = self._around(body)
        return zipped((name, self._filled(name, changed)) for name in self._parts)

    def _filled(self, name: str, changed: Mapping[str, str]) -> bytes:
        if name not in changed:
            return self._parts[name]
        data = changed[name].encode()
        try:
            expat.ParserCreate(namespace_separator=" ").Parse(data, True)
        except expat.ExpatError as error:  # a tag that begins in a table and ends outside it, say
            raise broken(self._name, 1, str(error)) from error
        return data

    def _around(self, body: str) -> str:
        """The whole document part with another body."""
        whole = self._parts[self._document].decode("utf-8")
        found = _BODY.search(whole)
        if found is None:
            raise broken(self._name, 1, "w:body")
        return whole[: found.start()] + body + whole[found.end() :]

    def _unpacked(self, data: bytes) -> dict[str, bytes]:
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
                    raise broken(self._name, 1, f"> {MOST_BYTES:,} B")
                return {entry.filename: archive.read(entry) for entry in archive.infolist()}
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise broken(self._name, 1, "docx") from error

    def _problems(self, source: str, shape: Mapping[str, Shape]) -> Iterator[Problem]:
        """Faults with the paragraph they stand in: each paragraph is put on a line of its own."""
        lined = re.sub(r"\n", " ", source)
        lined = re.sub(r"<w:p([ >/])", r"\n<w:p\1", lined)
        for fault in faults(lined, shape):
            yield problem(fault, self._name, max(1, fault.line - 1))


def _margins(source: DocxTemplate) -> Iterator[tuple[str, str]]:
    """Part name and XML of each header and footer."""
    for relation in source.docx.part.rels.values():
        if relation.reltype in {RELATIONSHIP_TYPE.HEADER, RELATIONSHIP_TYPE.FOOTER}:
            part: Any = relation.target_part
            yield part.partname.lstrip("/"), part.blob.decode("utf-8")


def _numbered_from_one(section: str) -> str:
    """The section's properties with page numbers that begin again."""
    root = etree.fromstring(f'<x xmlns:w="{_WORD}" {_prefixes(section)}>{section}</x>')
    properties = root[0]
    old = properties.find(f"{{{_WORD}}}pgNumType")
    if old is not None:
        properties.remove(old)
    start = etree.Element(f"{{{_WORD}}}pgNumType", {f"{{{_WORD}}}start": "1"})
    # The schema orders them: page numbers after size, margins, borders and line numbers.
    before = {"footnotePr", "endnotePr", "type", "pgSz", "pgMar", "paperSrc", "pgBorders", "lnNumType"}
    before |= {"headerReference", "footerReference"}
    place = sum(etree.QName(child).localname in before for child in properties)
    properties.insert(place, start)
    text = etree.tostring(properties, encoding="unicode")
    return re.sub(r'\sxmlns:\w+="[^"]*"', "", text)


def _prefixes(section: str) -> str:
    """Declarations for whatever other prefixes a section's properties use; the document has declared them."""
    used = sorted(set(re.findall(r"[<\s](\w+):\w+", section)) - {"w"})
    known = {"r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships"}
    return " ".join(f'xmlns:{prefix}="{known.get(prefix, f"urn:{prefix}")}"' for prefix in used)
