"""The structure of the code base: allowed imports, maximum lengths, and no complaints from tools."""

from __future__ import annotations

import ast
import importlib.util
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "server" / "loopwise"
MODULES = sorted(PACKAGE.rglob("*.py"))
LONGEST_FUNCTION = 40
LONGEST_FILE = 260

# From the ground up: a module imports from packages below its own, and from its own.
LAYERS = (
    ("__init__", "text", "versions", "problem", "globs", "memo", "disk", "own_path", "store"),
    ("syntax",),
    ("cards",),
    ("settings",),
    ("semantics",),
    ("project",),
    ("writing",),
    ("analysis",),
    ("graph",),
    ("rules",),
    ("diagnosis",),
    ("assists",),
    ("features",),
    ("lsp",),
    ("cli", "docs", "docs_vscode"),
    ("__main__",),
)
ONLY = {
    "tree_sitter": ("syntax.*",),
    "tree_sitter_python": ("syntax.*",),
    "jedi": ("semantics.oracle",),
    "parso": ("semantics.oracle",),
    "pygls": ("lsp.*",),
    "lsprotocol": ("lsp.*",),
    "rich": ("cli.screen.rich", "cli.check.terminal"),
}


def name_of(path: Path) -> str:
    """Return ``semantics.values``; for a package its name with ``.__init__``, for the whole ``__init__``."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def imported(path: Path) -> Iterator[str]:
    """Yield the dotted names of all modules that a module imports, at any depth."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} has a relative import"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                is_module = whole.startswith("loopwise.") and _is_module(whole.removeprefix("loopwise."))
                yield whole if is_module else str(node.module)


def _is_module(name: str) -> bool:
    place = PACKAGE.joinpath(*name.split("."))
    return place.is_dir() or place.with_suffix(".py").exists()


def layer_of(name: str) -> int:
    """Return the index in ``LAYERS``."""
    found = [i for i, layer in enumerate(LAYERS) if name.partition(".")[0] in layer]
    assert len(found) == 1, f"{name} is in {len(found)} layers: add its package to LAYERS in test_tidy.py"
    return found[0]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_go_in_one_direction(path: Path) -> None:
    """From the adapters to the core, never back."""
    name = name_of(path)
    for target in imported(path):
        if target == "loopwise" or not target.startswith("loopwise."):
            continue
        other = target.removeprefix("loopwise.")
        below = layer_of(other) < layer_of(name)
        own = other.partition(".")[0] == name.partition(".")[0]
        ground = layer_of(name) == 0
        beside = {name, other} == {"docs", "docs_vscode"}
        assert below or own or ground or beside, f"{name} imports {other}, which is above it or beside it"


# Faces


@cache
def face_of(package: str) -> frozenset[str]:
    """Return the names in ``__all__`` of a package."""
    tree = tree_of(PACKAGE.joinpath(*package.split("."), "__init__.py"))
    lists = [n.value for n in tree.body if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "__all__"]
    return frozenset(ast.literal_eval(lists[0])) if lists else frozenset()


def _steps(path: Path) -> Iterator[tuple[str, str]]:
    """Yield each step of each import of ours: a package, and the name taken from it."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom) and node.module is not None and node.module.startswith("loopwise."):
            parts = node.module.split(".")[1:]
            for alias in node.names:
                whole = [*parts, alias.name]
                yield from ((".".join(whole[:i]), whole[i]) for i in range(1, len(whole)))
    yield from _attributes(path)


def _attributes(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the names used as attributes of an imported package, such as ``symbols.use_of``."""
    nodes = list(ast.walk(tree_of(path)))
    packages = {
        alias.asname or alias.name: f"{node.module}.{alias.name}".removeprefix("loopwise.")
        for node in nodes
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("loopwise")
        for alias in node.names
        if PACKAGE.joinpath(*f"{node.module}.{alias.name}".split(".")[1:], "__init__.py").is_file()
    }
    for node in nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in packages:
            yield packages[node.value.id], node.attr


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_packages_are_entered_by_their_face(path: Path) -> None:
    """A name that other packages use is listed in the package's ``__init__``."""
    name = name_of(path).removesuffix(".__init__")
    for package, taken in _steps(path):
        if not PACKAGE.joinpath(*package.split(".")).is_dir() or f"{name}.".startswith(f"{package}."):
            continue
        assert taken in face_of(package), (
            f"{name} takes `{taken}` from {package}, whose __init__.py does not name it in __all__:"
            f" add it there, or take what is there"
        )


def test_faces_export_only_what_is_used() -> None:
    """Each name of an ``__all__`` is a module beside it or imported there, and is used elsewhere."""
    taken: dict[str, set[str]] = {}
    for path in MODULES:
        name = name_of(path).removesuffix(".__init__")
        for package, what in _steps(path):
            if not f"{name}.".startswith(f"{package}."):
                taken.setdefault(package, set()).add(what)
    for path in MODULES:
        package = name_of(path).removesuffix(".__init__")
        if path.name != "__init__.py" or path.parent == PACKAGE:
            continue
        bound = {alias.name for n in tree_of(path).body if isinstance(n, ast.ImportFrom) for alias in n.names}
        bound |= {n.name for n in tree_of(path).body if isinstance(n, (ast.FunctionDef, ast.ClassDef))}
        for public in face_of(package):
            assert public in bound or _is_module(f"{package}.{public}"), f"{package} has no {public}"
        unused = face_of(package) - taken.get(package, set()) - {"main"}
        assert not unused, f"nobody outside {package} takes {sorted(unused)}: take it out of its __init__.py"


# Circles


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def _runtime_imports(path: Path) -> Iterator[str]:
    """Yield the modules that importing a module imports."""
    return _imports_of(path, _is_type_checking)


def _imports_of(path: Path, is_hidden: Callable[[ast.AST], bool]) -> Iterator[str]:
    """Yield the modules that a module imports outside functions, and outside nodes that are hidden."""
    hidden = {
        id(inner)
        for node in ast.walk(tree_of(path))
        if is_hidden(node) or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom) and id(node) not in hidden and str(node.module).startswith("loopwise"):
            base = str(node.module).removeprefix("loopwise").lstrip(".")
            for alias in node.names:
                whole = f"{base}.{alias.name}".lstrip(".")
                yield _file_name(whole if _is_module(whole) else base)


def _file_name(module: str) -> str:
    return f"{module}.__init__".lstrip(".") if PACKAGE.joinpath(*module.split(".")).is_dir() else module


def test_no_imports_run_in_a_circle() -> None:
    """Modules can be ordered so that each imports only earlier ones."""
    graph = {name_of(path): set(_runtime_imports(path)) for path in MODULES}
    try:
        tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


# Under TYPE_CHECKING the parts of one class may name it: the class that they are handed, in the middle of a star.
STARS = frozenset({"semantics.infer.evaluator", "lsp.session", "lsp.server", "analysis.unit"})


def test_type_checking_rings_are_stars() -> None:
    """Apart from the centers of the stars, which ARCHITECTURE.md names, types form no circle either."""
    graph = {name_of(path): set(_imports_of(path, lambda _: False)) - STARS - {name_of(path)} for path in MODULES}
    try:
        tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


def test_no_prefix_refers_to_a_package() -> None:
    """Three files of one folder with the same beginning need a package of that name."""
    found = []
    for folder in {path.parent for path in MODULES}:
        if folder.name in {"lost", "blocking", "cancellation", "loop", "newer", "assists"}:
            continue  # one file, one rule or assist, each with a name of its own
        heads = Counter(path.stem.partition("_")[0] for path in folder.glob("*_*.py"))
        heads.update(path.stem for path in folder.glob("*.py") if "_" not in path.stem)
        found += [f"{folder.name}/{head}_*: {count} files" for head, count in heads.items() if head and count > 2]
    assert not found, "\n".join(found)


def _sets(path: Path) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the sets of strings at the top of a module: of node types, of asyncio's names."""
    for node in tree_of(path).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Call):
            callee, given = ast.unparse(node.value.func), node.value.args
            if callee in {"frozenset", "names"} and given:
                texts = [one.value for one in ast.walk(given[0]) if isinstance(one, ast.Constant)]
                if texts and all(isinstance(text, str) for text in texts):
                    words = frozenset(word for text in texts for word in str(text).split())
                    yield f"{name_of(path)}.{node.targets[0].id}", words | {f"a call of {callee}"}


def test_no_set_of_names_is_repeated() -> None:
    """Node types are in ``syntax/kinds.py``, asyncio's names where they are used."""
    by_words: dict[frozenset[str], list[str]] = {}
    for path in MODULES:
        for name, words in _sets(path):
            by_words.setdefault(words, []).append(name)
    found = [" and ".join(names) for names in by_words.values() if len(names) > 1]
    assert not found, "the same set has several names: keep one, and import it\n" + "\n".join(found)


# Libraries and form


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_some_libraries_have_one_importer(path: Path) -> None:
    """So that each can be replaced in one place."""
    name = name_of(path)
    for target in imported(path):
        allowed = ONLY.get(target.partition(".")[0])
        assert allowed is None or any(fnmatch(name, pattern) for pattern in allowed), f"{name} imports {target}"


# Calls that open a file; those that only write one, to where a person says, are told by their mode.
READERS = frozenset({"read_bytes", "read_text", "open", "fdopen", "open_code", "fromfile", "getline", "getlines"})
# Standard input, and the names of things that are no files.
OPENED = frozenset({"os.read(sys.stdin.fileno(), _CHUNK)"})


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_files_are_read_in_one_place(path: Path) -> None:
    """``disk`` opens them: without waiting, only regular ones, and up to a limit."""
    if name_of(path) == "disk":
        return
    for node in ast.walk(tree_of(path)):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        last = name.rpartition(".")[2]
        writes = any(isinstance(one, ast.Constant) and one.value == "w" for one in node.args)
        ours = name.startswith(("self.", "workspace.", "session.")) and last == "open"
        devnull = "os.devnull" in ast.unparse(node)
        if (last in READERS and not writes and not ours and not devnull) or name in {"os.read", "mmap.mmap"}:
            assert ast.unparse(node) in OPENED, f"{name_of(path)}:{node.lineno} reads a file: use loopwise.disk"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_says_what_it_is(path: Path) -> None:
    """In a docstring that ends like a sentence."""
    text = ast.get_docstring(tree_of(path))
    assert text, f"{name_of(path)} has no docstring"
    assert text.rstrip().endswith((".", ":", "``", ")", "``.", "*")), text


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_thread_is_used_to_wait(path: Path) -> None:
    """Waiting is left to the event loop: neither ``time.sleep`` nor ``threading.Timer``."""
    for node in ast.walk(tree_of(path)):
        used = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
        assert used not in {"time.sleep", "threading.Timer"}, f"{name_of(path)}:{node.lineno}"  # type: ignore[attr-defined]
        if isinstance(node, ast.ImportFrom) and node.module in {"time", "threading"}:
            assert not {"sleep", "Timer"} & {alias.name for alias in node.names}, name_of(path)


def test_no_function_is_long() -> None:
    """A function has at most 40 lines, docstring included."""
    found = []
    for path in MODULES:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.end_lineno is not None:
                length = node.end_lineno - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    found.append(f"{name_of(path)}.{node.name}: {length} lines")
    assert not found, "\n".join(found)


def test_no_file_is_long() -> None:
    """A file has at most 260 lines, without its docstring and the examples on a rule's page."""
    lengths = {name_of(path): len(path.read_text("utf-8").splitlines()) - _shown(tree_of(path)) for path in MODULES}
    found = [f"{name}: {length} lines" for name, length in lengths.items() if length > LONGEST_FILE]
    assert not found, "\n".join(found)


def _shown(tree: ast.Module) -> int:
    """Count the lines of a module's docstring and its examples."""
    parts = [*tree.body[:1], *(n.value for n in ast.walk(tree) if isinstance(n, ast.keyword) and n.arg == "examples")]
    return sum((part.end_lineno or part.lineno) - part.lineno + 1 for part in parts)


# What is tracked


def tracked() -> list[Path]:
    """Return the files under version control."""
    git = shutil.which("git")
    listed = (
        subprocess.run([git or "git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False) if git else None
    )
    if listed is None or listed.returncode:
        pytest.skip("not a git checkout")
    names = listed.stdout.decode().split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


# Put together here, so that this file does not hold what it forbids.
_HOMES = "(?:root|home|Users|work)"
_HOSTS = r"(?:pypi[.]org|pythonhosted|registry[.]npmjs|jsdelivr)"
FORBIDDEN = re.compile(rf"(?<![\w.$~{{}}])/{_HOMES}/\w|[A-Z]:\\Users|//[\w.]*{_HOSTS}")


def test_no_file_names_the_machine_that_built_it() -> None:
    """Neither paths of one machine nor hosts of package registries."""
    found = []
    for path in tracked():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        for match in FORBIDDEN.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            found.append(f"{path.relative_to(ROOT).as_posix()}:{line}: {match[0]}")
        if len(str(ROOT)) > 1 and str(ROOT) in text:
            found.append(f"{path.relative_to(ROOT).as_posix()}: {ROOT}")
    assert not found, "\n".join(found)


# Tools


def run(module: str, *arguments: str) -> None:
    """Run a tool from the root; its output is the failure."""
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed")
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_types_are_strict() -> None:
    """Mypy has no complaints."""
    run("mypy", "--strict", "server/loopwise")


def test_the_linter_is_silent() -> None:
    """With all rules except those that pyproject.toml ignores, each with its reason."""
    run("ruff", "check", "--no-cache", "server", "tests")


def test_code_is_formatted() -> None:
    """As by ``ruff format``."""
    run("ruff", "format", "--check", "--no-cache", "server", "tests")


def test_each_exception_has_its_reason() -> None:
    """Every line of the linter's ignore list ends with a comment."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    section = text.partition("[tool.ruff.lint]")[2].partition("\n[tool.pytest")[0]
    entries = [line for line in section.splitlines() if re.match(r'\s+"[A-Z]+\d*",|"\S+" = \[', line)]
    assert entries, "no ignore list found"
    assert not [line for line in entries if not re.search(r"# \S", line)]


def test_each_module_can_be_imported_first() -> None:
    """An importer may start with any module: no order of imports is needed.

    A layer's modules are tried one by one; those below it, which import nothing of it, stay loaded.
    """
    layers: list[list[str]] = [[] for _ in LAYERS]
    for path in MODULES:
        if path.name != "__main__.py":
            layers[layer_of(name_of(path))].append(f"loopwise.{name_of(path)}".removesuffix(".__init__"))
    script = """if True:
        import importlib, sys
        for layer in sys.argv[1:]:
            for name in layer.split():
                for loaded in [m for m in layer.split() if m in sys.modules]:
                    del sys.modules[loaded]
                    package, _, module = loaded.rpartition(".")
                    if package in sys.modules:
                        vars(sys.modules[package]).pop(module, None)
                importlib.import_module(name)
    """
    command = [sys.executable, "-c", script, *map(" ".join, layers)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr


def test_loopwise_finds_nothing_in_its_own_code() -> None:
    """Run as users run it."""
    command = [sys.executable, "-m", "loopwise", "check", "--no-cache", "server"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
