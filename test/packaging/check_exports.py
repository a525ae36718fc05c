#!/usr/bin/env python3
"""Checks what a shared library exports: check_exports.py LIBRARY INCLUDE_DIRECTORY OBJECTS…

Allowed are functions of the namespace audit_trail that a public header declares, with the version of the interface.
Weak symbols (templates, inline functions, type information) are refused: they could replace those of a program. Every
function and class with the mark AUDIT_TRAIL_API must be exported, and every function in OBJECTS (object files or an
archive) that is directly in the namespace audit_trail or in a class of a public header: if not, its mark is missing.
"""
import pathlib
import re
import subprocess
import sys

NAME = r"(~?\w+|operator\W{1,2})"
EXPORTED = re.compile(rf"audit_trail::(?:\w+::)*{NAME}(\[abi:\w+\])?\(")
MARKED_FUNCTION = re.compile(rf"(?<!define )AUDIT_TRAIL_API [^;({{}}]*?{NAME}\(")
MARKED_CLASS = re.compile(r"class AUDIT_TRAIL_API (\w+)")
PUBLIC_CLASS = re.compile(r"^(?:class|struct) (?:AUDIT_TRAIL_API )?(\w+)[^;]*\{$", re.MULTILINE)


def exported_symbols(library):
    """Yields the type letter, the demangled name and the version of each symbol."""
    command = ["nm", "--dynamic", "--defined-only", "--demangle", "--with-symbol-versions", library]
    for line in subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines():
        _, kind, name = line.split(" ", 2)
        if kind != "A":  # the name of the version itself
            name, _, version = name.rpartition("@@")
            yield kind, name, version


def public_functions(objects, headers):
    """Returns the functions that users of the public headers may call, and that no header defines."""
    command = ["nm", "--defined-only", "--demangle", *objects]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    classes = "|".join(PUBLIC_CLASS.findall(headers))
    public = re.compile(rf"\w+ T (audit_trail::(?:(?:{classes})::)?~?\w+(?:\[abi:\w+\])?\(.*)")
    return {found[1] for line in output.splitlines() if (found := public.fullmatch(line))}


def complain(kind, name, version, headers):
    found = EXPORTED.match(name)
    if not found:
        return "is not a function of the namespace audit_trail"
    if kind in "WVu":
        return "is weak"
    if not re.search(rf"(?<!\w){re.escape(found[1])}\(", headers):
        return "is not declared in a public header"
    if not re.fullmatch(r"audit_trail_\d+\.\d+", version):
        return f"has the version '{version}'"
    return None


def main():
    library, include = sys.argv[1], pathlib.Path(sys.argv[2])
    headers = "\n".join(header.read_text() for header in sorted(include.rglob("*.hpp")))
    symbols = list(exported_symbols(library))
    violations = [f"{name} {reason}" for kind, name, version in symbols
                  if (reason := complain(kind, name, version, headers))]
    names = "\n".join(name for _, name, _ in symbols)
    functions, classes = MARKED_FUNCTION.findall(headers), MARKED_CLASS.findall(headers)
    violations += [f"{name} is not exported" for name in functions if not re.search(rf"::{re.escape(name)}[(\[]", names)]
    violations += [f"class {name} is not exported" for name in classes if f"::{name}::" not in names]
    defined = public_functions(sys.argv[3:], headers)
    violations += [f"{name} has no mark AUDIT_TRAIL_API" for name in sorted(defined - {name for _, name, _ in symbols})]
    if not functions or not classes or not defined:
        violations.append(f"no mark was found in {include}, or no function in {sys.argv[3:]}")
    print("\n".join(violations) or f"{len(symbols)} symbols")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
