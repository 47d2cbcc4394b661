"""Which way imports go: read from every file, so that the rooms of the house stay rooms."""

import ast
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted([ROOT / "app.py", *(ROOT / "pages").rglob("*.py"), *(ROOT / "triage").rglob("*.py")])

DESK = {"desk"}
"""The use cases: handed a gateway and a store."""

COMPOSED = {"__main__", "services", "workspace"}
"""Where everything is put together."""

WORLD = {
    "alembic", "asyncio", "fastapi", "githubkit", "http", "httpx", "requests", "socket", "sqlalchemy", "sqlite3",
    "starlette", "streamlit", "subprocess", "urllib3", "uvicorn",
}  # fmt: skip
"""What pure modules know nothing of: network, database, pages, other programs."""

ONLY_IN = {
    "githubkit": {"triage.github"},
    "httpx": {"triage.github"},
    "jinja2": {"triage.responses"},
    "sqlalchemy": {"triage.store", "triage.migrations"},
    "alembic": {"triage.store", "triage.migrations"},
    "starlette": {"triage.sandbox"},
    "streamlit": {"app", "pages"},
    "uvicorn": {"triage.sandbox"},
    "cmarkgfm": {"triage.markdown"},
    "nh3": {"triage.markdown"},
    "markdown_it": {"triage.markdown"},
}
"""Where a package may be imported: in these modules, or inside these packages."""

MAY_IMPORT = {
    "triage.github": {"models"},
    "triage.store": {"closure", "detection", "models", "plans", "store", "migrations"},
    "triage.migrations": {"store", "models", "migrations"},
    "triage.sandbox": {"cases", "models", "markdown"},
    "triage.settings": {"models"},
    "triage.desk.pacing": set(),
    "triage.runner": set(),
    "triage.models": set(),
}
"""Which of our own modules these may import."""


def module_of(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(file: Path) -> set[str]:
    """The absolute names of all that a file imports, wherever in it the import stands."""
    package = module_of(file) if file.name == "__init__.py" else module_of(file).rpartition(".")[0]
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([base] if base else [])])
            found.add(base)
            found.update(f"{base}.{alias.name}" for alias in node.names if base == "triage")
    return found


def is_in(module: str, places: set[str]) -> bool:
    return any(module == place or module.startswith(f"{place}.") for place in places)


def room_of(name: str) -> str | None:
    """The first part below triage of an imported name; None for what is not ours."""
    parts = name.split(".")
    return parts[1] if parts[0] == "triage" and len(parts) > 1 else None


IMPORTS = {module_of(file): imports_of(file) for file in FILES}
OURS = {name: {room for found in imports if (room := room_of(found))} for name, imports in IMPORTS.items()}

ROOMS = {module.split(".")[1] for module in IMPORTS if module.startswith("triage.")}
SHELL = {"github", "store", "migrations", "sandbox", "settings", "runner", "mirror"}
PURE = {
    "ages", "cases", "closure", "detection", "issue_forms", "markdown", "models", "phrases", "plans", "queue",
    "responses",
}  # fmt: skip
"""Rooms that judge plain values."""


def test_every_room_has_its_place_in_the_design() -> None:
    assert ROOMS == PURE | SHELL | DESK | COMPOSED


@pytest.mark.parametrize("file", [file for file in FILES if file.name == "__init__.py"], ids=module_of)
def test_a_package_says_what_it_holds_and_holds_no_code(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    for node in tree.body[1:]:
        names = node.targets if isinstance(node, ast.Assign) else []
        is_list = any(isinstance(name, ast.Name) and name.id == "__all__" for name in names)
        assert isinstance(node, (ast.Import, ast.ImportFrom)) or is_list, f"{file}:{node.lineno} is code"


@pytest.mark.parametrize("file", FILES, ids=module_of)
def test_no_file_is_longer_than_one_room(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 400


def test_a_type_is_named_once_in_the_house() -> None:
    """One word, one thing; what begins with an underscore is known to its own file alone."""
    places: dict[str, list[str]] = {}
    for file in FILES:
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(module_of(file))
    assert {name: modules for name, modules in places.items() if len(modules) > 1} == {}


def test_no_import_goes_in_a_circle() -> None:
    files = {module_of(file): file for file in FILES}
    graph = {
        name: {found for found in modules_read_by(file, set(files)) if found != name} for name, file in files.items()
    }
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def modules_read_by(file: Path, modules: set[str]) -> set[str]:
    """Which of `modules` a file imports: of `from package import name` the module of that name, else the package."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            found.update(name if name in modules else node.module for name in inner.values())
    return found & modules


def test_the_reader_of_imports_finds_them_all() -> None:
    assert {"triage.models", "triage.github.refusals", "githubkit"} <= IMPORTS["triage.github.gateway"]
    assert "github" in OURS["triage.services"]


@pytest.mark.parametrize("name", sorted(PURE))
def test_a_pure_module_knows_nothing_of_network_database_or_page(name: str) -> None:
    modules = [module for module in IMPORTS if is_in(module, {f"triage.{name}"})]
    for module in modules:
        tops = {found.partition(".")[0] for found in IMPORTS[module]}
        assert not tops & WORLD, f"{module} imports {sorted(tops & WORLD)}"
        assert "urllib.request" not in IMPORTS[module]
        assert OURS[module] <= PURE, f"{module} imports {sorted(OURS[module] - PURE)}"


@pytest.mark.parametrize("package", sorted(ONLY_IN))
def test_a_package_is_imported_where_it_belongs_and_nowhere_else(package: str) -> None:
    importers = {module for module, found in IMPORTS.items() if any(is_in(name, {package}) for name in found)}
    assert importers, f"nothing imports {package} any more"
    assert all(is_in(module, ONLY_IN[package]) for module in importers), sorted(importers)


@pytest.mark.parametrize("name", sorted(MAY_IMPORT))
def test_a_module_imports_no_more_of_the_house_than_it_may(name: str) -> None:
    for module in (module for module in IMPORTS if is_in(module, {name})):
        allowed = MAY_IMPORT[name] | {name.rpartition(".")[2]}
        assert OURS[module] <= allowed, f"{module} imports {sorted(OURS[module] - allowed)}"


@pytest.mark.parametrize("name", ["mirror", *sorted(DESK)])
def test_the_use_cases_are_handed_what_they_reach_the_world_by(name: str) -> None:
    for module in (module for module in IMPORTS if is_in(module, {f"triage.{name}"})):
        assert OURS[module] <= PURE | {name, "store"}, f"{module} imports {sorted(OURS[module] - PURE - {name})}"
        assert not {found.partition(".")[0] for found in IMPORTS[module]} & WORLD


def test_pages_draw_and_call_use_cases() -> None:
    for module in (module for module in IMPORTS if module == "app" or module.startswith("pages")):
        allowed = PURE | DESK | {"services", "workspace", "store"}
        if module == "pages.parts.frame":  # which says what kept the rest from opening: the errors of these two
            allowed |= {"sandbox", "settings"}
        assert OURS[module] <= allowed, f"{module} imports {sorted(OURS[module] - allowed)}"
        tops = {found.partition(".")[0] for found in IMPORTS[module]}
        assert not tops & (WORLD - {"streamlit"}), f"{module} imports {sorted(tops & WORLD)}"


def test_every_import_from_outside_is_a_dependency_that_is_named() -> None:
    named = (ROOT / "requirements.txt").read_text(encoding="utf-8").lower()
    # httpx comes with githubkit; pyyaml is imported as yaml.
    known = {"triage", "pages", "yaml", "httpx"} | set(sys.stdlib_module_names)
    for module, found in IMPORTS.items():
        for top in {name.partition(".")[0] for name in found} - known:
            assert top.lower().replace("_", "-") in named, (
                f"{module} imports {top}, which requirements.txt does not name"
            )
