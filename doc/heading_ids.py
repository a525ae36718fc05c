#!/usr/bin/env python3
"""Prints a Markdown file for Doxygen: headings get the ids that GitHub gives them, so that links to them work.

Doxygen has one set of ids for all files, so each id gets the name of its file. Doxygen before 1.9.7 cannot do this."""

import pathlib
import re
import sys

sys.dont_write_bytecode = True
SOURCES = pathlib.Path(__file__).resolve().parent.parent


def slug(heading):
    """Returns the id of a heading."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


def prefix_of(path):
    return "-".join(path.resolve().relative_to(SOURCES).with_suffix("").parts).lower()


def with_ids(path):
    prefix = prefix_of(path)
    text = path.read_text(encoding="utf-8")
    lines = []
    in_code = False
    for line in text.split("\n"):
        in_code ^= line.startswith("```")
        heading = None if in_code else re.fullmatch(r"(#{2,6} )(.*)", line)
        if heading:
            line += f" {{#{prefix}-{slug(heading[2])}}}"
        elif not in_code:
            line = re.sub(r"\]\(#([^)]*)\)", rf"](#{prefix}-\1)", line)
            line = re.sub(r"\]\(([^)#:]*\.md)#", lambda other: f"](#{prefix_of(path.parent / other[1])}-", line)
            # Doxygen copies other files beside its pages.
            line = re.sub(r"\]\((?:[^)#:]*/)?([^)/:#]*)(?<!\.md)\)", r"](\1)", line)
        lines.append(line)
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(with_ids(pathlib.Path(sys.argv[1])))
