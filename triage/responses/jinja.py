"""Jinja2 as a response template may use it: in its sandbox, and within limits that stop what would never end."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, TypeVar

from jinja2 import StrictUndefined, Template, meta, nodes, pass_context
from jinja2.environment import TemplateExpression
from jinja2.exceptions import SecurityError
from jinja2.filters import do_indent
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

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
    parts = items if attribute is None else [ENVIRONMENT.getitem(item, attribute) for item in items]
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


ENVIRONMENT = _make_environment()


def _parse(source: str) -> nodes.Template:
    """The tree of a response in which every loop is counted and every text that is put together is measured."""
    tree = ENVIRONMENT.parse(source)
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
        return ENVIRONMENT.from_string(_parse(source))


@lru_cache(maxsize=256)
def compile_expression(source: str) -> TemplateExpression:
    """A compiled `when`; raises jinja2.TemplateSyntaxError."""
    with _limited():
        return ENVIRONMENT.compile_expression(source, undefined_to_none=False)


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
    return "variant" in meta.find_undeclared_variables(ENVIRONMENT.parse(response))
