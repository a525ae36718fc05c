"""A copy of a trail that is made while a writer appends, in the order that the README gives: it has every event up to
the id in its index.json, and opening it reports no loss."""

import json
import shutil

import harness

DRAFTS = 200_000


def copy(root, place):
    """Returns the id in the copied index.json."""
    place.mkdir()
    for name in ("index.json", ".commit-log", ".lock"):
        shutil.copy2(root / name, place / name)
    for path in sorted(root.glob("*/*/audit-*.jsonl")):
        target = place / path.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    return json.loads((place / "index.json").read_text())["last_event_id"]


def main():
    scratch = harness.scratch_directory()
    root = scratch / "trail"
    appending = harness.Appending(root, "--window", 64)
    appending.feed(harness.draft(number, 40) for number in range(DRAFTS))
    for number in range(harness.sized(10, 100)):
        appending.read_ids(1000)
        place = scratch / f"copy{number}"
        last = copy(root, place)
        done = harness.run_program("recover", place)
        harness.require(done.returncode == 0, f"recover: {done.stdout} {done.stderr}")
        harness.require("restored" not in done.stdout and "commit log" not in done.stdout, done.stdout)
        ids = set(harness.Trail(place).events)
        harness.require(ids >= set(range(1, last + 1)), f"copy {number} lacks ids up to {last}")
        shutil.rmtree(place)
    appending.kill()
    print("every copy had all events that its index.json names")


main()
