"""Counts the rooms of the package, their floors and the circles among modules, from the imports alone.

python tools/rooms.py [folder of the package]
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

PACKAGE = "flowrun_widgets"


def main(folder: Path) -> None:
    files = {module_of(folder, path): path for path in sorted(folder.rglob("*.py"))}
    imports = {name: imported(path, set(files)) for name, path in files.items()}
    rooms = {name: name.split(".")[1] for name in files if "." in name}
    between = {
        (rooms[name], rooms[other])
        for name, others in imports.items()
        for other in others
        if name in rooms and other in rooms and rooms[name] != rooms[other]
    }
    above = {room: {b for a, b in between if a == room} for room in set(rooms.values())}
    print(f"{'modules':28}{len(files):6}")
    print(f"{'lines':28}{sum(len(path.read_text().splitlines()) for path in files.values()):6}")
    print(f"{'rooms':28}{len(above):6}")
    print(f"{'imports between rooms':28}{len(between):6}")
    print(f"{'floors of rooms':28}{floors(above):6}")
    print(f"{'floors of modules':28}{floors(imports):6}")
    for what, graph in (("rooms", above), ("modules", imports)):
        found = circles(graph)
        print(f"{f'circles of {what}':28}{len(found):6}{'':2}{sizes(found)}")
    print(f"{'largest room':28}{max(count(rooms).items(), key=lambda one: one[1])}")


def module_of(folder: Path, path: Path) -> str:
    parts = [PACKAGE, *path.relative_to(folder).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path, known: set[str]) -> set[str]:
    """Return the modules of the package that a file imports: anywhere in it, for types alone as well."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names} & known
            found |= names or {node.module}
    return found & known - {PACKAGE}


def circles(graph: dict[str, set[str]]) -> list[set[str]]:
    """Return the largest groups in which each reaches each."""
    reached = {name: reachable(graph, name) for name in graph}
    groups = {
        frozenset(other for other in reached[name] if name in reached.get(other, ()))
        for name in graph
        if name in reached[name]
    }
    return [set(group) for group in groups if len(group) > 1]


def reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    found: set[str] = set()
    waiting = [*graph[start]]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += graph.get(name, ())
    return found


def floors(graph: dict[str, set[str]]) -> int:
    """Return how many stand on each other at most, a circle counting as one."""
    group_of = {name: name for name in graph}
    for number, group in enumerate(circles(graph)):
        group_of |= dict.fromkeys(group, f"circle {number}")
    below: dict[str, set[str]] = {}
    for name, others in graph.items():
        mine = below.setdefault(group_of[name], set())
        mine |= {group_of[other] for other in others if other in group_of} - {group_of[name]}
    heights: dict[str, int] = {}

    def height(name: str) -> int:
        if name not in heights:
            heights[name] = 1 + max(map(height, below[name]), default=0)
        return heights[name]

    return max(map(height, below))


def count(rooms: dict[str, str]) -> dict[str, int]:
    names = [*rooms.values()]
    return {name: names.count(name) for name in set(names)}


def sizes(groups: list[set[str]]) -> str:
    return "of " + ", ".join(str(len(group)) for group in groups) if groups else ""


if __name__ == "__main__":
    sys.setrecursionlimit(10_000)
    main(Path(sys.argv[1] if len(sys.argv) > 1 else PACKAGE))
