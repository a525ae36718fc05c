"""kill -9 at any moment, under load: no acknowledged event is lost or doubled, and the next opening repairs the
rest."""

import time

import harness

KILLS_OF_A_TRAIL = 10
DRAFTS_OF_A_RUN = 8_000


def write_drafts(path, first, choice):
    """Writes drafts to a file, which the program reads as fast as it can. Returns their numbers."""
    categories = choice.choice([1, 2, 8, 8])
    count, largest = choice.choice([(8_000, 400), (8_000, 400), (400, 40_000)])
    numbers = range(first, first + count)
    with path.open("wb") as file:
        for number in numbers:
            file.write(harness.draft(number, categories, choice.randint(0, largest)))
    return numbers


def options(choice):
    return [
        *("--durability", choice.choice(["written", "synced"])),
        *("--window", choice.choice([1, 100, 8000, 8000])),
        *("--max-segment-bytes", choice.choice([1, 20_000, 5_000_000, 5_000_000])),
    ]


def kill_once(root, first, choice):
    """Returns the drafts that were acknowledged before the end, by id."""
    path = root.parent / "drafts"
    numbers = write_drafts(path, first, choice)
    appending = harness.Appending(root, path, *options(choice))
    ids = appending.read_ids(choice.choice([0, 1, 1, 1, 100]))
    time.sleep(choice.uniform(0, 0.01))  # a random moment
    ids += appending.kill()
    return harness.acknowledged_drafts(ids, numbers)


def main():
    choice = harness.seeded()
    kills = harness.sized(50, 500)
    counts = {"acknowledged": 0, "torn_tail": 0, "unused_ids": 0}
    for _ in range(0, kills, KILLS_OF_A_TRAIL):
        # A kill loses no page cache, so a file system in memory is sufficient; there, writes are torn more often.
        root = harness.scratch_directory(harness.MEMORY) / "trail"
        acknowledged = {}
        for kill in range(KILLS_OF_A_TRAIL):
            acknowledged |= kill_once(root, kill * DRAFTS_OF_A_RUN, choice)
        trail = harness.check_trail(root, acknowledged)
        counts["acknowledged"] += len(acknowledged)
        for kind in ("torn_tail", "unused_ids"):
            counts[kind] += len(trail.records(kind))
    print(
        f"{kills} kills, {counts['acknowledged']} events acknowledged: 0 lost, 0 doubled, 0 unreadable; "
        f"{counts['torn_tail']} torn tails saved, {counts['unused_ids']} ranges of unused ids recorded"
    )


main()
