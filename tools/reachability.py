"""Which definitions under src a command, a page or the Python interface reaches.

Read as text, nothing is imported. The way in is `wpb.cli`, every command module that
`wpb.commands.catalogue` names, and the public names of `wpb.api`; the pages are reached from the
command that serves them. From there:

- running a module runs its plain statements and registers what a decorator of another library
  takes (a command, a route); its functions, classes and constants wait until something names them;
- a name or `module.name` in reached code reaches what it stands for, through imports and
  re-exports;
- a method is reached once its class is and reached code speaks of a member of that name, as an
  attribute, as a text (for `getattr`) or in a page template. A class that builds on one of another
  library is reached with all its members, since that library may call them;
- an annotation alone reaches nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

PACKAGE = "wpb"
CATALOGUE = "wpb.commands.catalogue"
INTERFACE = "wpb.api"
DOORS = ("wpb.cli", "wpb.__main__")
LEAVES_UNREGISTERED = frozenset(
    {
        *("dataclass", "cache", "lru_cache", "contextmanager", "asynccontextmanager", "overload"),
        *("wraps", "total_ordering", "runtime_checkable", "final", "unique", "override"),
    }
)
"""Decorators that give a function or class back to be named later, and hand it to nobody."""
WITH_THEIR_CLASS = frozenset({"Protocol", "Generic", "NamedTuple", "TypedDict", "ABC", "object"})
"""Bases of the standard library that call no member by themselves."""
Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
Symbol = tuple[str, str]


@dataclass
class Uses:
    """What a piece of code speaks of: names it does not bind, chains like a.b.c, members,
    imports.
    """

    names: set[str] = field(default_factory=set)
    bound: set[str] = field(default_factory=set)
    chains: set[tuple[str, ...]] = field(default_factory=set)
    members: set[str] = field(default_factory=set)
    imports: dict[str, Symbol] = field(default_factory=dict)

    def take(self, inner: Uses, without_bound: bool = False) -> None:
        """Add what a part speaks of; a part with a scope of its own keeps the names it binds."""
        hidden = inner.bound if without_bound else set()
        self.names |= inner.names - hidden
        self.chains |= {chain for chain in inner.chains if chain[0] not in hidden}
        self.members |= inner.members
        self.imports |= inner.imports
        if not without_bound:
            self.bound |= inner.bound


@dataclass
class Module:
    """A module's definitions by name, what its plain statements do, and what its imports bring."""

    name: str
    definitions: dict[str, ast.stmt] = field(default_factory=dict)
    registered: list[str] = field(default_factory=list)
    run: Uses = field(default_factory=Uses)
    imports: dict[str, Symbol] = field(default_factory=dict)


def imported(node: ast.Import | ast.ImportFrom, module: str, package: bool) -> dict[str, Symbol]:
    """Give the names an import brings in, each with (module, name in it); ("m", "") is m itself."""
    if isinstance(node, ast.Import):
        return {
            alias.asname or alias.name.partition(".")[0]: (
                alias.name if alias.asname else alias.name.partition(".")[0],
                "",
            )
            for alias in node.names
        }
    source = node.module or ""
    if node.level:
        parts = module.split(".")[: None if package and node.level == 1 else -node.level]
        if package and node.level > 1:
            parts = module.split(".")[: 1 - node.level]
        source = ".".join([*parts, *([source] if source else [])])
    return {alias.asname or alias.name: (source, alias.name) for alias in node.names}


def chain_of(node: ast.expr) -> tuple[str, ...]:
    """Give a.b.c as its parts, or nothing where the chain does not begin with a name."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return (node.id, *reversed(parts)) if isinstance(node, ast.Name) else ()


class Reader:
    """Reads what code of one module speaks of."""

    def __init__(self, module: str, package: bool) -> None:
        self.module = module
        self.package = package

    def read(self, *nodes: ast.AST | None) -> Uses:
        """Read some pieces of code that share a scope."""
        uses = Uses()
        for node in nodes:
            if node is not None:
                self._one(node, uses)
        return uses

    def _one(self, node: ast.AST, uses: Uses) -> None:
        match node:
            case ast.Import() | ast.ImportFrom():
                uses.imports |= imported(node, self.module, self.package)
            case ast.Name(id=name, ctx=ast.Load()):
                uses.names.add(name)
            case ast.Name(id=name):
                uses.bound.add(name)
            case ast.Constant(value=str(text)) if text.isidentifier():
                uses.members.add(text)
            case ast.Attribute(attr=member, value=value):
                uses.members.add(member)
                if chain := chain_of(node):
                    uses.chains.add(chain)
                    uses.members.update(chain[1:])
                else:
                    self._one(value, uses)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                self._function(node, uses)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                uses.take(self.read(*ast.iter_child_nodes(node)), without_bound=True)
            case ast.AnnAssign(target=target, value=value):
                uses.take(self.read(target, value))
            case ast.If(test=test, orelse=other) if speaks_of_types(test):
                uses.take(self.read(*other))
            case _:
                uses.take(self.read(*ast.iter_child_nodes(node)))

    def _function(self, node: Function | ast.Lambda, uses: Uses) -> None:
        given = node.args
        uses.take(self.read(*given.defaults, *given.kw_defaults))
        body = node.body if isinstance(node.body, list) else [node.body]
        inner = self.read(*body)
        arguments = (*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg)
        inner.bound |= {argument.arg for argument in arguments if argument}
        uses.take(inner, without_bound=True)
        if not isinstance(node, ast.Lambda):
            uses.bound.add(node.name)
            uses.take(self.read(*node.decorator_list))


def speaks_of_types(test: ast.expr) -> bool:
    """Tell whether a condition is TYPE_CHECKING: what follows never runs."""
    return (chain_of(test) or ("",))[-1] == "TYPE_CHECKING"


def registers(node: Definition) -> bool:
    """Tell whether a decorator hands a definition to somebody who may call it."""
    for decorator in node.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if (chain_of(called) or ("",))[-1] not in LEAVES_UNREGISTERED:
            return True
    return False


def read_module(name: str, tree: ast.Module, package: bool) -> Module:
    """Sort a module's statements into definitions, what runs, and imports."""
    module, reader = Module(name), Reader(name, package)
    for part in ast.walk(tree):
        if isinstance(part, ast.If) and speaks_of_types(part.test):
            for statement in part.body:
                module.imports |= reader.read(statement).imports
    for statement in tree.body:
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                module.definitions[statement.name] = statement
                if registers(statement):
                    module.registered.append(statement.name)
            case (
                ast.Assign(targets=[ast.Name(id=constant)])
                | ast.AnnAssign(target=ast.Name(id=constant))
            ):
                module.definitions[constant] = statement
            case _:
                module.run.take(reader.read(statement))
    module.imports |= module.run.imports
    return module


class Reached:
    """The walk from the ways in; `covers` answers for a dotted name of a module."""

    def __init__(self, trees: dict[str, ast.Module], packages: set[str], template: str) -> None:
        self.modules = {
            name: read_module(name, tree, name in packages) for name, tree in trees.items()
        }
        self.packages = packages
        self.members = set(re.findall(r"\.([A-Za-z_]\w*)", template))
        self.running: set[str] = set()
        self.symbols: set[Symbol] = set()
        self._asked: set[Symbol] = set()
        self._classes: list[tuple[str, ast.ClassDef]] = []
        self._handed_on: set[str] = set()
        """Modules that are values: kept in a list, say, with a member asked of each."""
        self._waiting: list[tuple[str, Uses]] = []
        self._begin()
        self._walk()

    def covers(self, module: str, dotted: str) -> bool:
        """Tell whether a function, class or method is reached; what is inside a function is with
        it.
        """
        outer, _, rest = dotted.partition(".")
        if (module, outer) not in self.symbols:
            return False
        if isinstance(self.modules[module].definitions.get(outer), ast.ClassDef) and rest:
            return (module, f"{outer}.{rest.partition('.')[0]}") in self.symbols
        return True

    def _begin(self) -> None:
        for door in DOORS:
            self._run(door)
            for name in self.modules[door].definitions if door in self.modules else ():
                self._symbol(door, name)
        if CATALOGUE in self.modules:
            statements = self.modules[CATALOGUE].definitions.values()
            for word in Reader(CATALOGUE, False).read(*statements).members:
                self._run(f"{PACKAGE}.commands.{word}")
        self._run(INTERFACE)
        if INTERFACE not in self.modules:
            return
        for name, node in self.modules[INTERFACE].definitions.items():
            if not name.startswith("_"):
                self._symbol(INTERFACE, name)
                if isinstance(node, ast.ClassDef):
                    self.members |= {part for part in members(node) if not part.startswith("_")}

    def _walk(self) -> None:
        while True:
            while self._waiting:
                module, uses = self._waiting.pop()
                self._follow(module, uses)
            for module in self._handed_on:
                for name in self.members & set(self.modules[module].definitions):
                    self._symbol(module, name)
            for module, node in self._classes:
                for name, part in members(node).items():
                    key = (module, f"{node.name}.{name}")
                    if key not in self.symbols and self._may_be_called(module, node, name):
                        self.symbols.add(key)
                        self._wait(module, part)
            if not self._waiting:
                return

    def _may_be_called(self, module: str, node: ast.ClassDef, name: str) -> bool:
        return (
            name in self.members
            or (name.startswith("__") and name.endswith("__"))
            or any(self._foreign(module, base) for base in node.bases)
        )

    def _foreign(self, module: str, base: ast.expr) -> bool:
        chain = chain_of(base.value if isinstance(base, ast.Subscript) else base)
        if not chain or chain[-1] in WITH_THEIR_CLASS:
            return False
        known = self.modules[module]
        brought = known.imports.get(chain[0])
        return chain[0] not in known.definitions and not (
            brought and brought[0].partition(".")[0] == PACKAGE
        )

    def _wait(self, module: str, node: ast.AST) -> None:
        uses = Reader(module, module in self.packages).read(node)
        self._waiting.append((module, uses))

    def _run(self, module: str) -> None:
        """Run a module and the packages it lies in."""
        if module not in self.modules or module in self.running:
            return
        self.running.add(module)
        if "." in module:
            self._run(module.rpartition(".")[0])
        found = self.modules[module]
        self._waiting.append((module, found.run))
        for name in found.registered:
            self._symbol(module, name)

    def _symbol(self, module: str, name: str) -> None:
        """Reach a name of a module, going on through re-exports."""
        self._run(module)
        if module not in self.modules or (module, name) in self._asked:
            return
        self._asked.add((module, name))
        found = self.modules[module]
        if node := found.definitions.get(name):
            self.symbols.add((module, name))
            if isinstance(node, ast.ClassDef):
                self._classes.append((module, node))
                parts = members(node).values()
                self._waiting.append((module, self._class_itself(module, node, list(parts))))
            else:
                self._wait(module, node)
        elif found.imports.get(name, (module, name)) != (module, name):
            self._brought(found.imports[name])
        else:
            self._run(f"{module}.{name}")

    def _class_itself(self, module: str, node: ast.ClassDef, parts: list[Function]) -> Uses:
        """Read bases, decorators and plain statements of a class, without its methods."""
        rest = [statement for statement in node.body if statement not in parts]
        keywords = [keyword.value for keyword in node.keywords]
        reader = Reader(module, module in self.packages)
        return reader.read(*node.bases, *keywords, *node.decorator_list, *rest)

    def _brought(self, symbol: Symbol) -> None:
        module, name = symbol
        if name:
            self._symbol(module, name)
        else:
            self._run(module)

    def _follow(self, module: str, uses: Uses) -> None:
        known = self.modules[module]
        self.members |= uses.members
        for source, name in uses.imports.values():
            self._run(source)
            self._run(f"{source}.{name}")
        for name in uses.names:
            brought = uses.imports.get(name) or known.imports.get(name)
            if brought and name not in known.definitions:
                self._brought(brought)
                place = ".".join(part for part in brought if part)
                if place in self.modules:
                    self._handed_on.add(place)
            elif name not in uses.bound or name in known.definitions:
                self._symbol(module, name)
        for chain in uses.chains:
            self._chain(module, uses, chain)

    def _chain(self, module: str, uses: Uses, chain: tuple[str, ...]) -> None:
        """Reach a.b.c where a is a module and b a module or name in it, or a a name with
        members.
        """
        known = self.modules[module]
        brought = uses.imports.get(chain[0]) or known.imports.get(chain[0])
        if brought is None or chain[0] in known.definitions:
            self._symbol(module, chain[0])
            return
        self._brought(brought)
        place = ".".join(part for part in brought if part)
        for name in chain[1:]:
            if place not in self.modules:
                return
            self._symbol(place, name)
            place = f"{place}.{name}"


def members(node: ast.ClassDef) -> dict[str, Function]:
    """Give a class's methods by name."""
    return {part.name: part for part in node.body if isinstance(part, Function)}


def module_files(root: Path) -> Iterator[tuple[str, Path]]:
    """Give the dotted name and file of every module under src."""
    for path in sorted((root / "src").rglob("*.py")):
        dotted = ".".join(path.relative_to(root / "src").with_suffix("").parts)
        yield dotted.removesuffix(".__init__"), path


def reached(root: Path, trees: dict[str, ast.Module]) -> Reached:
    """Walk a project whose modules were parsed."""
    files = dict(module_files(root))
    packages = {name for name, path in files.items() if path.name == "__init__.py"}
    pages = sorted((root / "src").rglob("*.html"))
    template = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    return Reached(trees, packages, template)
