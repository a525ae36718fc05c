"""libfaketime sets the clock forward and back while the program runs: the ids continue, only the timestamps change."""

import glob
import os

import harness

SETTINGS = ["+0d", "-1d", "+2d", "-3650d", "+365d"]
DRAFTS_OF_A_SETTING = 20


def find_library():
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    return found[0] if found else harness.skip("faketime is not installed")


def main():
    directory = harness.scratch_directory()
    root, clock = directory / "trail", directory / "clock"
    environment = {
        **os.environ,
        "LD_PRELOAD": find_library(),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    ids, rounds = [], harness.sized(2, 50)
    for _ in range(rounds):
        clock.write_text(SETTINGS[0])
        program = harness.Appending(root, env=environment)
        for setting in SETTINGS:
            clock.write_text(setting)
            program.send(harness.draft(len(ids) + number) for number in range(DRAFTS_OF_A_SETTING))
            ids += program.read_ids(DRAFTS_OF_A_SETTING)
        program.finish()

    harness.require(ids == list(range(1, len(ids) + 1)), "ids do not go on")
    trail = harness.check_trail(root, harness.acknowledged_drafts(ids, range(len(ids))))
    times = [trail.events[event_id]["timestamp"] for event_id in ids]
    steps_back = sum(later < earlier - 3600 for earlier, later in zip(times, times[1:]))
    harness.require(steps_back >= 2 * rounds, "the clock did not go back")
    queried = harness.run_program("query", root, "--format", "jsonl").stdout.splitlines()
    harness.require(len(queried) == len(ids), "query does not find all")
    print(f"{rounds} openings, {steps_back} steps back of the clock, {len(ids)} events: ids without a gap")


main()
