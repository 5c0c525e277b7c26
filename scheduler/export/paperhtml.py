"""Papers as one HTML page a document, filled in a sandbox.

In: a template and papers. Out: bytes. May import: :mod:`scheduler.domain`, jinja2.
"""

import re

from jinja2 import TemplateError

from scheduler.domain.errors import InputError
from scheduler.export.papercheck import FAILURES, broken, environment, faults, problem
from scheduler.export.papers import VISIT_SHAPE, Paper, Template

_BODY = re.compile(r"(.*?<body[^>]*>)(.*)(</body\s*>.*)", re.DOTALL | re.IGNORECASE)


class HtmlWriter:
    """Fills one template. What stands between ``<body>`` and ``</body>`` is a visit's section and repeated
    for each; what stands around it is written once. Errors: ``export.template_field``,
    ``export.template_broken`` (:class:`InputError`)."""

    def __init__(self, template: Template) -> None:
        self._name = template.name
        try:
            source = template.data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise broken(self._name, 1, "UTF-8") from None
        found = [problem(fault, template.name, fault.line) for fault in faults(source, VISIT_SHAPE)]
        if found:
            raise InputError(found)
        parts = _BODY.fullmatch(source)
        if parts is None:
            raise broken(self._name, 1, "<body>")
        try:
            known = environment()
            self._head, self._section, self._tail = (known.from_string(part) for part in parts.groups())
        except TemplateError as error:  # something begins outside the body and ends in it
            raise broken(self._name, getattr(error, "lineno", None) or 1, str(error)) from error

    def write(self, paper: Paper) -> bytes:
        """The page. Errors: ``export.template_broken`` where the template fails with these visits."""
        try:
            sections = [self._section.render(visit) for visit in paper.visits]
            whole = [self._head.render(paper.visits[0]), *sections, self._tail.render(paper.visits[0])]
        except FAILURES as error:
            raise broken(self._name, getattr(error, "lineno", None) or 1, str(error)) from error
        return "".join(whole).encode()
