"""The file of blocking callables, its loader, and that every name in it exists."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import re
import sys
from pathlib import Path

import pytest

from loopwise.cards.api import knowledge_folder, load_api
from loopwise.cards.blocking import Calls, Table, blocking_table, decoded, full_names, read_blocking
from loopwise.rules.registry import all_rules
from loopwise.semantics.modules import stub_folder

DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")
# What some of the Pythons no longer have, and what is newer than the stubs.
GONE = frozenset({"telnetlib", "nntplib"})
NEWER = frozenset({"os.path.isjunction", "os.path.isdevdrive"})
TABLE = blocking_table()


def stub_folders() -> list[Path]:
    """Return the stubs that jedi bundles, and mypy's newer ones."""
    spec = importlib.util.find_spec("mypy")
    places = (spec.submodule_search_locations or []) if spec is not None else []
    newer = [Path(place, "typeshed", "stdlib") for place in places]
    return [folder for folder in [stub_folder(), *newer] if folder is not None]


def is_real(name: str) -> bool:
    """Can the interpreter, or else a stub, resolve the name? Chains of calls are followed as far as possible."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:end]))
        except ImportError:
            continue
        for part in parts[end:]:
            if inspect.isroutine(found):
                return True
            if not hasattr(found, part):
                return in_stubs(parts)
            found = getattr(found, part)
        return True
    return in_stubs(parts)


def in_stubs(parts: list[str]) -> bool:
    for folder in stub_folders():
        for end in range(len(parts), 0, -1):
            places = (folder.joinpath(*parts[:end]).with_suffix(".pyi"), folder.joinpath(*parts[:end], "__init__.pyi"))
            texts = [place.read_text("utf-8") for place in places if place.is_file()]
            if any(all(re.search(rf"\b{part}\b", text) for part in parts[end:]) for text in texts):
                return True
    return False


def is_standard(name: str) -> bool:
    first = name.partition(".")[0]
    return first in sys.stdlib_module_names or first in GONE


def every_calls() -> list[Calls]:
    return [*TABLE.exact.values(), *TABLE.below.values()]


def test_the_file_is_read_without_complaint() -> None:
    """The table is not empty, either."""
    _, problems = read_blocking()
    assert problems == ()
    assert TABLE.find("time.sleep") is not None


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("module", sorted({name.partition(".")[0] for name in TABLE.exact if is_standard(name)}))
def test_every_name_of_the_standard_library_exists(module: str) -> None:
    names = [name for name in TABLE.exact if name.partition(".")[0] == module]
    assert [name for name in names if name not in NEWER and not is_real(name)] == []


def test_names_are_dotted_and_in_one_place() -> None:
    """Each alias leads to a name in the table, or to the start of one."""
    every = [*TABLE.exact, *TABLE.below, *TABLE.same, *TABLE.same.values()]
    assert [name for name in every if not DOTTED.fullmatch(name) and not name.startswith("_") and "." in name] == []
    known = [*TABLE.exact, *(f"{name}.*" for name in TABLE.below), *TABLE.same]
    aims = set(TABLE.same.values())
    assert [aim for aim in aims if not any(name == aim or name.startswith(f"{aim}.") for name in known)] == []


def test_async_equivalents_can_be_awaited() -> None:
    """One in asyncio is resolved in asyncio; others are dotted names."""
    for name, calls in TABLE.exact.items():
        twin = calls.twin.replace("{name}", name.rpartition(".")[2])
        if twin.startswith("asyncio."):
            assert load_api().facts(twin) is not None, f"{name}: {twin}"
        elif twin:
            assert DOTTED.fullmatch(twin), f"{name}: {twin}"


def test_every_entry_is_reported_by_a_rule() -> None:
    rules = all_rules()
    assert {calls.rule for calls in every_calls() if calls.rule and calls.rule not in rules} == set()


def test_patterns_only_name_calls_that_do_not_block() -> None:
    """Rules look only at the words of names, and a pattern has none."""
    assert {calls.long for calls in TABLE.below.values()} == {"never"}


@pytest.mark.parametrize(
    ("reached", "name"),
    [
        ("_thread.lock.acquire", "threading.Lock.acquire"),
        ("genericpath.exists", "os.path.exists"),
        ("concurrent.futures._base.Future.result", "concurrent.futures.Future.result"),
        ("redis.from_url.get", "redis.Redis.get"),
        ("sqlalchemy.create_engine.connect.execute", "sqlalchemy.Connection.execute"),
        ("django.db.models.Model.objects.filter.exclude.first", "django.db.models.Model.objects.first"),
        ("time.sleep", "time.sleep"),
    ],
)
def test_functions_reached_under_other_names_are_found(reached: str, name: str) -> None:
    assert TABLE.canonical(reached) == name
    assert TABLE.find(name) is not None


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        ("names = [", "", "reinstall Loopwise"),
        ('[[calls]]\nnames = "a.b"\nlong = "ages"\n', "calls[0].long", "ages"),
        ('[[calls]]\nnames = "a.b"\nlong = "file"\nrulle = "x"\n', "calls[0]", "rulle"),
        ('[[calls]]\nnames = "a.b"\nlong = "file"\n', "calls[0].rule", "no rule"),
        ('[[calls]]\nnames = "a.b"\nlong = "file"\nrule = "r"\nfix = "twin"\n', "calls[0].twin", "needs"),
        ('[[calls]]\nnames = "a.b"\nlong = "file"\nrule = "r"\nfix = "none"\n', "calls[0].why", "reason"),
        ('[[calls]]\nnames = " "\nlong = "never"\n', "calls[0].names", "nothing"),
        ("same = 3\n", "same", "int"),
    ],
)
def test_a_broken_file_is_reported(tmp_path: Path, text: str, key: str, said: str) -> None:
    """The error names the file and the key, and says what to do."""
    path = tmp_path / "blocking.toml"
    path.write_text(text, "utf-8")
    _, problems = decoded(path)
    assert [(problem.file, problem.section) for problem in problems] == [(str(path), key)]
    assert said in problems[0].message
    assert "fix it" in problems[0].message


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    table, problems = decoded(tmp_path / "none.toml")
    assert table == Table()
    assert len(problems) == 1


def test_an_invalid_entry_does_not_affect_the_others(tmp_path: Path) -> None:
    path = tmp_path / "blocking.toml"
    path.write_text(
        '[[calls]]\nnames = "a.b"\nlong = "file"\n[[calls]]\nnames = "c.d"\nlong = "file"\nrule = "r"\n', "utf-8"
    )
    table, problems = decoded(path)
    assert len(problems) == 1
    assert table.find("c.d") is not None


def test_names_may_share_a_prefix() -> None:
    assert full_names(Calls("get put", "network", of="a.B c")) == ["a.B.get", "a.B.put", "c.get", "c.put"]


def test_it_is_beside_the_other_knowledge() -> None:
    assert (knowledge_folder() / "blocking.toml").is_file()
