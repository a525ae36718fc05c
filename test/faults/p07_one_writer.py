"""A second program on a root is refused at once, and after kill -9 of the first program the root can be opened
again."""

import time

import harness


def turn_away(root):
    """Returns how many seconds that took."""
    begin = time.monotonic()
    done = harness.run_program("append", root, input=harness.draft(0).decode())
    seconds = time.monotonic() - begin
    harness.require(done.returncode == 1 and done.stdout == "", f"a second writer got in: {done.stdout}")
    harness.require(".lock" in done.stderr, f"the error does not name the lock: {done.stderr}")
    return seconds


def main():
    times = harness.sized(20, 200)
    root = harness.scratch_directory() / "trail"
    acknowledged, slowest = {}, 0
    for number in range(times):
        first = harness.Appending(root)
        first.send([harness.draft(number)])
        acknowledged |= dict.fromkeys(first.read_ids(1), number)
        slowest = max(slowest, turn_away(root))
        first.kill()
        harness.check_trail(root, acknowledged)
    harness.require(len(acknowledged) == times, "the first writer does not append")
    harness.require(not harness.SOAK or slowest < 1, f"a second writer waited for {slowest:.3f} s")
    print(f"{times} second writers turned away, after {slowest:.3f} s at most; {times} openings after kill -9")


main()
