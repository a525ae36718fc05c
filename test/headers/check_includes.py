#!/usr/bin/env python3
"""Checks which headers the sources include: check_includes.py PROJECT_DIRECTORY

Fails with FILE:LINE for each violation of these rules:
- A folder of src includes only itself and the folders that FOLDERS lists for it.
- The command line includes its own headers and public ones, nothing else of the library.
- A public header includes public headers only.
- No file uses asio::detail, which is not a public interface of Asio (except NEEDS_ASIO_DETAIL).
- No two sources include each other's headers: A.cpp includes B.hpp, and B.cpp includes A.hpp.
- No header includes itself, directly or through other headers.
"""
import pathlib
import re
import sys

# The order in which data flows. Each folder may include itself, too.
FOLDERS = {
    "system": [],
    "format": ["system"],
    "storage": ["system", "format"],
    "async": ["system"],
    "writer": ["system", "format", "storage", "async"],
    "reader": ["system", "format", "storage"],
    "follower": ["system", "format", "storage", "async", "reader"],
    "verify": ["system", "format", "storage", "reader"],
    "cli": [],
}

# Boost 1.81 has no other safe way to create the strand service: constructing a strand crashes if its second allocation
# fails.
NEEDS_ASIO_DETAIL = {"context_registry.cpp"}

INCLUDE = re.compile(r'\s*#\s*include\s*(?:"([^"]+)"|<(audit_trail[^>]*)>)')


def included_headers(file):
    """Yields (line number, path, is quoted) for each header of this project that the file includes."""
    for number, line in enumerate(file.read_text().splitlines(), 1):
        if found := INCLUDE.match(line):
            quoted, public = found.groups()
            # The program is compiled without the path to the library's sources, so its own headers have no folder.
            folder = "cli/" if quoted and file.parent.name == "cli" and "/" not in quoted else ""
            yield number, folder + (quoted or public), quoted is not None


def folder_of(path):
    return path.split("/")[0] if "/" in path else ""


def check_directions(project, file, report):
    place = file.relative_to(project)
    is_public = place.parts[0] == "include"
    folder = place.parts[1] if len(place.parts) > 2 and not is_public else ""
    for number, header, is_quoted in included_headers(file):
        where = f"{place}:{number}"
        if is_public:
            if is_quoted:
                report(f"{where}: a public header includes the private header {header}")
        elif not is_quoted:
            if folder == "cli" and header.startswith("audit_trail/detail/"):
                report(f"{where}: the command line includes {header}, which is not for use")
        elif folder == "":
            report(f"{where}: a file outside of the folders includes {header}")
        elif folder not in FOLDERS:
            report(f"{where}: the folder {folder} is not listed in {pathlib.Path(__file__).name}")
        elif not (project / "src" / header).is_file():
            report(f"{where}: {header} is not a path below src")
        elif folder_of(header) not in [folder, *FOLDERS[folder]]:
            report(f"{where}: {folder} may not include {header}")


def check_names(project, file, report):
    for number, line in enumerate(file.read_text().splitlines(), 1):
        if "asio::detail" in line and file.name not in NEEDS_ASIO_DETAIL:
            report(f"{file.relative_to(project)}:{number}: asio::detail is not an interface of Asio")


def include_graph(project, files):
    """Maps the name of each file, as in #include, to the headers that it includes and the place of each #include."""
    graph = {}
    for file in files:
        place = file.relative_to(project)
        includes = graph.setdefault(str(pathlib.Path(*place.parts[1:])), {})
        for number, header, _ in included_headers(file):
            includes[header] = f"{place}:{number}"
    return graph


def check_mutual_use(graph, report):
    for source in sorted(name for name in graph if name.endswith(".cpp")):
        own_header = source.removesuffix("cpp") + "hpp"
        for header in graph[source]:
            other = header.removesuffix("hpp") + "cpp"
            if header != own_header and own_header in graph.get(other, {}) and source < other:
                report(f"{graph[source][header]}: {source} and {other} include each other's headers")
                report(f"{graph[other][own_header]}: {other} and {source} include each other's headers")


def check_header_cycles(graph, report):
    done = set()

    def visit(header, path):
        for included, where in graph.get(header, {}).items():
            if included in path:
                cycle = path[path.index(included) :] + [included]
                report(f"{where}: headers include each other: {' -> '.join(cycle)}")
            elif included not in done:
                visit(included, path + [included])
        done.add(header)

    for header in sorted(name for name in graph if name.endswith(".hpp")):
        if header not in done:
            visit(header, [header])


def main():
    project = pathlib.Path(sys.argv[1]).resolve()
    files = sorted(file for top in ("include", "src") for file in (project / top).rglob("*.[ch]pp"))
    violations = []
    for file in files:
        check_directions(project, file, violations.append)
        check_names(project, file, violations.append)
    graph = include_graph(project, files)
    check_mutual_use(graph, violations.append)
    check_header_cycles(graph, violations.append)
    if not files:
        violations.append(f"{project} holds no sources")
    for violation in violations:
        print(violation)
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
