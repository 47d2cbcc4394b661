"""Jinja2 as a response template may use it: in its sandbox, with an end to time, to length and to what is printed.

A template is written by maintainers, who make mistakes; it is not the place where strangers' text is kept out
(inert_text.py). So a mistake has to end soon and to be named, whatever it is.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any

from jinja2 import StrictUndefined, Template, Undefined, meta, nodes
from jinja2.environment import TemplateExpression
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

_SECONDS = 1.0
"""Of this thread's own time, so that a busy machine ends no template. A response of ours takes some milliseconds."""

_MOST_ROUNDS = 50_000
"""Rounds of loops and calls in a rendering; a response of ours takes some hundred."""

_LONGEST = 200_000
"""Characters or items of one value: a comment holds 65,536 characters."""

_MOST_PRINTED = 1_000_000
"""Characters of a rendering, those included that stand in a loop and may be left out of a round."""

_LARGEST = 10_000
"""The largest number that is multiplied, and the widest indent or longest piece that a filter puts in."""


class TooMuchWorkError(SecurityError):
    """A template that would go on and on, or makes a text too long."""

    def __init__(self) -> None:
        super().__init__("it repeats too often or makes a text too long, and was stopped")


@dataclass(slots=True)
class _Allowance:
    """What is left of the time, the rounds, and the characters that can be printed."""

    until: float
    rounds: int = _MOST_ROUNDS
    characters: int = _MOST_PRINTED


_allowance: ContextVar[_Allowance | None] = ContextVar("allowance", default=None)


@contextmanager
def within_limits() -> Iterator[None]:
    """Templates that run within share the time of the outermost block; each rendering may print as much as any."""
    outer = _allowance.get()
    token = _allowance.set(_Allowance(outer.until if outer else time.thread_time() + _SECONDS))
    try:
        yield
    except (RecursionError, MemoryError):
        raise TooMuchWorkError from None
    finally:
        _allowance.reset(token)


def _spend(characters: int = 0) -> None:
    if allowance := _allowance.get():
        allowance.characters -= characters
        allowance.rounds -= 1
        if min(allowance.characters, allowance.rounds) < 0 or time.thread_time() > allowance.until:
            raise TooMuchWorkError


def _size(value: object) -> int:
    """The characters and items in a value, counted only until there are too many."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, Mapping):
        value = value.items()
    elif not isinstance(value, (list, tuple, set)):
        return 1
    size = 0
    for item in value:
        size += _size(item) + 1
        if size > _LONGEST:
            break
    return size


def _measured(value: Any) -> Any:
    """The value, if it is not too long; what is made item by item is made now."""
    if isinstance(value, Iterator):
        made, size = [], 0
        for item in value:
            _spend()
            made.append(item)
            size += _size(item) + 1
            if size > _LONGEST:
                raise TooMuchWorkError
        return made
    if _size(value) > _LONGEST:
        raise TooMuchWorkError
    return value


def _counted(items: Iterable[object], written: int) -> Iterator[object]:
    """The rounds of a loop that holds so many characters beside what it prints."""
    for item in items:
        _spend(written)
        yield item


def _printed(value: Any) -> Any:
    if value is None:
        return ""
    if not isinstance(value, (str, int, float, Undefined)):
        a_list = isinstance(value, Iterable) and not isinstance(value, Mapping)
        raise SecurityError(
            "a list cannot be printed; join it, as in finding.codes | join(', ')"
            if a_list
            else "only text and numbers can be printed; name the part of it that you mean"
        )
    _spend(_size(value))
    return value


def _limited(function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter or a method of a text within the limits: nothing large goes in or comes out."""

    @wraps(function)
    def limited(*given: Any, **named: Any) -> Any:
        _spend()
        given = tuple(_measured(value) for value in given)
        for value in (*given[1:], *named.values()):
            number = abs(value) if isinstance(value, (int, float)) else _size(value) if isinstance(value, str) else 0
            if number > _LARGEST:
                raise TooMuchWorkError
        return _measured(function(*given, **named))

    return limited


_TEXT_METHODS = """
capitalize casefold count endswith find index isalnum isalpha isdecimal isdigit islower isnumeric isspace istitle
isupper join lower lstrip partition removeprefix removesuffix replace rfind rindex rpartition rsplit rstrip split
splitlines startswith strip swapcase title upper
"""
_OF_TEXT = frozenset(_TEXT_METHODS.split())
_WITHOUT = ("batch", "center", "format", "lipsum", "pprint", "random", "slice", "sum", "tojson", "xmlattr")
"""Filters that make a long text or list of a short one, or another one at each rendering."""


class _Environment(ImmutableSandboxedEnvironment):
    """Jinja2's sandbox, in which calls, products and the methods of a text have limits."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def call(__self, __context: Context, __obj: Any, *given: Any, **named: Any) -> Any:  # noqa: N805 - as in Jinja2
        _spend()
        _measured((given, named))
        is_of_text = isinstance(getattr(__obj, "__self__", None), str)
        return _measured(super().call(__context, _limited(__obj) if is_of_text else __obj, *given, **named))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "%" and isinstance(left, str):
            raise SecurityError("join texts with ~, not with %")
        for value, other in ((left, right), (right, left)):
            if isinstance(value, (int, float)) and abs(value) > _LARGEST:
                raise TooMuchWorkError
            if operator == "*" and isinstance(value, int) and _size(other) * value > _LONGEST:
                raise TooMuchWorkError
        return super().call_binop(context, operator, left, right)

    def wrap_str_format(self, value: Any) -> Any:
        if getattr(value, "__name__", "") in ("format", "format_map") and isinstance(value.__self__, str):
            raise SecurityError("join texts with ~, not with format")
        return None

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if isinstance(obj, (str, int, float, bytes)):
            return isinstance(obj, str) and attr in _OF_TEXT
        return super().is_safe_attribute(obj, attr, value)

    def _generate(self, source: nodes.Template, *given: Any, **named: Any) -> str:
        """The code of a template, in which rounds, assigned values and parts of a text pass through the limits."""
        for loop in source.find_all(nodes.For):
            written = sum(len(text.data) for text in loop.find_all(nodes.TemplateData))
            loop.iter = _through("counted", loop.iter, nodes.Const(written))
        for assign in source.find_all(nodes.Assign):
            assign.node = _through("measured", assign.node)
        for text in source.find_all(nodes.Concat):
            text.nodes = [_through("printed", part) for part in text.nodes]
        return super()._generate(source, *given, **named)


def _through(filter_name: str, value: Any, *arguments: nodes.Expr) -> nodes.Expr:
    return nodes.Filter(value, filter_name, list(arguments), [], None, None, lineno=value.lineno)


def _make_environment() -> _Environment:
    environment = _Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_printed)
    for name in _WITHOUT:
        environment.filters.pop(name, None)
        environment.globals.pop(name, None)
    environment.filters = {name: _limited(function) for name, function in environment.filters.items()}
    environment.filters |= {"counted": _counted, "measured": _measured, "printed": _printed}
    return environment


ENVIRONMENT = _make_environment()


@lru_cache(maxsize=256)
def compile_response(source: str) -> Template:
    """The compiled template; raises jinja2.TemplateSyntaxError."""
    return ENVIRONMENT.from_string(source)


@lru_cache(maxsize=256)
def compile_expression(source: str) -> TemplateExpression:
    """A compiled `when`; raises jinja2.TemplateSyntaxError."""
    return ENVIRONMENT.compile_expression(source, undefined_to_none=False)


def run_response(source: str, names: Mapping[str, object]) -> str:
    """A response rendered with these names. Raises jinja2.TemplateError, or whatever else a template can provoke."""
    with within_limits():
        return compile_response(source).render(names)


def run_expression(source: str, names: Mapping[str, object]) -> object:
    """What an expression comes to. Raises as `run_response` does."""
    with within_limits():
        return compile_expression(source)(**names)


def holds(condition: str, names: Mapping[str, object]) -> bool:
    """Whether a condition is true; one that fails on this issue is not."""
    if condition in ("true", "false"):
        return condition == "true"
    try:
        return bool(run_expression(condition, names))
    except Exception:  # a condition can raise anything
        return False


def say_error(error: Exception) -> str:
    """What went wrong in a template, without the full stop."""
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__


@lru_cache(maxsize=64)
def is_variant_placed(response: str) -> bool:
    """Whether a response says itself where a variant's addition goes; else it goes to the end."""
    return "variant" in meta.find_undeclared_variables(ENVIRONMENT.parse(response))
