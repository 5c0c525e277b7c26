"""Whether a template asks only for fields there are, and does nothing but lay them out, before a single page
is made from it.

In: a template's source and the shape of what it is given. Out: problems with their places; the environment
that fills templates. May import: :mod:`scheduler.domain`, jinja2.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import StrictUndefined, TemplateError, TemplateRuntimeError, TemplateSyntaxError, Undefined, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from scheduler.domain.errors import InputError, OneDoorError, Problem, Value

Shape = Any
"""``None`` for a text, ``[shape]`` for a list, a mapping for a record, ``ANYTHING`` where it is not known."""

ANYTHING = "anything"

FILTERS = (
    *("count", "default", "e", "first", "groupby", "int", "join", "last", "length", "list", "lower"),
    *("map", "reject", "rejectattr", "replace", "reverse", "select", "selectattr", "sort", "trim"),
    *("unique", "upper"),
)
"""Filters of jinja2 that a template may use: none that makes much out of little, calls chance or takes text
for markup."""

_PARTS: tuple[type[nodes.Node], ...] = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For, nodes.Assign, nodes.AssignBlock),
    *(nodes.Name, nodes.Const, nodes.List, nodes.Tuple, nodes.Getattr, nodes.Getitem, nodes.Slice),
    *(nodes.Filter, nodes.Keyword, nodes.Test, nodes.CondExpr, nodes.Compare, nodes.Operand),
    *(nodes.And, nodes.Or, nodes.Not, nodes.Neg, nodes.Concat, nodes.Add, nodes.Sub),
)
# Nothing here calls, multiplies or repeats itself: what passes ends, and gives the same every time.
_WRITTEN: dict[type[nodes.Node], str] = {
    nodes.Call: "( )",
    nodes.Mul: "*",
    nodes.Pow: "**",
    nodes.Mod: "%",
    nodes.Div: "/",
    nodes.FloorDiv: "//",
}

FAILURES = (
    *(TemplateError, ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError),
    *(TypeError, ValueError),
)
"""What filling a template that was read may still raise."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unknown:
    """A name that the template asks for and nobody gives; ``line`` counts from 1 in the source, ``known`` are
    the names there are in its place."""

    name: str
    line: int
    known: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Foreign:
    """What a template may not do: ``what`` as its author wrote it."""

    what: str
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Broken:
    """The first thing in the template that cannot be read as one."""

    line: int
    detail: str


Fault = Unknown | Foreign | Broken


def environment() -> ImmutableSandboxedEnvironment:
    """Everything filled in is text, whatever it holds; what nobody gives is an error, never empty."""
    made = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined, finalize=_text)
    made.globals.clear()
    made.filters = {name: made.filters[name] for name in FILTERS}
    return made


def faults(source: str, shape: Mapping[str, Shape]) -> Iterator[Fault]:
    """What is wrong with a template, in the order of its lines; a template that cannot be read has one fault.

    Every branch is looked at, also those that no visit of this campaign takes.
    """
    try:
        tree = environment().parse(source)
        found: list[Fault] = [*_Walk().check(tree, dict(shape))]
        if not found:
            environment().compile(tree)
    except TemplateSyntaxError as error:
        found = [Broken(line=error.lineno, detail=error.message or "")]
    except FAILURES as error:  # an unknown filter or test, or nested beyond measure
        found = [Broken(line=1, detail=str(error))]
    yield from found


def problem(fault: Fault, file: str, row: int) -> Problem:
    """The fault as it is told, with its place in the file."""
    place: dict[str, Value] = {"file": file, "row": row}
    if isinstance(fault, Broken):
        return Problem(code="export.template_broken", params={"detail": fault.detail[:300]}, place=place)
    if isinstance(fault, Foreign):
        known = "、".join(FILTERS)
        return Problem(code="export.template_part", params={"what": fault.what, "known": known}, place=place)
    known = "、".join(fault.known)
    return Problem(code="export.template_field", params={"name": fault.name, "known": known}, place=place)


def broken(file: str, row: int, detail: str) -> OneDoorError:
    """The refusal of a template that cannot be used at all."""
    return InputError([problem(Broken(line=row, detail=detail), file, row)])


def _text(value: object) -> object:
    """Lists and records as Python writes them are nothing for paper; what is missing tells so itself."""
    if not isinstance(value, str | int | Undefined):
        raise TemplateRuntimeError(type(value).__name__)
    return value


class _Walk:
    def check(self, node: nodes.Node, scope: dict[str, Shape]) -> Iterator[Fault]:
        """Faults of a node and all under it."""
        if not isinstance(node, _PARTS) or getattr(node, "recursive", False):
            yield Foreign(line=node.lineno or 1, what=_WRITTEN.get(type(node), type(node).__name__.lower()))
        elif isinstance(node, nodes.For):
            yield from self._loop(node, scope)
        elif isinstance(node, nodes.Getattr | nodes.Getitem | nodes.Name):
            yield from self._asked(node, scope)
        else:
            for child in node.iter_child_nodes():
                yield from self.check(child, scope)

    def _loop(self, node: nodes.For, scope: dict[str, Shape]) -> Iterator[Fault]:
        yield from self.check(node.iter, scope)
        over = self.shape_of(node.iter, scope)
        inner = {**scope, "loop": ANYTHING}
        self._bind(node.target, over[0] if isinstance(over, list) else ANYTHING, inner)
        if node.test is not None:
            yield from self.check(node.test, inner)
        for child in (*node.body, *node.else_):
            yield from self.check(child, inner)

    @staticmethod
    def _bind(target: nodes.Node, shape: Shape, scope: dict[str, Shape]) -> None:
        if isinstance(target, nodes.Name):
            scope[target.name] = shape
        else:
            scope |= {name.name: ANYTHING for name in target.find_all(nodes.Name)}

    def _asked(self, node: nodes.Expr, scope: dict[str, Shape]) -> Iterator[Fault]:
        if isinstance(node, nodes.Name):
            if node.ctx == "load" and node.name not in scope:
                yield Unknown(name=node.name, line=node.lineno, known=tuple(scope))
            elif node.ctx != "load":
                scope[node.name] = ANYTHING
            return
        if not isinstance(node, nodes.Getattr | nodes.Getitem):
            return
        yield from self.check(node.node, scope)
        key = _key(node)
        if isinstance(node, nodes.Getitem) and key is None:
            yield from self.check(node.arg, scope)
        inner = self.shape_of(node.node, scope)
        if isinstance(inner, dict) and isinstance(key, str) and key not in inner:
            yield Unknown(name=f"{_name(node.node)}.{key}", line=node.lineno, known=tuple(inner))
        elif isinstance(key, str) and (inner is None or isinstance(inner, list)):
            yield Unknown(name=f"{_name(node.node)}.{key}", line=node.lineno, known=())

    def shape_of(self, node: nodes.Node, scope: dict[str, Shape]) -> Shape:
        """What an expression gives; ``ANYTHING`` where only running it would tell."""
        if isinstance(node, nodes.Name):
            return scope.get(node.name, ANYTHING)
        if isinstance(node, nodes.Getattr | nodes.Getitem):
            inner = self.shape_of(node.node, scope)
            if isinstance(inner, dict):
                return inner.get(_key(node), ANYTHING)
            if isinstance(inner, list) and not isinstance(_key(node), str):
                return inner[0]
        return ANYTHING


def _key(node: nodes.Getattr | nodes.Getitem) -> str | int | None:
    if isinstance(node, nodes.Getattr):
        return node.attr
    return node.arg.value if isinstance(node.arg, nodes.Const) else None


def _name(node: nodes.Node) -> str:
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        return f"{_name(node.node)}.{node.attr}"
    return "…"
