"""Linter and reading of a folder: what compiles, names what exists, and renders for every issue is a template."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from jinja2 import TemplateSyntaxError, nodes

from triage.detection import ErrorTable
from triage.responses.folder import TemplateFolder, read_folder
from triage.responses.jinja import ENVIRONMENT, compile_expression, compile_response
from triage.responses.problems import Problem, ProblemList, TemplateError
from triage.responses.reading import ResponseTemplate, posted_texts, read_document
from triage.responses.rendering import find_rendering_problem

# --- what a template may name -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a name holds: its attributes (None: anything), and for a list what its items are."""

    attributes: Mapping[str, "_Shape"] | None = None
    item: "_Shape | None" = None


_ANY = _Shape()


def _of(*names: str, **shapes: _Shape) -> _Shape:
    return _Shape(dict.fromkeys(names, _ANY) | shapes)


_CAUSE = _of("key", "name", "meaning", "cure", "wait", "kind")
_CODE = _of("code", "name", "meaning", "kind", "cause")
_EVIDENCE = _of("source", "quote", "shows")
_NAMES: Mapping[str, _Shape] = {
    "issue": _of("number", "title", "author", "url", "asks_for_help"),
    "form": _of(
        *("solution", "version", "target_version", "flow", "description", "expected", "steps", "method"),
        *("answers", "is_form"),
    ),
    "finding": _of(
        *("kind", "codes", "flows", "names", "wait", "asks_for_help", "only_in_image"),
        evidence=_Shape(item=_EVIDENCE),
        causes=_Shape(item=_CAUSE),
        told_causes=_Shape(item=_CAUSE),
        known_codes=_Shape(item=_CODE),
    ),
    "repository": _of("name", "url", "file"),
    "maintainer": _ANY,
}
_ALWAYS = ("range", "dict", "namespace", "joiner", "cycler")
_SAME_ITEMS = ("sort", "unique", "list", "reverse", "select", "reject", "selectattr", "rejectattr")
_FORGIVING = ("default", "d", "defined", "undefined")


class _NameCheck:
    """Walks a parsed template and says which names nothing will ever have."""

    def __init__(self) -> None:
        self.found: list[tuple[int, str]] = []

    def block(self, body: Sequence[nodes.Node], scope: dict[str, _Shape]) -> None:
        for node in body:
            self.visit(node, scope)

    def visit(self, node: nodes.Node, scope: dict[str, _Shape]) -> _Shape:
        match node:
            case nodes.Name():
                if node.name not in scope and node.name not in _ALWAYS:
                    self.found.append((node.lineno, f"{node.name} is undefined; there are {', '.join(sorted(scope))}"))
                return scope.get(node.name, _ANY)
            case nodes.Getattr():
                return self.attribute(node, node.node, node.attr, scope)
            case nodes.Getitem(arg=nodes.Const(value=str(key))):
                return self.attribute(node, node.node, key, scope)
            case nodes.Getitem():
                self.visit(node.arg, scope)
                shape = self.visit(node.node, scope)
                return shape if isinstance(node.arg, nodes.Slice) else shape.item or _ANY
            case nodes.Filter() | nodes.Test():
                return self.filtered(node, scope)
            case nodes.For():
                return self.loop(node, scope)
            case nodes.Assign():
                self.name(node.target, self.visit(node.node, scope), scope)
            case nodes.AssignBlock():
                self.block(node.body, dict(scope))
                self.name(node.target, _ANY, scope)
            case nodes.With():
                inner = dict(scope)
                for target, value in zip(node.targets, node.values, strict=True):
                    self.name(target, self.visit(value, scope), inner)
                self.block(node.body, inner)
            case nodes.Macro():
                scope[node.name] = _ANY
                inner = scope | {"varargs": _ANY, "kwargs": _ANY, "caller": _ANY}
                self.block(node.body, inner | {argument.name: _ANY for argument in node.args})
            case nodes.Include() | nodes.Import() | nodes.FromImport() | nodes.Extends():
                self.found.append((node.lineno, "a response cannot take in another file"))
            case _:
                for child in node.iter_child_nodes():
                    self.visit(child, scope)
        return _ANY

    def attribute(self, node: nodes.Expr, base: nodes.Expr, name: str, scope: dict[str, _Shape]) -> _Shape:
        shape = self.visit(base, scope)
        if shape.attributes is None:
            return _ANY
        if name not in shape.attributes:
            known = ", ".join(shape.attributes) or "nothing"
            whose = base.name if isinstance(base, nodes.Name) else "this"
            self.found.append((node.lineno, f"{whose}.{name} is undefined; {whose} has {known}"))
        return shape.attributes.get(name, _ANY)

    def filtered(self, node: nodes.Filter | nodes.Test, scope: dict[str, _Shape]) -> _Shape:
        known = ENVIRONMENT.tests if isinstance(node, nodes.Test) else ENVIRONMENT.filters
        if node.name not in known:
            kind = "test" if isinstance(node, nodes.Test) else "filter"
            self.found.append((node.lineno, f"there is no {kind} {node.name}"))
        before = len(self.found)
        shape = self.visit(node.node, scope) if node.node is not None else _ANY
        if node.name in _FORGIVING:
            del self.found[before:]
        for argument in (*node.args, *node.kwargs):
            self.visit(argument, scope)
        if isinstance(node, nodes.Test):
            return _ANY
        if node.name in ("first", "last"):
            return shape.item or _ANY
        return shape if node.name in _SAME_ITEMS else _ANY

    def loop(self, node: nodes.For, scope: dict[str, _Shape]) -> _Shape:
        inner = scope | {"loop": _ANY}
        self.name(node.target, self.visit(node.iter, scope).item or _ANY, inner)
        if node.test is not None:
            self.visit(node.test, inner)
        self.block(node.body, inner)
        self.block(node.else_, dict(scope))
        return _ANY

    def name(self, target: nodes.Node, shape: _Shape, scope: dict[str, _Shape]) -> None:
        if isinstance(target, nodes.Name):
            scope[target.name] = shape
        else:
            for each in target.find_all(nodes.Name):
                scope[each.name] = _ANY


def _check_source(source: str, scope: Mapping[str, _Shape], *, expression: bool = False) -> Iterator[tuple[int, str]]:
    """Problems of a source as (line within it, message)."""
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


def _check_jinja(template: ResponseTemplate, problems: ProblemList) -> None:
    scope = dict(_NAMES) | {"ask": _of(*(ask.name for ask in template.ask))}
    in_response = scope | {"variant": _ANY} if template.variants else scope
    for text, first in posted_texts(template):
        for line, message in _check_source(text, in_response if text is template.response else scope):
            problems.error(first + line - 1, message)
    for name, source, names in _expressions(template, scope):
        for _, message in _check_source(source, names, expression=True):
            problems.error(
                template.lines.get(name, template.lines.get(name.rsplit(".", 1)[0], 1)), f"{name}: {message}"
            )


def _expressions(
    template: ResponseTemplate, scope: Mapping[str, _Shape]
) -> Iterator[tuple[str, str, Mapping[str, _Shape]]]:
    if template.match.when:
        names = {name: scope[name] for name in ("issue", "form", "finding")}
        yield "match.when", template.match.when, names | {"answered": _ANY, "outcome": _ANY}
    for variant in template.variants:
        yield f"variants.{variant.name}", variant.condition, scope
    for label in template.labels:
        yield f"labels.{label.name}.when", label.when, scope


# --- reading ----------------------------------------------------------------------------------------------------------


def read_template(text: str, file: str, table: ErrorTable | None = None) -> ResponseTemplate:
    """Reads one document; `file` is its name as problems give it, and its stem is the template's name.

    Warnings are in the template's `problems`. Raises TemplateError where there is any error. `table` is the program's
    own table of error codes unless the folder has one beside its templates.
    """
    problems = ProblemList(file)
    template = read_document(text, file, problems, table)
    _check_jinja(template, problems)
    if not problems.has_error and (problem := find_rendering_problem(template, table)):
        problems.error(template.lines.get(problem.key, template.line), problem.message)
    if problems.has_error:
        raise TemplateError(sorted(problems.found))
    return replace(template, problems=tuple(sorted(problems.found)))


def load_templates(folder: Path, last_good: TemplateFolder | None = None) -> TemplateFolder:
    """Reads the `*.md` files of `folder`, only those that changed since `last_good`; of a broken one the last good
    version stays. A README.md is for people. Never raises: what cannot be read is a problem.
    """
    return read_folder(folder, read_template, last_good)


def check_templates(folder: Path) -> list[Problem]:
    """Every problem of a folder's templates and of its table of error codes, by file and line."""
    return list(load_templates(folder).problems)
