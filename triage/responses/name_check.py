"""Which names of a parsed template nothing will ever have: what exists is read from the classes in names.py."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from jinja2 import TemplateSyntaxError, nodes

from triage.responses.jinja import ENVIRONMENT, compile_expression, compile_response
from triage.responses.names import MatchNames, ResponseNames


@dataclass(frozen=True, slots=True)
class Shape:
    """What a name holds: its attributes (None: anything), and for a list what its items are."""

    attributes: Mapping[str, "Shape"] | None = None
    item: "Shape | None" = None


ANY = Shape()
Scope = dict[str, Shape]


@cache
def _shape_of(declared: Any) -> Shape:
    """The shape of a type: a dataclass has its public fields and methods, a tuple or list of one has such items."""
    if is_dataclass(declared):
        hints = get_type_hints(declared)
        methods = [name for name, value in vars(declared).items() if callable(value) or isinstance(value, property)]
        public = [name for name in (*(field.name for field in fields(declared)), *methods) if name[0] != "_"]
        return Shape({name: _shape_of(hints[name]) if name in hints else ANY for name in public})
    if get_origin(declared) in (tuple, list) and is_dataclass(get_args(declared)[0]):
        return Shape(item=_shape_of(get_args(declared)[0]))
    return ANY


def scope_of(names: type[MatchNames | ResponseNames], ask: Collection[str] = ()) -> Scope:
    """What a condition or response may name, besides `names` the questions of `ask`."""
    scope = {name: _shape_of(declared) for name, declared in get_type_hints(names).items()}
    return scope | {"ask": Shape(dict.fromkeys(ask, ANY))} if "ask" in scope else scope


_ALWAYS = ("range", "dict", "namespace", "joiner", "cycler")
_SAME_ITEMS = ("sort", "unique", "list", "reverse", "select", "reject", "selectattr", "rejectattr")
_FORGIVING = ("default", "d", "defined", "undefined")


def check_source(source: str, scope: Scope, *, expression: bool = False) -> Iterator[tuple[int, str]]:
    """Problems of a response, or of an expression, as (line within it, message)."""
    try:
        if expression:
            compile_expression(source)
        else:
            compile_response(source)
        tree = ENVIRONMENT.parse("{{ (" + source + ") }}" if expression else source)
    except TemplateSyntaxError as error:
        yield error.lineno, f"Jinja2: {error.message}"
        return
    except Exception as error:  # more brackets or blocks within each other than Python takes
        yield 1, f"Jinja2: {str(error) or type(error).__name__}"
        return
    check = _NameCheck()
    check.visit(tree, dict(scope))
    yield from dict.fromkeys(check.found)


class _NameCheck:
    """Walks a parsed template: each kind of node that names or binds something has a method, `visit_` and its name."""

    def __init__(self) -> None:
        self.found: list[tuple[int, str]] = []

    def visit(self, node: nodes.Node, scope: Scope) -> Shape:
        """Notes what is wrong below `node`, and says what it comes to; a node that binds a name adds it to `scope`."""
        method = getattr(self, f"visit_{type(node).__name__}", None)
        if method:
            shape: Shape | None = method(node, scope)
            return shape or ANY
        for child in node.iter_child_nodes():
            self.visit(child, scope)
        return ANY

    def block(self, body: Sequence[nodes.Node], scope: Scope) -> None:
        for node in body:
            self.visit(node, scope)

    def bind(self, target: nodes.Node, shape: Shape, scope: Scope) -> None:
        if isinstance(target, nodes.Name):
            scope[target.name] = shape
        else:
            scope.update((each.name, ANY) for each in target.find_all(nodes.Name))

    # --- names and what is taken from them

    def visit_Name(self, node: nodes.Name, scope: Scope) -> Shape:  # noqa: N802 - as Jinja2 names its nodes
        if node.name not in scope and node.name not in _ALWAYS:
            self.found.append((node.lineno, f"{node.name} is undefined; the names are {', '.join(sorted(scope))}"))
        return scope.get(node.name, ANY)

    def visit_Getattr(self, node: nodes.Getattr, scope: Scope) -> Shape:  # noqa: N802
        return self.attribute(node, node.attr, scope)

    def visit_Getitem(self, node: nodes.Getitem, scope: Scope) -> Shape:  # noqa: N802
        if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
            return self.attribute(node, node.arg.value, scope)
        self.visit(node.arg, scope)
        shape = self.visit(node.node, scope)
        return shape if isinstance(node.arg, nodes.Slice) else shape.item or ANY

    def attribute(self, node: nodes.Getattr | nodes.Getitem, name: str, scope: Scope) -> Shape:
        shape = self.visit(node.node, scope)
        if shape.attributes is None:
            return ANY
        if name not in shape.attributes:
            known = ", ".join(shape.attributes) or "nothing"
            whose = node.node.name if isinstance(node.node, nodes.Name) else "this"
            self.found.append((node.lineno, f"{whose}.{name} is undefined; {whose} has {known}"))
        return shape.attributes.get(name, ANY)

    # --- filters and tests

    def visit_Filter(self, node: nodes.Filter, scope: Scope) -> Shape:  # noqa: N802
        shape = self.filtered(node, "filter", ENVIRONMENT.filters, scope)
        if node.name in ("first", "last"):
            return shape.item or ANY
        return shape if node.name in _SAME_ITEMS else ANY

    def visit_Test(self, node: nodes.Test, scope: Scope) -> None:  # noqa: N802
        self.filtered(node, "test", ENVIRONMENT.tests, scope)

    def filtered(self, node: nodes.Filter | nodes.Test, kind: str, known: Collection[str], scope: Scope) -> Shape:
        if node.name not in known:
            self.found.append((node.lineno, f"there is no {kind} {node.name}"))
        before = len(self.found)
        shape = self.visit(node.node, scope) if node.node is not None else ANY
        if node.name in _FORGIVING:
            del self.found[before:]
        self.block([*node.args, *node.kwargs], scope)
        return shape

    # --- what binds names

    def visit_For(self, node: nodes.For, scope: Scope) -> None:  # noqa: N802
        inner = scope | {"loop": ANY}
        self.bind(node.target, self.visit(node.iter, scope).item or ANY, inner)
        if node.test is not None:
            self.visit(node.test, inner)
        self.block(node.body, inner)
        self.block(node.else_, dict(scope))

    def visit_Assign(self, node: nodes.Assign, scope: Scope) -> None:  # noqa: N802
        self.bind(node.target, self.visit(node.node, scope), scope)

    def visit_AssignBlock(self, node: nodes.AssignBlock, scope: Scope) -> None:  # noqa: N802
        self.block(node.body, dict(scope))
        self.bind(node.target, ANY, scope)

    def visit_With(self, node: nodes.With, scope: Scope) -> None:  # noqa: N802
        inner = dict(scope)
        for target, value in zip(node.targets, node.values, strict=True):
            self.bind(target, self.visit(value, scope), inner)
        self.block(node.body, inner)

    def visit_Macro(self, node: nodes.Macro, scope: Scope) -> None:  # noqa: N802
        scope[node.name] = ANY
        arguments = [*(argument.name for argument in node.args), "varargs", "kwargs", "caller"]
        self.block(node.body, scope | dict.fromkeys(arguments, ANY))

    def no_file(self, node: nodes.Node, scope: Scope) -> None:
        self.found.append((node.lineno, "a response cannot include another file"))

    visit_Include = visit_Import = visit_FromImport = visit_Extends = no_file  # noqa: N815
