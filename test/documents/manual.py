"""manual.py PROGRAM DIRECTORY: each command has a page, which names every option that its --help names, and no other.
If there is mandoc, it finds no errors in the pages."""
import pathlib
import re
import shutil
import subprocess
import sys

program, directory = sys.argv[1], pathlib.Path(sys.argv[2])


def help_of(*command):
    return subprocess.run([program, *command, "--help"], check=True, capture_output=True, text=True).stdout


def check(page, help_text):
    options = help_text.split("\nOptions:\n")[1].split("\n\n")[0]
    expected = set(re.findall(r"(?m)^  (?:-\w,)?(--[a-z-]+)", options))
    text = page.read_text().replace("\\-", "-").replace("\\fR", "")
    found = set(re.findall(r"(?m)^(?:\\fB-\w, )?\\fB(--[a-z-]+)|^\\fB-\w, \\fB(--[a-z-]+)", text))
    found = {name for names in found for name in names if name}
    assert expected and found == expected, f"{page}: {found ^ expected}"


commands = re.findall(r"(?m)^  ([a-z]+) ", help_of().split("\nSubcommands:\n")[1])
check(directory / "audit-trail.1", help_of())
for command in commands:
    check(directory / f"audit-trail-{command}.1", help_of(command))
pages = sorted(directory.glob("audit-trail-*.1"))
assert len(pages) == len(commands), pages
if shutil.which("mandoc"):
    subprocess.run(["mandoc", "-T", "lint", "-W", "error", *directory.glob("audit-trail*.[15]")], check=True)
