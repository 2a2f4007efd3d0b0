"""What a module may import: torch, numpy and Python's standard library, beside the files of the submission.

Anything else is a stand-in, in the grader and in a student's folder alike, whatever is installed there. One
for a package that only shows things (plots, progress bars) does nothing. One for any other package may be
imported, passed on and called while a module is loaded; a function that uses it fails, with the sentence that
says why. Code that copes with a failing import (`except ImportError`) meets one.
"""

from __future__ import annotations

import ast
import builtins
import re
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from autograder.handin.python import tree_of

HAVE = "torch, numpy and Python's standard library"
_PRESENT = frozenset({"torch", "numpy", "autograder", "student", *sys.stdlib_module_names})
IDLE = frozenset(
    (
        *(
            "matplotlib",
            "pylab",
            "mpl_toolkits",
            "seaborn",
            "plotly",
            "bokeh",
            "altair",
            "IPython",
            "ipywidgets",
        ),
        *(
            "tqdm",
            "rich",
            "alive_progress",
            "progressbar",
            "fastprogress",
            "livelossplot",
            "tkinter",
            "turtle",
        ),
        *(
            "wandb",
            "tensorboard",
            "tensorboardX",
            "torchinfo",
            "torchsummary",
            "torchviz",
            "google",
            "icecream",
        ),
    )
)
"""Packages that only show something: what they are asked to do may be left out."""
_PASSING = frozenset(
    ("tqdm", "tqdm_notebook", "track", "progress_bar", "progressbar", "alive_it", "master_bar")
)
"""Functions of these that hand on the items of their first argument."""
_ITEMS = {"plot": 1, "hist": 3}
"""Functions of these whose result is often unpacked, into so many."""
_MAGIC = re.compile(r"^([ \t]*)([%!][^\n]*)", re.MULTILINE)
_SCIENCE = frozenset(
    (
        *("torchvision", "torchaudio", "scipy", "sklearn", "PIL", "cv2", "skimage", "pandas", "imageio"),
        *("tensorflow", "keras", "jax", "sympy", "networkx", "einops", "numba", "h5py", "requests", "otter"),
    )
)
"""Packages by whose names nobody calls a file of their own."""


@dataclass(frozen=True)
class Import:
    """One import of a text: the dotted name, its line, whether the code copes without, whether it is used.

    The name of a relative import begins with its dots.
    """

    name: str
    line: int
    guarded: bool
    used: bool

    @property
    def root(self) -> str:
        """The package or module that has to be there."""
        return self.name.partition(".")[0]

    @property
    def relative(self) -> bool:
        """Whether it is found from the place of a package, which no module of a submission is in."""
        return self.name.startswith(".")


@dataclass(frozen=True)
class Remark:
    """A sentence about a module's line; `harmful` where it can cost points."""

    text: str
    harmful: bool = False


# ---- the text --------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def imports_of(text: str) -> tuple[Import, ...]:
    """The imports that running a text may make, by line; none of a text that cannot be parsed."""
    tree = tree_of(runnable(text)[0])
    if tree is None:
        return ()
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return tuple(_imports(tree.body, used))


def _imports(body: Sequence[ast.stmt], used: Collection[str]) -> Iterator[Import]:
    """The imports in their order. Text can be nested as deep as it is long (`elif`): nothing calls itself."""
    waiting = [(node, False) for node in reversed(body)]
    while waiting:
        node, guarded = waiting.pop()
        inside: list[tuple[ast.stmt, bool]] = []
        if isinstance(node, ast.Import):
            for alias in node.names:
                bound = alias.asname or alias.name.partition(".")[0]
                yield Import(alias.name, node.lineno, guarded, bound in used)
        elif isinstance(node, ast.ImportFrom):
            bound_names = {alias.asname or alias.name for alias in node.names}
            used_here = "*" in bound_names or not bound_names.isdisjoint(used)
            yield Import("." * node.level + (node.module or ""), node.lineno, guarded, used_here)
        elif isinstance(node, ast.If) and _only_for_types(node.test):
            inside = [(each, guarded) for each in node.orelse]
        elif isinstance(node, (ast.Try, ast.TryStar)):
            copes = guarded or any(_catches_missing(handler) for handler in node.handlers)
            rest = [*(s for h in node.handlers for s in h.body), *node.orelse, *node.finalbody]
            inside = [*((each, copes) for each in node.body), *((each, guarded) for each in rest)]
        else:
            inside = [(each, guarded) for each in _inside(node)]
        waiting += reversed(inside)


def _inside(node: ast.stmt) -> list[ast.stmt]:
    """The statements in the blocks of another one."""
    blocks = [value for _, value in ast.iter_fields(node) if isinstance(value, list)]
    found = [item for block in blocks for item in block if isinstance(item, ast.stmt)]
    return found + [s for case in getattr(node, "cases", ()) for s in case.body]


def _only_for_types(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", "")
    return name == "TYPE_CHECKING"


def _catches_missing(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {getattr(kind, "id", "") for kind in kinds if kind is not None}
    return handler.type is None or bool(
        names & {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}
    )


@lru_cache(maxsize=64)
def runnable(text: str) -> tuple[str, tuple[tuple[int, str], ...]]:
    """A text without notebook commands (`%matplotlib inline`, `!pip ...`), and these with their lines.

    A text that is Python as it is stays as it is: there, a line may begin with `%` inside of an expression.
    """
    if not _MAGIC.search(text) or tree_of(text) is not None:
        return text, ()
    lines = (_MAGIC.match(line) for line in text.split("\n"))
    found = [(number, match[2].strip()) for number, match in enumerate(lines, start=1) if match]
    plain = _MAGIC.sub(r"\1pass", text)
    return (plain, tuple(found)) if tree_of(plain) is not None else (text, ())


def remarks(name: str, text: str, own: Collection[str], helpers: Collection[str] = ()) -> Iterator[Remark]:
    """What to say of a module's imports: at the grader, and before handing in, the same.

    Args:
        name: the module's name.
        text: the module's text.
        own: the names of all modules of the submission.
        helpers: those of these that the lab does not ask for.
    """
    for line, command in runnable(text)[1]:
        yield Remark(
            f"{name}.py, line {line}: {command[:60]} is a notebook command, not Python. "
            "The grader leaves the line out; remove it."
        )
    told = set()
    for found in imports_of(text):
        if found.root in told:
            continue
        if found.root in helpers:
            told.add(found.root)
            yield Remark(
                f"{name}.py, line {found.line}: imports {found.root}.py, which is read and graded too."
            )
        elif not found.guarded and not _is_there(found.root, own):
            told.add(found.root)
            yield Remark(sentence(name, found), (found.used or found.relative) and found.root not in IDLE)


def sentence(module: str, found: Import) -> str:
    """What an import means that the grader cannot make."""
    if found.relative:
        return (
            f"{module}.py, line {found.line}: imports {found.name}, and a name that begins with a dot works "
            f"only in a package. If the file is yours, put it beside {module}.py and leave out the dot."
        )
    if found.root not in IDLE | _SCIENCE and found.used:
        return (
            f"{module}.py, line {found.line}: imports {found.name}, but there is no file {found.root}.py in "
            f"the submission, where files in folders are not read, and of packages the grader has only "
            f"{HAVE}. If the file is yours, put it beside {module}.py and hand it in too; a function that "
            "needs it fails."
        )
    lacks = f"{module}.py, line {found.line}: imports {found.name}, which the grader does not have"
    if found.root in IDLE:
        return f"{lacks}. A stand-in that does nothing takes its place, so this costs no points."
    if not found.used:
        return f"{lacks}. Nothing uses it, so this costs no points; remove the line."
    return f"{lacks}: it has {HAVE}. A function that uses it fails; write it without {found.root}."


def is_pythons(root: str) -> bool:
    """Whether a name is that of a module of Python's library, or of the packages that the grader has."""
    return root in _PRESENT


def _is_there(root: str, own: Collection[str]) -> bool:
    return root in _PRESENT or root in own


# ---- the import ------------------------------------------------------------------------------------


def builtins_for(
    module: str, text: str, own: Callable[[str], bool], loading: Callable[[], bool]
) -> dict[str, Any]:
    """The builtins of a student's module: its imports follow the rules above.

    Args:
        module: the module's name.
        text: the module's text.
        own: whether a module of that name is the submission's.
        loading: whether modules are being loaded just now.
    """

    def find(
        name: str,
        variables: Mapping[str, object] | None = None,
        local: Mapping[str, object] | None = None,
        wanted: Collection[str] | None = (),
        level: int = 0,
    ) -> Any:
        root = name.partition(".")[0]
        lacking = name
        if level:
            raise ImportError(
                sentence(module, Import("." * level + name, sys._getframe(1).f_lineno, False, True))
            )
        if own(root) or root in _PRESENT:
            try:
                return builtins.__import__(name, variables, local, tuple(wanted or ()), level)
            except ModuleNotFoundError as error:
                lacking = error.name or ""
                missing = lacking.partition(".")[0]
                if missing in ("", "torch", "numpy") or own(missing) or own(root):
                    raise
        line = sys._getframe(1).f_lineno
        # Only now: to go through a text takes longer than to run most, and most import what is there.
        known = {(found.line, found.root): found for found in imports_of(text)}
        found = known.get((line, root)) or Import(lacking, line, False, True)
        if found.guarded:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        idle = lacking.partition(".")[0] in IDLE
        return StandIn(name if wanted else root, "" if idle else sentence(module, found), loading)

    return {**vars(builtins), "__import__": find, "get_ipython": StandIn("IPython.get_ipython", "", loading)}


class StandIn:
    """In the place of a package that the grader lacks. With a `reason` it may not be used in a call."""

    def __init__(self, name: str, reason: str, loading: Callable[[], bool]) -> None:
        self.__name__ = name
        self._reason = reason
        self._loading = loading

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._part(name)

    def _part(self, name: str) -> StandIn:
        return StandIn(f"{self.__name__}.{name}", self._reason, self._loading)

    def _use(self) -> StandIn:
        """What comes of using it. ImportError where it matters."""
        if self._reason and not self._loading():
            raise ImportError(self._reason)
        return self._part("result")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Do nothing, but for what is needed to go on."""
        called = self.__name__.rpartition(".")[2]
        if not self._reason and called in _PASSING and args:
            return Passing(args[0], self._part("bar"))
        if not self._reason and called == "trange":
            return Passing(range(*args), self._part("bar"))
        if called == "get_ipython" and self.__name__ != "IPython.get_ipython":
            return None
        if not self._reason and called == "subplots":
            return self._use(), self._axes(*args, **kwargs)
        if not self._reason and called in _ITEMS:
            return [self._part("item") for _ in range(_ITEMS[called])]
        if not self._reason and len(args) == 1 and not kwargs and callable(args[0]):
            return args[0]  # a decorator
        return self._use()

    def _axes(self, nrows: Any = 1, ncols: Any = 1, **_: Any) -> Any:
        """The axes of `plt.subplots`, so that they can be unpacked."""
        rows = [[self._part("axes") for _ in range(int(ncols))] for _ in range(int(nrows))]
        if len(rows) == 1 or int(ncols) == 1:
            flat = [axes for row in rows for axes in row]
            return flat[0] if len(flat) == 1 else flat
        return rows

    def __iter__(self) -> Iterator[Any]:
        self._use()
        return iter(())

    def __getitem__(self, key: Any) -> Any:
        return self._use()

    def __setitem__(self, key: Any, value: Any) -> None:
        self._use()

    def __len__(self) -> int:
        self._use()
        return 0

    def __bool__(self) -> bool:
        self._use()
        return True

    def __enter__(self) -> Any:
        return self._use()

    def __exit__(self, *error: object) -> None:
        return None

    def __or__(self, other: Any) -> Any:
        return self

    __ror__ = __or__

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        if self._reason:
            raise ImportError(self._reason)
        return ()


def _operator(stand_in: StandIn, *_: object) -> StandIn:
    return stand_in._use()


for _name in [
    "add",
    "sub",
    "mul",
    "matmul",
    "truediv",
    "floordiv",
    "mod",
    "pow",
    "divmod",
    "and",
    "xor",
    "lshift",
    "rshift",
]:
    setattr(StandIn, f"__{_name}__", _operator)
    setattr(StandIn, f"__r{_name}__", _operator)
for _name in ["lt", "le", "gt", "ge", "neg", "pos", "abs", "invert", "int", "float", "index"]:
    setattr(StandIn, f"__{_name}__", _operator)


class Passing:
    """A progress bar without the bar: the items, and methods that do nothing."""

    def __init__(self, items: Any, bar: StandIn) -> None:
        self._items = items
        self._bar = bar

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bar, name)

    def __enter__(self) -> Passing:
        return self

    def __exit__(self, *error: object) -> None:
        return None
