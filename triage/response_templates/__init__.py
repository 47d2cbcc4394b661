"""A template document -> a ResponseTemplate that is safe to use: its Jinja2 is compiled and its names are checked.

Jinja2 runs in its sandbox, and within limits: a template that would never end is stopped and said to be wrong.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, meta, nodes, pass_context
from jinja2.environment import TemplateExpression
from jinja2.exceptions import SecurityError
from jinja2.filters import do_indent
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from triage.error_codes import ErrorTable
from triage.response_templates.folder import TemplateFolder, read_folder
from triage.response_templates.front_matter import Ask
from triage.response_templates.problems import Problem, ProblemList, TemplateError
from triage.response_templates.reading import (
    ClosePolicy,
    LabelRule,
    Match,
    ResponseTemplate,
    Variant,
    phrase_pattern,
    posted_texts,
    read_document,
)

__all__ = [
    "Ask",
    "ClosePolicy",
    "LabelRule",
    "Match",
    "Problem",
    "ResponseTemplate",
    "TemplateError",
    "TemplateFolder",
    "Variant",
    "check_templates",
    "is_variant_placed",
    "load_templates",
    "phrase_pattern",
    "read_template",
    "run_expression",
    "run_response",
]

_Value = TypeVar("_Value")


# --- running within limits --------------------------------------------------------------------------------------------


class TooMuchWorkError(SecurityError):
    """A template that goes on and on, or makes texts too long: it is stopped before the dashboard stands still."""

    def __init__(self) -> None:
        super().__init__("it repeats too much or makes a text too long, and was stopped")


_MOST_STEPS = 50_000
"""A response of ours takes some hundred; a step is a round of a loop, a call, or 64 characters made or printed."""

_LONGEST_VALUE = 200_000
_LARGEST_NUMBER = 10**12
_steps_left: ContextVar[list[int] | None] = ContextVar("steps left", default=None)


@contextmanager
def _limited() -> Iterator[None]:
    """Whatever a template does within is counted, from zero for the outermost."""
    token = _steps_left.set([_MOST_STEPS]) if _steps_left.get() is None else None
    try:
        yield
    except (RecursionError, MemoryError):
        raise TooMuchWorkError from None
    finally:
        if token:
            _steps_left.reset(token)


def _spend(steps: int) -> None:
    left = _steps_left.get()
    if left is not None:
        left[0] -= steps
        if left[0] < 0:
            raise TooMuchWorkError


def _bounded(value: _Value) -> _Value:
    """The value, counted by its length."""
    if isinstance(value, (str, list, tuple)):
        if len(value) > _LONGEST_VALUE:
            raise TooMuchWorkError
        _spend(len(value) // 64)
    return value


@pass_context
def _counted(_: Context, items: Iterable[object]) -> Iterator[object]:
    for item in items:
        _spend(1)
        yield item


def _printed(value: object) -> object:
    return "" if value is None else _bounded(value)


def _check_join(separator: str, parts: Iterable[object]) -> list[object]:
    made = list(parts)
    if sum(len(part) if isinstance(part, str) else 20 for part in made) + len(separator) * len(made) > _LONGEST_VALUE:
        raise TooMuchWorkError
    return made


def _check_replace(text: str, old: str, new: str) -> None:
    if len(text) + text.count(old) * len(new) > _LONGEST_VALUE:
        raise TooMuchWorkError


_TEXT_METHODS = """
capitalize casefold count endswith find index isalnum isalpha isdecimal isdigit islower isnumeric isspace istitle
isupper join lower lstrip partition removeprefix removesuffix replace rfind rindex rpartition rsplit rstrip split
splitlines startswith strip swapcase title upper
"""
_OF_TEXT = frozenset(_TEXT_METHODS.split())
_WITHOUT = ("batch", "center", "format", "lipsum", "pprint", "random", "slice", "sum", "tojson", "xmlattr")
"""Filters that make a long text or list of a short one, or another one at each rendering."""


class _Environment(ImmutableSandboxedEnvironment):
    """Jinja2's sandbox with an end: rounds, calls and the length of what is made are counted."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805 - as in Jinja2
        _spend(1)
        owner, name = getattr(__obj, "__self__", None), getattr(__obj, "__name__", "")
        if isinstance(owner, str) and name == "join" and len(args) == 1:
            args = (_check_join(owner, args[0]),)
        elif isinstance(owner, str) and name == "replace" and len(args) >= 2:
            _check_replace(owner, str(args[0]), str(args[1]))
        return _bounded(super().call(__context, __obj, *args, **kwargs))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        numbers = [value for value in (left, right) if isinstance(value, int)]
        if operator in ("*", "**") and any(abs(number) > _LARGEST_NUMBER for number in numbers):
            raise TooMuchWorkError
        if operator == "**" and len(numbers) == 2 and numbers[1] > 64:
            raise TooMuchWorkError
        if (
            operator == "*"
            and numbers
            and any(
                isinstance(value, (str, list, tuple)) and len(value) * abs(numbers[0]) > _LONGEST_VALUE
                for value in (left, right)
            )
        ):
            raise TooMuchWorkError
        if operator == "%" and isinstance(left, str):
            raise SecurityError("text is put together with ~, not with %")
        return _bounded(super().call_binop(context, operator, left, right))

    def wrap_str_format(self, value: Any) -> Any:
        if getattr(value, "__name__", "") in ("format", "format_map") and isinstance(value.__self__, str):
            raise SecurityError("text is put together with ~, not with format")
        return None

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if isinstance(obj, (str, int, float, bytes)):
            return isinstance(obj, str) and attr in _OF_TEXT
        return super().is_safe_attribute(obj, attr, value)


def _range(*bounds: int) -> range:
    numbers = range(*bounds)
    if len(numbers) > _MOST_STEPS:
        raise TooMuchWorkError
    return numbers


def _join(items: Iterable[object], separator: str = "", attribute: str | int | None = None) -> str:
    parts = items if attribute is None else [_ENVIRONMENT.getitem(item, attribute) for item in items]
    return separator.join(str(part) for part in _check_join(separator, parts))


def _replace(text: str, old: str, new: str, count: int = -1) -> str:
    _check_replace(text, old, new)
    return text.replace(old, new, count)


def _indent(text: str, width: int | str = 4, first: bool = False, blank: bool = False) -> str:
    if (width if isinstance(width, int) else len(width)) > 64:
        raise TooMuchWorkError
    return do_indent(text, width, first, blank)


def _make_environment() -> _Environment:
    environment = _Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_printed)
    for name in _WITHOUT:
        environment.filters.pop(name, None)
        environment.globals.pop(name, None)
    environment.filters |= {
        "join": _join,
        "replace": _replace,
        "indent": _indent,
        "counted": _counted,
        "bounded": _bounded,
    }
    environment.globals["range"] = _range
    return environment


_ENVIRONMENT = _make_environment()


def _parse(source: str) -> nodes.Template:
    """The tree of a response in which every loop is counted and every text that is put together is measured."""
    tree = _ENVIRONMENT.parse(source)
    for loop in tree.find_all(nodes.For):
        loop.iter = nodes.Filter(loop.iter, "counted", [], [], None, None, lineno=loop.lineno)
    _measure(tree)
    return tree


def _measure(node: nodes.Node) -> None:
    for name, value in node.iter_fields():
        if isinstance(value, list):
            setattr(node, name, [_measured(each) for each in value])
        else:
            setattr(node, name, _measured(value))


def _measured(value: Any) -> Any:
    if isinstance(value, nodes.Node):
        _measure(value)
    if isinstance(value, nodes.Concat) or (isinstance(value, nodes.Filter) and value.name != "counted"):
        return nodes.Filter(value, "bounded", [], [], None, None, lineno=value.lineno)
    return value


@lru_cache(maxsize=256)
def compile_response(source: str) -> Template:
    """The compiled template; raises jinja2.TemplateSyntaxError."""
    with _limited():
        return _ENVIRONMENT.from_string(_parse(source))


@lru_cache(maxsize=256)
def compile_expression(source: str) -> TemplateExpression:
    """A compiled `when`; raises jinja2.TemplateSyntaxError."""
    with _limited():
        return _ENVIRONMENT.compile_expression(source, undefined_to_none=False)


def run_response(source: str, names: Mapping[str, object]) -> str:
    """A response rendered with these names. Raises jinja2.TemplateError, or whatever else a template can provoke."""
    with _limited():
        return compile_response(source).render(names)


def run_expression(source: str, names: Mapping[str, object]) -> object:
    """What an expression comes to. Raises as `run_response` does."""
    with _limited():
        return compile_expression(source)(**names)


def is_variant_placed(response: str) -> bool:
    """Whether a response says itself where a variant's addition goes."""
    return "variant" in meta.find_undeclared_variables(_ENVIRONMENT.parse(response))


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
        known = _ENVIRONMENT.tests if isinstance(node, nodes.Test) else _ENVIRONMENT.filters
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
        tree = _ENVIRONMENT.parse("{{ (" + source + ") }}" if expression else source)
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
    # responses.py is built on this module; here it only shows that every template renders
    from triage.responses import find_rendering_problem

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
