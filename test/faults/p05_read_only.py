"""The file system becomes read-only while the program runs, as ext4 does after an error: the program stops, events
that were acknowledged before are in the trail, and the trail continues after the disk is repaired."""

import harness

TIMES_OF_A_TRAIL = 4
DRAFTS_OF_A_RUN = 20_000


def lose_the_right_to_write(disk, first, choice):
    """Returns the drafts whose acknowledgements were read before, by id."""
    numbers = range(first, first + DRAFTS_OF_A_RUN)
    program = harness.Appending(disk.place / "trail", "--window", choice.choice([1, 20, 1000]))
    program.feed(harness.draft(number) for number in numbers)
    ids = program.read_ids(choice.choice([1, 10, 100]))
    harness.mount("-o", "remount,abort", disk.place)
    program.finish()
    harness.require(program.process.returncode == 1, f"exit code {program.process.returncode}")
    told = program.error_text()
    harness.require("Read-only file system" in told or "Input/output error" in told, f"it does not say why: {told[:500]}")
    return harness.acknowledged_drafts(ids, numbers)


def check_refused_while_read_only(disk):
    harness.mount("-o", "remount,ro", disk.place)
    done = harness.run_program("append", disk.place / "trail", input="")
    harness.require(done.returncode == 1 and "Read-only file system" in done.stderr, f"opened: {done.stderr}")
    harness.mount("-o", "remount,rw", disk.place)


def main():
    harness.need_disks()
    choice = harness.seeded()
    times, events = harness.sized(4, 100), 0
    for _ in range(0, times, TIMES_OF_A_TRAIL):
        disk, acknowledged = harness.Disk(), {}
        for time in range(TIMES_OF_A_TRAIL):
            acknowledged |= lose_the_right_to_write(disk, time * DRAFTS_OF_A_RUN, choice)
            disk.unplug()
            disk.plug_in()
            check_refused_while_read_only(disk)
            harness.check_trail(disk.place / "trail", acknowledged)
        disk.unplug()
        events += len(acknowledged)
    print(f"{times} times read-only, {events} events acknowledged before: 0 lost, 0 doubled, no hang")


main()
