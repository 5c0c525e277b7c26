"""Papers as one HTML page a document, filled in a sandbox.

In: a template and papers. Out: bytes. May import: :mod:`scheduler.domain`, jinja2.
"""

import re

from jinja2 import StrictUndefined, TemplateError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from scheduler.domain.errors import InputError, OneDoorError, Problem, Value, refuse
from scheduler.export.papercheck import Broken, Unknown, faults
from scheduler.export.papers import VISIT_SHAPE, Paper, Template

_BODY = re.compile(r"(.*?<body[^>]*>)(.*)(</body\s*>.*)", re.DOTALL | re.IGNORECASE)


def environment() -> ImmutableSandboxedEnvironment:
    """Everything filled in is text, whatever it holds; what nobody gives is an error, never empty."""
    return ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined)


class HtmlWriter:
    """Fills one template. What stands between ``<body>`` and ``</body>`` is a visit's section and repeated
    for each; what stands around it is written once. Errors: ``export.template_field``,
    ``export.template_broken`` (:class:`InputError`)."""

    def __init__(self, template: Template) -> None:
        self._name = template.name
        try:
            source = template.data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise self._broken(1, "UTF-8") from None
        known = environment()
        found = [_problem(fault, template.name) for fault in faults(source, VISIT_SHAPE, known)]
        if found:
            raise InputError(found)
        parts = _BODY.fullmatch(source)
        if parts is None:
            raise self._broken(1, "<body>")
        try:
            self._head, self._section, self._tail = (known.from_string(part) for part in parts.groups())
        except TemplateError as error:  # something begins outside the body and ends in it
            raise self._broken(getattr(error, "lineno", None) or 1, str(error)) from error

    def write(self, paper: Paper) -> bytes:
        """The page. Errors: ``export.template_broken`` where the template fails with these visits."""
        try:
            sections = [self._section.render(visit) for visit in paper.visits]
            whole = [self._head.render(paper.visits[0]), *sections, self._tail.render(paper.visits[0])]
        except (TemplateError, SecurityError, TypeError, ValueError, ArithmeticError, LookupError) as error:
            raise self._broken(getattr(error, "lineno", None) or 1, str(error)) from error
        return "".join(whole).encode()

    def _broken(self, row: int, detail: str) -> OneDoorError:
        return refuse(
            InputError, "export.template_broken", {"file": self._name, "row": row}, detail=detail[:300]
        )


def _problem(fault: Unknown | Broken, name: str) -> Problem:
    place: dict[str, Value] = {"file": name, "row": fault.line}
    if isinstance(fault, Broken):
        return Problem(code="export.template_broken", params={"detail": fault.detail}, place=place)
    known = "、".join(fault.known)
    return Problem(code="export.template_field", params={"name": fault.name, "known": known}, place=place)
