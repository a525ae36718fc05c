"""Each system call for files of the trail fails, or the program is killed in it: no hang, no loss.

strace lets the k-th call of a thread fail. The calls and their numbers are taken from a trace of the same run without a
fault. `close` is left out, because a program cannot handle a close that fails."""

import collections
import re
import shutil
import subprocess

import harness

FAULTS = ["error=EIO", "error=ENOSPC", "error=EMFILE", "signal=KILL"]
WATCHED = "%file,%desc"
OPTIONS = ["--window", "8", "--max-segment-bytes", "2000"]
DRAFTS = harness.sized(40, 200)
CATEGORIES = 3

TRACED_CALL = re.compile(r"^(\d+) +(\w+)\(")


class Traced:
    """Runs the program under strace, which traces only system calls for files of the trail."""

    def __init__(self, directory, start, first, count):
        self.directory, self.start = directory, start
        self.root, self.log = directory / "trail", directory / "log"
        self.numbers = range(first, first + count)
        self.drafts = directory / "drafts"
        self.drafts.write_bytes(b"".join(harness.draft(number, CATEGORIES) for number in self.numbers))

    def paths(self):
        names = ["", ".lock", "index.json", ".index.json.new", ".recovery.jsonl", ".broken", "shop"]
        for category in (f"shop/c{number}" for number in range(CATEGORIES)):
            names += [category, f".broken/{category}"]
            names += [f"{category}/audit-{number:06}.jsonl" for number in range(1, 20)]
        return [self.root / name for name in names]

    def run(self, *what):
        """Restores the trail and starts the program. Returns the running program."""
        shutil.rmtree(self.root, ignore_errors=True)
        if self.start:
            shutil.copytree(self.start, self.root)
        selection = [argument for path in self.paths() for argument in ("-P", path)]
        strace = ["strace", "-f", "-o", self.log, *selection, *what]
        return harness.Appending(self.root, self.drafts, *OPTIONS, prefix=strace)

    def count_calls(self):
        """Returns the number of each call in the thread that makes it most often."""
        self.run("-e", f"trace={WATCHED}").finish()
        in_threads = collections.Counter(
            match.groups() for match in map(TRACED_CALL.match, self.log.read_text().splitlines()) if match
        )
        most = collections.Counter()
        for (_, call), count in in_threads.items():
            most[call] = max(most[call], count)
        del most["close"]
        return most

    def try_fault(self, call, fault, k):
        """Returns True if the fault was injected."""
        program = self.run("-e", f"trace={call}", "-e", f"inject={call}:{fault}:when={k}")
        ids = program.finish()
        happened = "INJECTED" in self.log.read_text() or "killed by SIGKILL" in self.log.read_text()
        acknowledged = harness.acknowledged_drafts(ids, self.numbers, program.refused_lines())
        all_there = len(acknowledged) == len(self.numbers)
        code = program.process.returncode
        harness.require(code in (0, 1, -9) and (code != 0 or all_there), f"exit code {code}, {len(ids)} acknowledged")
        harness.check_trail(self.root, acknowledged)
        return happened


def leave_after_a_crash(directory):
    """Creates a trail with a torn tail, and with a gap in its ids: only some lines of a batch were written."""
    traced = Traced(directory, None, 0, 40)
    for k in range(2, 20):
        traced.run("-e", "trace=write", "-e", f"inject=write:signal=KILL:when={k}").finish()
        trail = harness.Trail(traced.root)
        if len(trail.events) < max(trail.events):
            with next(traced.root.glob("shop/*/audit-*.jsonl")).open("ab") as segment:
                segment.write(b'{"event_id":1000,"timest')
            return traced.root
    raise AssertionError("no kill left a gap")


def plan(counts, choice):
    """Yields every call with every fault: at every k, or at one of the earlier ones, which every run reaches."""
    for call, count in sorted(counts.items()):
        for fault in FAULTS:
            for k in range(1, count + 1) if harness.SOAK else [choice.randint(1, (count + 1) // 2)]:
                yield call, fault, k


def sweep(name, traced, choice, totals):
    for call, fault, k in plan(traced.count_calls(), choice):
        try:
            happened = traced.try_fault(call, fault, k)
        except (AssertionError, subprocess.TimeoutExpired) as failure:
            raise AssertionError(f"{name}: {call} {fault} when={k}: {failure}") from failure
        totals[call] += happened
        totals["too late"] += not happened


def main():
    harness.need_tools("strace")
    choice = harness.seeded()
    directory = harness.scratch_directory(harness.MEMORY)
    for name in ("crashed", "new", "old"):
        (directory / name).mkdir()
    crashed = leave_after_a_crash(directory / "crashed")
    totals = collections.Counter()
    sweep("new trail", Traced(directory / "new", None, 0, DRAFTS), choice, totals)
    sweep("crashed trail", Traced(directory / "old", crashed, 1000, DRAFTS // 4), choice, totals)
    too_late = totals.pop("too late")
    calls = ", ".join(f"{call} {count}" for call, count in sorted(totals.items()))
    harness.require(all(totals.values()), f"some calls were never made to fail: {calls}")
    print(f"{totals.total()} faults injected ({calls}), {too_late} came too late: 0 hangs, 0 lost, 0 doubled")


main()
