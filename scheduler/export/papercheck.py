"""Whether a template asks only for fields there are, before a single page is made from it.

In: a template's source and the shape of what it is given. Out: problems with their places.
May import: :mod:`scheduler.domain`, jinja2.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, TemplateError, TemplateSyntaxError, nodes

Shape = Any
"""``None`` for a text, ``[shape]`` for a list, a mapping for a record, ``ANYTHING`` where it is not known."""

ANYTHING = "anything"


@dataclass(frozen=True, kw_only=True, slots=True)
class Unknown:
    """A name that the template asks for and nobody gives; ``line`` counts from 1 in the source, ``known`` are
    the names there are in its place."""

    name: str
    line: int
    known: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Broken:
    """The first thing in the template that cannot be read as one."""

    line: int
    detail: str


def faults(source: str, shape: Mapping[str, Shape], environment: Environment) -> Iterator[Unknown | Broken]:
    """What is wrong with a template, in the order of its lines; a template that cannot be read has one fault.

    Every branch is looked at, also those that no visit of this campaign takes.
    """
    try:
        tree = environment.parse(source)
        environment.compile(tree)
    except TemplateSyntaxError as error:
        yield Broken(line=error.lineno, detail=error.message or "")
        return
    except TemplateError as error:  # an unknown filter or test
        yield Broken(line=1, detail=error.message or "")
        return
    yield from _Walk(environment).check(tree, dict(shape))


class _Walk:
    def __init__(self, environment: Environment) -> None:
        self._globals = set(environment.globals)

    def check(self, node: nodes.Node, scope: dict[str, Shape]) -> Iterator[Unknown | Broken]:
        """Faults of a node and all under it."""
        if isinstance(node, nodes.For):
            yield from self._loop(node, scope)
        elif isinstance(node, nodes.Include | nodes.Extends | nodes.Import | nodes.FromImport):
            yield Broken(line=node.lineno, detail="include, extends, import")
        elif isinstance(node, nodes.Getattr | nodes.Getitem | nodes.Name):
            yield from self._asked(node, scope)
        else:
            for child in node.iter_child_nodes():
                yield from self.check(child, scope)

    def _loop(self, node: nodes.For, scope: dict[str, Shape]) -> Iterator[Unknown | Broken]:
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

    def _asked(self, node: nodes.Expr, scope: dict[str, Shape]) -> Iterator[Unknown | Broken]:
        if isinstance(node, nodes.Name):
            if node.ctx == "load" and node.name not in scope and node.name not in self._globals:
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
