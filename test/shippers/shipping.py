"""Shared by the tests of the recipes: appends to a trail, and runs spool_trail."""

import os
import pathlib
import subprocess
import sys
import time

sys.dont_write_bytecode = True
from harness import PATIENCE, PROGRAM, require

RECIPES = pathlib.Path(sys.argv[1])


def drafts(count):
    return "".join('{"domain":"d","category":"c%d","model_name":"m","operation":"create","logical_user_id":"u",'
                   '"payload":{"after":{"n":%d}}}\n' % (n % 3, n) for n in range(count))


def append(root, count):
    subprocess.run([PROGRAM, "append", root, "--print", "none", "--durability", "written"], input=drafts(count), text=True,
                   check=True)


def start_appending(root, count, file):
    """Starts a program that appends one event after the other, so that other programs see it at work."""
    file.write_text(drafts(count))
    return subprocess.Popen([PROGRAM, "append", root, file, "--print", "none", "--window", "1"])


def stored(root):
    return subprocess.run([PROGRAM, "query", root], capture_output=True, check=True).stdout


class spooling:
    """Runs spool_trail with the program under test first in PATH."""

    def __init__(self, root, file, programs):
        name = programs / "audit-trail"
        if not name.exists():
            programs.mkdir(exist_ok=True)
            name.symlink_to(PROGRAM)
        path = f"{programs}{os.pathsep}{os.environ['PATH']}"
        self.process = subprocess.Popen([RECIPES / "spool_trail", root, file], env={**os.environ, "PATH": path})

    def kill(self):
        self.process.kill()
        self.process.wait()


def wait_until(condition, what):
    end = time.monotonic() + PATIENCE
    while not condition():
        require(time.monotonic() < end, f"timeout: {what}")
        time.sleep(0.01)
