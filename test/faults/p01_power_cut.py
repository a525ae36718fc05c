"""A power cut under load: events that were acknowledged before are on the disk, and the next opening repairs the rest.

An ext4 file system on a loop device is shut down at once, without a flush of its journal."""

import harness

CUTS_OF_A_TRAIL = 5
DRAFTS_OF_A_RUN = 20_000


def drafts(numbers, choice):
    categories, largest = choice.choice([1, 3, 40]), choice.choice([100, 2_000])
    for number in numbers:
        yield harness.draft(number, categories, choice.randint(0, largest))


def options(choice):
    return [*("--window", choice.choice([1, 20, 1000])), *("--max-segment-bytes", choice.choice([1, 5_000, 5_000_000]))]


def cut_once(disk, first, choice):
    """Returns the drafts whose acknowledgements were read before the cut, by id."""
    numbers = range(first, first + DRAFTS_OF_A_RUN)
    appending = harness.Appending(disk.place / "trail", *options(choice))
    appending.feed(drafts(numbers, choice))
    ids = appending.read_ids(choice.choice([1, 10, 100, 300]))
    disk.cut_the_power()
    appending.kill()
    disk.unplug()
    disk.plug_in()
    return harness.acknowledged_drafts(ids, numbers)


def main():
    harness.need_disks()
    choice = harness.seeded()
    cuts = harness.sized(20, 200)
    counts = {"acknowledged": 0, "torn_tail": 0, "unused_ids": 0, "index_ahead": 0}
    for _ in range(0, cuts, CUTS_OF_A_TRAIL):
        disk = harness.Disk()
        acknowledged = {}
        for cut in range(CUTS_OF_A_TRAIL):
            acknowledged |= cut_once(disk, cut * DRAFTS_OF_A_RUN, choice)
        trail = harness.check_trail(disk.place / "trail", acknowledged)
        disk.unplug()
        counts["acknowledged"] += len(acknowledged)
        for kind in ("torn_tail", "unused_ids", "index_ahead"):
            counts[kind] += len(trail.records(kind))
    print(
        f"{cuts} power cuts, {counts['acknowledged']} events acknowledged before: 0 lost, 0 doubled, 0 unreadable; "
        f"{counts['torn_tail']} torn tails saved, {counts['unused_ids']} ranges of unused ids recorded, "
        f"{counts['index_ahead']} times index.json was ahead"
    )


main()
