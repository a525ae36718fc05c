"""A power cut under load: events that were acknowledged before are on the disk, and the next opening repairs the rest.

An ext4 or XFS file system on a loop device is shut down at once, without a flush of its journal."""

import shutil

import harness

CUTS_OF_A_TRAIL = 5
LEAST_MEBIBYTES = {"ext4": 32, "xfs": 320}
KINDS = ("torn_tail", "unused_ids", "index_ahead", "restored_lines", "unrestored_lines", "unusable_log")
DRAFTS_OF_A_RUN = 20_000


def drafts(numbers, choice):
    categories, largest = choice.choice([1, 3, 50, 300]), choice.choice([100, 2_000])
    for number in numbers:
        yield harness.draft(number, categories, choice.randint(0, largest))


def options(choice):
    return [*("--window", choice.choice([1, 20, 1000])), *("--max-segment-bytes", choice.choice([1, 5_000, 5_000_000]))]


def cut_once(disk, first, choice):
    """Returns the drafts whose acknowledgements were read before the cut, by id."""
    numbers = range(first, first + DRAFTS_OF_A_RUN)
    appending = harness.Appending(disk.place / "trail", *options(choice))
    appending.feed(drafts(numbers, choice))
    ids = appending.read_ids(choice.choice([1, 10, 100, 1000]))
    disk.cut_the_power()
    appending.kill()
    disk.unplug()
    disk.plug_in()
    return harness.acknowledged_drafts(ids, numbers)


def main():
    harness.need_disks()
    choice = harness.seeded()
    cuts = {"ext4": harness.sized(15, 200), "xfs": harness.sized(5, 100)}
    if not shutil.which("mkfs.xfs"):
        print("mkfs.xfs is not installed: no cuts on XFS")
        del cuts["xfs"]
    kinds = [kind for kind, number in cuts.items() for _ in range(0, number, CUTS_OF_A_TRAIL)]
    counts = dict.fromkeys(("acknowledged", *KINDS), 0)
    for kind in kinds:
        disk = harness.Disk(LEAST_MEBIBYTES[kind], kind=kind)
        acknowledged = {}
        for cut in range(CUTS_OF_A_TRAIL):
            acknowledged |= cut_once(disk, cut * DRAFTS_OF_A_RUN, choice)
        trail = harness.check_trail(disk.place / "trail", acknowledged)
        disk.unplug()
        counts["acknowledged"] += len(acknowledged)
        for kind in KINDS:
            counts[kind] += len(trail.records(kind))
    harness.require(counts["unrestored_lines"] + counts["unusable_log"] == 0, f"the log was not replayed: {counts}")
    print(
        f"power cuts: {cuts}; {counts['acknowledged']} events acknowledged before: 0 lost, 0 doubled, 0 unreadable; "
        f"{counts['torn_tail']} torn tails saved, {counts['unused_ids']} ranges of unused ids recorded, "
        f"{counts['index_ahead']} times index.json was ahead, "
        f"{counts['restored_lines']} segments restored from the commit log"
    )


main()
