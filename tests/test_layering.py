"""Imports go one way, and a few things stay where they belong. Read with ``ast``, not run."""

import ast
import re
import sys
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]

# From the screen down to what everything stands on. A module may import from its own layer and
# from those below it. A package stands for all its modules, unless one is named itself.
LAYERS = (
    ("streamlit_app",),
    ("dashboard.pages",),
    ("dashboard",),
    ("core.cli", "core.exports", "core.scores"),
    ("data",),
    (
        "core.desk",
        "core.behind",
        "core.card",
        "core.trial",
        "core.quality",
        "core.sentences",
        "core.lists",
        "core.breakdowns",
        "core.figures",
        "core.targets",
        "core.view",
        "core.check",
        "core.imports",
        "core.changes",
        "core.earliest",
        "core.reading",
        "core.facts",
        "core.engine",
        "core.ledger",
        "core.ingest",
        "core.store",
        "core.metrics",
        "core.models",
        "core.waves",
    ),
    (
        "core.batch",
        "core.schema",
        "core.definitions",
        "core.errors",
        "core.settings",
        "core.periods",
        "core.permissions",
        "core.i18n",
        "core",
    ),
)
# What a metric or a model may import of the core: what the data mean, never where they come from.
PURE = ("core.metrics", "core.models")
PURE_MAY_IMPORT = ("core.schema", "core.definitions", "core.errors", "core.periods")
INPUT_OUTPUT = {
    "os",
    "io",
    "pathlib",
    "shutil",
    "tempfile",
    "subprocess",
    "socket",
    "urllib",
    "requests",
    "sqlite3",
    "sqlalchemy",
    "duckdb",
    "deltalake",
    "streamlit",
}
CLOCK = {"now", "today", "utcnow", "time", "monotonic"}

# Modules over 300 lines, and why.
LONG_MODULES = {
    "core/schema.py": "data: the tables and columns a company may bring",
    "core/store/migrations/versions/0001_the_first_tables.py": "data: the same, as they began",
}
LONGEST_MODULE = 300
LONGEST_PAGE = 80
# Entry points, where whatever is left over is logged with an id that the user is shown.
ENTRY_POINTS = ("streamlit_app.py",)


def sources() -> list[Path]:
    found = [ROOT / "streamlit_app.py"]
    for folder in ("core", "dashboard", "data"):
        found += sorted((ROOT / folder).rglob("*.py"))
    return [path for path in found if path.exists() and "books" not in path.relative_to(ROOT).parts]


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(path: Path) -> list[tuple[str, int]]:
    """Every module that ``path`` imports, with the line; ``from core import engine`` is
    ``core.engine``."""
    found = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{relative(path)}:{node.lineno}: imports are absolute"
            module = node.module or ""
            is_ours = module.split(".")[0] in ("core", "dashboard", "data")
            names = [f"{module}.{alias.name}" for alias in node.names]
            found += [
                (name if is_ours and is_module(name) else module, node.lineno) for name in names
            ]
    return found


def is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def is_within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def layer(name: str) -> int | None:
    """The number of the layer of a module of ours, 0 at the top; None for others."""
    found = [
        (len(package), number)
        for number, packages in enumerate(LAYERS)
        for package in packages
        if is_within(name, package)
    ]
    return max(found)[1] if found else None


def calls(path: Path) -> list[tuple[str, ast.Call]]:
    """Every call in ``path`` by its dotted name."""
    return [
        (ast.unparse(node.func), node)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
    ]


def pages() -> list[Path]:
    found = (path for path in sources() if relative(path).startswith("dashboard/pages/"))
    return [path for path in found if path.stem != "__init__"]


def pure() -> list[Path]:
    return [path for path in sources() if any(is_within(module_name(path), p) for p in PURE)]


def lines(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def test_every_module_of_the_core_has_its_layer():
    packages = [package for each in LAYERS for package in each if package != "core"]
    names = [module_name(path) for path in sources()]
    unnamed = [
        name
        for name in names
        if name.startswith("core.") and not any(is_within(name, package) for package in packages)
    ]
    assert not unnamed, "name their layer in LAYERS"


def test_a_module_imports_from_its_own_layer_and_below():
    upwards = [
        f"{relative(path)}:{line} imports {name}"
        for path in sources()
        for name, line in imported(path)
        if (other := layer(name)) is not None and other < (layer(module_name(path)) or 0)
    ]
    assert not upwards


def test_what_is_imported_from_elsewhere_is_a_requirement_of_its_own():
    written = (ROOT / "requirements.in").read_text("utf-8")
    required = set(re.findall(r"^([a-z0-9-]+)", written, re.M))
    providers = packages_distributions()
    undeclared = {
        top
        for path in sources()
        for name, _ in imported(path)
        if (top := name.split(".")[0]) not in sys.stdlib_module_names
        and layer(top) is None
        and top not in {"core", "data", "dashboard"}
        and not {normal(each) for each in providers.get(top, [])} & required
    }
    assert not undeclared


def normal(distribution: str) -> str:
    return distribution.lower().replace("_", "-")


def test_a_page_imports_no_other_page():
    others = [
        f"{relative(path)}:{line} imports {name}"
        for path in pages()
        for name, line in imported(path)
        if is_within(name, "dashboard.pages")
    ]
    assert not others


def test_metrics_and_models_import_neither_each_other_nor_input_and_output():
    wrong = []
    for path in pure():
        own = next(package for package in PURE if is_within(module_name(path), package))
        for name, line in imported(path):
            is_allowed = any(is_within(name, allowed) for allowed in (own, *PURE_MAY_IMPORT))
            is_ours = layer(name) is not None
            if (is_ours and not is_allowed) or name.split(".")[0] in INPUT_OUTPUT:
                wrong.append(f"{relative(path)}:{line} imports {name}")
    assert not wrong


def test_metrics_and_models_open_no_file_and_read_no_clock():
    wrong = [
        f"{relative(path)}:{node.lineno} calls {name}"
        for path in pure()
        for name, node in calls(path)
        if name in ("open", "print", "input", "ibis.now", "ibis.today")
        or (name.split(".")[0] in ("date", "datetime", "time") and name.split(".")[-1] in CLOCK)
    ]
    assert not wrong


def test_only_the_dashboard_imports_streamlit():
    elsewhere = [
        f"{relative(path)}:{line}"
        for path in sources()
        if not (relative(path).startswith("dashboard/") or path.name == "streamlit_app.py")
        for name, line in imported(path)
        if name.split(".")[0] == "streamlit"
    ]
    assert not elsewhere


def test_streamlit_caches_stand_in_dashboard_data_alone():
    elsewhere = [
        f"{relative(path)}:{node.lineno}"
        for path in sources()
        if not relative(path).startswith("dashboard/data")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in ("cache_data", "cache_resource")
    ]
    assert not elsewhere


def test_nothing_is_shown_as_raw_html():
    """But the style sheets for paper, which are files of ours."""
    raw = [
        f"{relative(path)}:{node.lineno}"
        for path in sources()
        for name, node in calls(path)
        if not (name == "st.html" and ast.unparse(node.args[0]).startswith("_STYLES / "))
        if any(keyword.arg == "unsafe_allow_html" for keyword in node.keywords)
        or name in ("st.html", "st.iframe", "components.html", "st.components.v1.html")
    ]
    assert not raw


def test_nothing_is_unpickled():
    modules = {"pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
    found = [
        f"{relative(path)}:{line} imports {name}"
        for path in sources()
        for name, line in imported(path)
        if name.split(".")[0] in modules
    ]
    found += [
        f"{relative(path)}:{node.lineno} calls {name}"
        for path in sources()
        for name, node in calls(path)
        if name.endswith((".read_pickle", ".to_pickle"))
    ]
    assert not found


def test_only_entry_points_catch_every_exception():
    caught = [
        f"{relative(path)}:{node.lineno}"
        for path in sources()
        if relative(path) not in ENTRY_POINTS
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or {"Exception", "BaseException"} & names_in(node.type))
    ]
    assert not caught


def names_in(node: ast.expr) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def test_a_page_is_a_flat_script_of_at_most_80_lines():
    long = {relative(path): lines(path) for path in pages() if lines(path) > LONGEST_PAGE}
    assert not long
    guarded = [
        relative(path)
        for path in pages()
        for node in tree(path).body
        if isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)
    ]
    assert not guarded


def test_a_module_has_at_most_300_lines():
    long = {relative(p): lines(p) for p in sources() if lines(p) > LONGEST_MODULE}
    assert set(long) - set(LONG_MODULES) == set(), long


def test_a_module_excused_for_its_length_is_that_long():
    needless = [name for name in LONG_MODULES if lines(ROOT / name) <= LONGEST_MODULE]
    assert not needless


def test_a_package_runs_no_code_when_imported():
    allowed = (ast.Import, ast.ImportFrom, ast.Assign)
    busy = [
        f"{relative(path)}:{node.lineno}"
        for path in sources()
        if path.name == "__init__.py"
        for node in tree(path).body
        if not isinstance(node, allowed)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]
    assert not busy


def test_a_module_is_named_after_an_idea():
    vague = {"utils", "helpers", "manager", "base", "process", "common", "misc", "data2"}
    assert not [relative(path) for path in sources() if path.stem in vague]
