"""Runs bench/counted_appends under Valgrind."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SOURCES = pathlib.Path(__file__).resolve().parent.parent


def add_build_argument(parser):
    parser.add_argument("build", nargs="?", default="build-bench", type=pathlib.Path,
                        help="where to build (default: %(default)s)")


def build_program(directory):
    """Builds the program. An existing build directory keeps its other options."""
    options = ["-D", "AUDIT_TRAIL_BENCHES=ON"]
    if not (directory / "CMakeCache.txt").exists():
        options += ["-G", "Ninja", "-D", "AUDIT_TRAIL_CLI=OFF", "-D", "AUDIT_TRAIL_TESTS=OFF"]
    for command in (["cmake", "-S", SOURCES, "-B", directory, *options],
                    ["cmake", "--build", directory, "--target", "counted_appends"]):
        subprocess.run(command, check=True, stdout=sys.stderr)
    return directory / "bench/counted/counted_appends"


@contextlib.contextmanager
def scratch_directory():
    """A temporary directory, in memory if possible: the counts do not depend on the disk."""
    memory = pathlib.Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as name:
        yield pathlib.Path(name)


def count_instructions(program, *arguments):
    """Returns the number of instructions in user space, of all threads."""
    if not shutil.which("valgrind"):
        sys.exit("valgrind is not installed. `.ci/setup bench` installs it.")
    with tempfile.NamedTemporaryFile() as details:
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={details.name}", program, *arguments]
        run = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    collected = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode != 0 or not collected:
        sys.exit(f"valgrind {' '.join(map(str, arguments))} failed:\n{run.stderr}")
    return int(collected[1])


def instructions_of_drafts(program, events, *arguments):
    """Returns the number of instructions for building one draft."""
    counts = [count_instructions(program, "build", "--events", count, *arguments) for count in (events, 2 * events)]
    return (counts[1] - counts[0]) / events


def instructions_of_appends(program, root, events, *arguments):
    """Returns the number of instructions of all threads for one append, including its draft. The second, longer run
    opens the trail of the first run; opening reads only the end of a segment, so this makes no difference."""
    counts = [count_instructions(program, "append", root, "--events", count, *arguments)
              for count in (events, 2 * events)]
    return (counts[1] - counts[0]) / events


def write_figures(path, bench, figures):
    """Writes figures with an upper target in the format of the benches. Does nothing if `path` is None."""
    if path is None:
        return
    rows = [{"bench": bench, "name": name, "value": value, "unit": unit, "at_most": at_most}
            for name, value, unit, at_most in figures]
    path.write_text(json.dumps(rows) + "\n")
