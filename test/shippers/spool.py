"""spool_trail copies each committed event once, although it is killed at any time, and its file is rotated."""

import random
import re
import subprocess
import time

from harness import need_tools, require, scratch_directory
from shipping import RECIPES, append, spooling, start_appending, stored, wait_until

EVENTS = 4000

directory = scratch_directory()
root, file, programs = directory / "root", directory / "events.jsonl", directory / "bin"


def copied():
    """Returns the bytes of all files of the copy, oldest first."""
    number = lambda path: -int(path.suffix[1:]) if path.suffix[1:].isdigit() else 0
    return b"".join(path.read_bytes() for path in sorted(directory.glob("events.jsonl*"), key=number) if path.suffix != ".lock")


def rotate():
    """Does what logrotate.conf says, and starts the script again instead of the service."""
    text = (RECIPES / "logrotate.conf").read_text()
    text = text.replace("/var/spool/audit-trail/events.jsonl", str(file)).replace("daily", "daily\n    su root root")
    text = re.sub(r"(?s)    compress\n    delaycompress\n    postrotate.*endscript\n", "", text).replace("rotate 7", "rotate 99")
    (directory / "logrotate.conf").write_text(text)
    subprocess.run(["logrotate", "--force", "--state", directory / "state", directory / "logrotate.conf"], check=True)


def check_kills():
    kills = 0
    appending = start_appending(root, EVENTS, directory / "drafts")
    wait_until(lambda: (root / "index.json").exists(), "the trail exists")
    while appending.poll() is None:
        spool = spooling(root, file, programs)
        time.sleep(random.random() / 5)  # a moment at which it is killed, not a condition
        spool.kill()
        kills += 1
    require(kills > 2, "the script was killed while events were appended")
    require(appending.returncode == 0, "all events were appended")
    spool = spooling(root, file, programs)
    wait_until(lambda: copied() == stored(root), "the copy has all events")
    spool.kill()


def check_incomplete_line():
    with file.open("ab") as copy:
        copy.write(b'{"event_id":9999,"timest')
    append(root, 5)
    spool = spooling(root, file, programs)
    wait_until(lambda: copied() == stored(root), "an incomplete line is replaced")
    spool.kill()


def check_rotation():
    for _ in range(3):
        spool = spooling(root, file, programs)
        append(root, 10)
        wait_until(lambda: copied() == stored(root), "the copy has the new events")
        rotate()
        append(root, 10)  # to the renamed file
        wait_until(lambda: copied() == stored(root), "the renamed file has the new events")
        spool.kill()


def check_damage():
    """Other events are copied, although one near the end cannot be read."""
    trail, copy = directory / "damaged", directory / "damaged.jsonl"
    append(trail, 30)
    spool = spooling(trail, copy, programs)
    wait_until(lambda: copy.exists() and copy.read_bytes() == stored(trail), "the copy has all events")
    spool.kill()
    segment = trail / "d/c0/audit-000001.jsonl"
    lines = segment.read_bytes().splitlines(True)
    segment.write_bytes(b"".join(lines[:-1]) + b"x" + lines[-1][1:])
    append(trail, 3)
    spool = spooling(trail, copy, programs)
    wait_until(lambda: b'{"event_id":33,' in copy.read_bytes(), "the copy continues")
    spool.kill()


def require_refusal(trail, copy, why):
    require(spooling(trail, copy, programs).process.wait() == 1, f"refused: {why}")


def check_refusals():
    spool = spooling(root, file, programs)
    wait_until(lambda: copied() == stored(root), "the copy has all events")
    require_refusal(root, file, "a second process for the same file")
    spool.kill()
    append(directory / "other", 5)
    require_refusal(directory / "other", file, "a trail with lower ids")
    append(directory / "longer", EVENTS * 2)
    require_refusal(directory / "longer", file, "a trail with other events")
    file.write_text("not an event\n")
    require_refusal(root, file, "a file of another program")


need_tools("logrotate")
check_kills()
check_incomplete_line()
check_rotation()
check_damage()
check_refusals()
print(f"{len(stored(root).splitlines())} events were copied once")
