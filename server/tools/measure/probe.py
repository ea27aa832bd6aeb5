"""Ask the interpreter that runs this file what its own asyncio holds; print the answer as JSON.

It runs on every Python since 3.6, and inside Pyodide, so it is written for the oldest of them.
Nothing is read from documentation here: names, kinds and signatures come from the live objects,
deprecations from the warnings that appear on access or are unconditionally in a function's source.
"""

import ast
import asyncio
import importlib
import inspect
import json
import platform
import re
import socket
import sys
import textwrap
import warnings
from typing import Any, Dict, Iterator, List, Optional, Tuple

Entry = Dict[str, Any]

SUBMODULES = ("subprocess", "trsock")  # public modules whose names asyncio itself does not offer
IN_SUBMODULES = (
    ("subprocess", "Process"),
    ("subprocess", "PIPE"),
    ("subprocess", "STDOUT"),
    ("subprocess", "DEVNULL"),
    ("trsock", "TransportSocket"),
)
SERVED_ON_ACCESS = (  # not in the module's dictionary, but given out by its __getattr__
    "AbstractEventLoopPolicy",
    "DefaultEventLoopPolicy",
    "WindowsProactorEventLoopPolicy",
    "WindowsSelectorEventLoopPolicy",
)
PYTHON_TWINS = {  # C-implemented: the equivalent in Python, whose signature and source can be read
    "Future": ("asyncio.futures", "_PyFuture"),
    "Task": ("asyncio.tasks", "_PyTask"),
    "get_event_loop": ("asyncio.events", "_py_get_event_loop"),
    "get_running_loop": ("asyncio.events", "_py_get_running_loop"),
    "current_task": ("asyncio.tasks", "_py_current_task"),
    "all_tasks": ("asyncio.tasks", "_py_all_tasks"),
}
CALLS = {  # deprecated on call, which their own source does not tell
    "get_child_watcher": lambda function: function(),
    "set_child_watcher": lambda function: function(None),
    "AbstractChildWatcher": lambda cls: type("Watcher", (cls,), {}),
}  # type: Dict[str, Callable[[Any], object]]
_POPEN = "subprocess.Popen.__init__"
PASSES_ON = {  # functions whose **kwds go on to another one: its keywords are theirs
    "create_subprocess_exec": _POPEN,
    "create_subprocess_shell": _POPEN,
    "open_connection": "asyncio.SelectorEventLoop.create_connection",
    "open_unix_connection": "asyncio.SelectorEventLoop.create_unix_connection",
    "start_server": "asyncio.SelectorEventLoop.create_server",
    "start_unix_server": "asyncio.SelectorEventLoop.create_unix_server",
    "subprocess_exec": _POPEN,
    "subprocess_shell": _POPEN,
}
KEPT_BACK = (  # parameters of theirs that are filled in on the way, or that may have one value only
    "self",
    "protocol_factory",
    "args",
    "bufsize",
    "encoding",
    "errors",
    "shell",
    "text",
    "universal_newlines",
)
REMOVED = getattr(sys.modules.get("asyncio.mixins"), "_marker", object())  # the default of 3.10's "loop", gone since
FLAGS = {
    "awaitable": ("__await__",),
    "context_manager": ("__enter__", "__exit__"),
    "async_context_manager": ("__aenter__", "__aexit__"),
    "iterable": ("__iter__",),
    "iterator": ("__iter__", "__next__"),
    "async_iterable": ("__aiter__",),
}


def main() -> None:
    """Print what there is to know about this interpreter's asyncio."""
    hidden = show_unix_names() if sys.platform == "emscripten" else []
    print(
        json.dumps(
            {
                "version": list(sys.version_info[:3]),
                "python": "{} {}, {}".format(platform.python_implementation(), platform.python_version(), sys.platform),
                "all": sorted(set(asyncio.__all__) | set(hidden)),
                "symbols": measure(),
            }
        )
    )


def show_unix_names() -> List[str]:
    """Make asyncio.streams define what it leaves out where there are no Unix sockets; name those."""
    if hasattr(socket, "AF_UNIX"):
        return []
    streams = importlib.import_module("asyncio.streams")
    before = set(streams.__all__)
    setattr(socket, "AF_UNIX", 1)
    importlib.reload(streams)
    delattr(socket, "AF_UNIX")
    hidden = sorted(set(streams.__all__) - before)
    for name in hidden:
        setattr(asyncio, name, getattr(streams, name))
    return hidden


def measure() -> Dict[str, Entry]:
    """Give an entry for each public name and each public member."""
    symbols = {"asyncio": module_entry("asyncio")}
    for module in SUBMODULES:
        try:
            importlib.import_module("asyncio." + module)
        except ImportError:  # trsock: before 3.8
            continue
        symbols["asyncio." + module] = module_entry("asyncio." + module)
    named = []
    for symbol, value, warning in public_values():
        symbols[symbol] = entry(symbol, value)
        if warning:
            symbols[symbol].update(warning)
        if inspect.isclass(value):
            named.append((value, symbol))
    classes = dict(reversed(named))  # of two names for one class the first counts
    for cls, symbol in named:
        twin = python_twin(symbol.rpartition(".")[2])
        symbols[symbol]["bases"] = public_bases(cls, classes)
        for name in own_members(cls, symbol, classes):
            symbols[symbol + "." + name] = member_entry(cls, name, twin)
        for name in instance_attributes(twin or cls):
            symbols.setdefault(symbol + "." + name, {"kind": "attribute", "module": defining_module(symbol, cls)})
    symbols.update(loop_members())
    return symbols


def module_entry(name: str) -> Entry:
    """Describe a module."""
    return {"kind": "module", "module": name}


def visible_names() -> List[str]:
    """List what asyncio offers, whether ``__all__`` tells of it or not (TaskGroup in 3.11 was forgotten)."""
    names = set(asyncio.__all__)
    for name, value in vars(asyncio).items():
        if str(getattr(value, "__module__", "")).lstrip("_").split(".")[0] == "asyncio":
            names.add(name)
    return sorted(name for name in names if not name.startswith("_"))


def public_values() -> Iterator[Tuple[str, Any, Entry]]:
    """Yield each public name with its value and what a warning on access says."""
    for name in sorted(set(visible_names()) | set(SERVED_ON_ACCESS)):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            value = getattr(asyncio, name, None)
            if value is not None and name in CALLS:
                CALLS[name](value)
        if value is not None:
            yield "asyncio." + name, value, deprecation(" ".join(str(item.message) for item in caught))
    for module, name in IN_SUBMODULES:
        value = getattr(sys.modules.get("asyncio." + module), name, None)
        if value is not None:
            yield "asyncio.{}.{}".format(module, name), value, {}


def entry(symbol: str, value: Any) -> Entry:
    """Describe one public name."""
    name = symbol.rpartition(".")[2]
    result = {"module": defining_module(symbol, value)}  # type: Entry
    if inspect.isclass(value):
        result["kind"] = "exception" if issubclass(value, BaseException) else "class"
        result["flags"] = flags(value)
        result.update(unconditional_deprecation(vars(value).get("__init__")))
        result.update(unconditional_deprecation(getattr(vars(value).get("__init_subclass__"), "__func__", None)))
    elif inspect.iscoroutinefunction(value):
        result["kind"] = "coroutine function"
    elif callable(value):
        result["kind"] = "function"
        result.update(unconditional_deprecation(value))
    else:
        result["kind"] = "constant"
        result["value"] = repr(value)
        return result
    result["signature"] = signature(value, python_twin(name))
    return result


def defining_module(symbol: str, value: Any) -> str:
    """Name the module that a reader would open: never the C one, never a re-export."""
    name = symbol.rpartition(".")[2]
    if name in PYTHON_TWINS:
        return PYTHON_TWINS[name][0]
    if symbol.count(".") > 1:
        return symbol.rpartition(".")[0]
    for module in sorted(sys.modules):
        if module.startswith("asyncio.") and name in getattr(sys.modules[module], "__all__", ()):
            return module
    return str(getattr(value, "__module__", "asyncio"))


def python_twin(name: str) -> Any:
    """Give the Python implementation of what C implements, or None."""
    module, attribute = PYTHON_TWINS.get(name, ("", ""))
    return getattr(sys.modules.get(module), attribute, None)


def flags(cls: type) -> List[str]:
    """List what instances can be used for; ``yield from future`` alone does not make a future iterable."""
    found = [flag for flag, methods in FLAGS.items() if all(hasattr(cls, method) for method in methods)]
    return [flag for flag in found if flag != "iterable" or "awaitable" not in found]


def public_bases(cls: type, classes: Dict[type, str]) -> List[str]:
    """List the public classes that a class inherits from, nearest first."""
    public = []
    for base in cls.__mro__[1:-1]:
        if base in classes:
            public.append(classes[base])
        elif base.__module__ == "builtins":
            public.append(base.__name__)
    return public


def own_members(cls: type, symbol: str, classes: Dict[type, str]) -> List[str]:
    """List the public members that a class adds to its public bases or overrides.

    What private bases add counts as the class's own.
    What a private class, offered under a public name, overrides does not: ``SelectorEventLoop.close``.
    """
    overrides = vars(cls) if symbol.endswith("." + cls.__name__.lstrip("_")) else {}
    names = set()
    for owner in cls.__mro__:
        if owner is cls or (owner not in classes and owner.__module__.split(".")[0] == "asyncio"):
            names |= set(vars(owner))
    bases = [base for base in cls.__mro__[1:] if base in classes or base.__module__ == "builtins"]
    return sorted(
        name
        for name in names
        if not name.startswith("_") and (name in overrides or not any(hasattr(base, name) for base in bases))
    )


def loop_members() -> Dict[str, Entry]:
    """Describe all that can be called on the event loop object of this platform."""
    cls = asyncio.SelectorEventLoop
    members = {
        "asyncio.loop." + name: {"kind": "attribute", "module": base.__module__}
        for base in cls.__mro__
        for name in instance_attributes(base)
    }  # type: Dict[str, Entry]
    for name in dir(cls):
        if not name.startswith("_"):
            members["asyncio.loop." + name] = dict(member_entry(cls, name, None), unix=only_unix(cls, name))
    return members


def only_unix(cls: type, name: str) -> bool:
    """Tell whether no class but the Unix loop implements what the abstract loop promises."""
    modules = [owner.__module__ for owner in cls.__mro__ if name in vars(owner)]
    return modules in (["asyncio.unix_events"], ["asyncio.unix_events", "asyncio.events"])


def member_entry(cls: type, name: str, twin: Any) -> Entry:
    """Describe one member of a class."""
    owner = next(base for base in cls.__mro__ if name in vars(base))
    raw, value = vars(owner)[name], getattr(cls, name)
    result = {"kind": member_kind(raw, value), "module": (twin or owner).__module__}  # type: Entry
    if "method" in result["kind"]:
        has_self = not isinstance(raw, (staticmethod, classmethod))
        result["signature"] = signature(value, getattr(twin, name, None), has_self)
        result.update(unconditional_deprecation(value))
    return result


def member_kind(raw: Any, value: Any) -> str:
    """Tell what kind of member this is, from the descriptor and from the class's attribute."""
    if isinstance(raw, staticmethod):
        return "static method"
    if isinstance(raw, classmethod):
        return "class method"
    if isinstance(raw, property):
        return "property"
    if inspect.iscoroutinefunction(value):
        return "coroutine method"
    return "method" if callable(value) else "attribute"


def instance_attributes(cls: Any) -> List[str]:
    """List the public attributes that ``__init__`` sets on self."""
    tree = source_tree(vars(cls).get("__init__"))
    targets = []  # type: List[Any]
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Assign):
            targets += node.targets
        elif isinstance(node, ast.AnnAssign):
            targets.append(node.target)
    return [
        target.attr
        for target in targets
        if isinstance(target, ast.Attribute)
        and isinstance(target.value, ast.Name)
        and target.value.id == "self"
        and not target.attr.startswith("_")
    ]


def signature(value: Any, twin: Any, has_self: bool = False) -> Optional[str]:
    """Return a signature without self, from the Python equivalent where C has none."""
    told = getattr(value, "__text_signature__", None) or ""
    if "<unrepresentable>" in told:
        return represent(told, twin)
    for candidate in (value, twin):
        try:
            found = inspect.signature(candidate)
        except (ValueError, TypeError):
            continue
        parameters = [
            parameter
            for parameter in passed_on(candidate, list(found.parameters.values())[has_self:])
            if parameter.default is not REMOVED
        ]
        bare = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in parameters]
        return clean(str(found.replace(parameters=bare, return_annotation=inspect.Signature.empty)))
    return None


def passed_on(function: Any, parameters: List[inspect.Parameter]) -> List[inspect.Parameter]:
    """Replace ``**kwds`` by the keywords of the function that they are passed on to."""
    path = PASSES_ON.get(getattr(function, "__name__", ""))
    if path is None or parameters[-1].kind is not inspect.Parameter.VAR_KEYWORD:
        return parameters
    names = path.split(".")
    other = sys.modules[names[0]]
    for name in names[1:]:
        other = getattr(other, name)
    known = {parameter.name for parameter in parameters} | set(KEPT_BACK)
    return parameters[:-1] + [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for parameter in inspect.signature(other).parameters.values()
        if parameter.name not in known
    ]


def represent(told: str, twin: Any) -> str:
    """Complete the signature of a C function, of which inspect says nothing because of one default."""
    parameters = inspect.signature(twin).parameters if twin else {}
    text = re.sub(r"^\(\$\w+(, /)?(, )?", "(", told)
    for name in re.findall(r"(\w+)=<unrepresentable>", text):
        default = repr(parameters[name].default) if name in parameters else "..."
        text = text.replace(name + "=<unrepresentable>", name + "=" + default)
    return text


def clean(text: str) -> str:
    """Write defaults as one would in code: no addresses, no reprs of enumerations."""
    text = re.sub(r"<Address\w+\.(\w+): \d+>", r"socket.\1", text)
    return re.sub(r"<[^<>]* at 0x[0-9a-f]+>", "...", text)


def source_tree(function: Any) -> Optional[ast.AST]:
    """Parse a function's source; None where there is none."""
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (TypeError, OSError, SyntaxError):
        return None


def unconditional_deprecation(function: Any) -> Entry:
    """Read a deprecation warning that a function raises whatever its arguments are."""
    tree = source_tree(function)
    body = getattr(getattr(tree, "body", [None])[0], "body", [])
    for statement in body:
        call = getattr(statement, "value", None)
        if not isinstance(call, ast.Call):
            continue
        text = ast.dump(call)
        # _deprecated: the warnings module's helper; _na: the transport socket's.
        if "'_deprecated'" in text or "'_na'" in text or ("'warn'" in text and "DeprecationWarning" in text):
            return {"deprecated": True, "removal": removal_in(text)}
    return {}


def deprecation(message: str) -> Entry:
    """Read what a warning on access says."""
    return {"deprecated": True, "removal": removal_in(message)} if message else {}


def removal_in(text: str) -> Optional[str]:
    """Find the version for which a removal is announced, in a message or in dumped source."""
    found = re.search(r"remov\w+ in Python (3\.\d+)", text)
    if found:
        return found.group(1)
    dumped = re.search(r"arg='remove', value=Tuple\(elts=\[\w+\(\w+=3[^)]*\), \w+\(\w+=(\d+)", text)
    return "3." + dumped.group(1) if dumped else None


if __name__ == "__main__":
    main()
