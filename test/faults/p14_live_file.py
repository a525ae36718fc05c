"""A segment is deleted, replaced or cut short while the program runs, or its directory is moved away: events that are
acknowledged later are in the trail, and the loss is recorded."""

import harness

BEFORE, AROUND, AFTER = range(0, 200), range(200, 2_000), range(2_000, 2_300)


def delete(segment, outside):
    segment.unlink()


def replace(segment, outside):
    """Replaces the segment, as log rotation does."""
    segment.rename(outside / "rotated")
    segment.touch()


def cut_short(segment, outside):
    with segment.open("r+b") as file:
        file.truncate(segment.stat().st_size // 2)


def move_the_directory(segment, outside):
    segment.parent.rename(outside / "moved")


def harm_once(deed, choice):
    directory = harness.scratch_directory()
    root = directory / "trail"
    program = harness.Appending(root, "--durability", choice.choice(["written", "synced"]), "--window", "50")
    program.send(harness.draft(number, 2) for number in BEFORE)
    ids = program.read_ids(len(BEFORE))
    under_way = harness.Feeder(program.process.stdin, [harness.draft(number, 2) for number in AROUND], ends=False)
    ids += program.read_ids(choice.randint(0, len(AROUND)))
    deed(root / "shop/c0/audit-000001.jsonl", directory)
    under_way.thread.join()
    program.send(harness.draft(number, 2) for number in AFTER)
    ids += program.finish()
    harness.require(program.process.returncode == 0, f"the program failed: {program.error_text()}")
    if deed is cut_short:
        forget_the_torn_line(root / "shop/c0/audit-000001.jsonl")
    check(root, harness.acknowledged_drafts(ids, [*BEFORE, *AROUND, *AFTER]))


def forget_the_torn_line(segment):
    """Removes the line that was cut in two: recovery leaves damage of other programs alone, so it is still the last line."""
    text = segment.read_bytes()
    segment.write_bytes(text[: text.rfind(b"\n") + 1])


def check(root, acknowledged):
    harness.recover(root)
    trail = harness.Trail(root)
    harness.require(trail.records("vanished_segment"), "the loss is not recorded")
    harness.require(len(acknowledged) == AFTER.stop, "not all was acknowledged")
    untouched = {event_id: number for event_id, number in acknowledged.items() if number % 2 or number in AFTER}
    harness.check_acknowledged(trail, untouched)


def main():
    choice = harness.seeded()
    times = harness.sized(3, 100)
    deeds = [delete, replace, cut_short, move_the_directory]
    for deed in deeds * times:
        try:
            harm_once(deed, choice)
        except AssertionError as failure:
            raise AssertionError(f"{deed.__name__}: {failure}") from failure
    told = ", ".join(deed.__name__ for deed in deeds)
    print(f"{told}: {times} times each; all that was appended afterwards is in the trail, each loss is recorded")


main()
