"""A reader and a follower read the trail of a writer at full speed, with rolls, new categories and their own
restarts. They return every event once, in the order of ids, as a whole line, and only events that stay in the
trail."""

import itertools
import json
import subprocess
import threading
import time

import harness

SECONDS = harness.sized(3, 60)
DRAFTS_OF_A_BLOCK = 5_000
LINES_OF_A_FOLLOWER = 100_000


def drafts_until(deadline):
    """Yields blocks of drafts; every tenth block begins a category."""
    for number in itertools.count():
        if time.monotonic() > deadline:
            return
        opening = f'{{"domain":"shop","category":"c{number // 10}","model_name":"n","operation":"update",'
        rest = '"logical_user_id":"somebody","payload":{"delta":{"size":{"old":1,"new":2}}}}\n'
        yield (opening + rest).encode() * DRAFTS_OF_A_BLOCK


def start_program(*arguments, **options):
    return subprocess.Popen([harness.PROGRAM, *map(str, arguments)], stdout=subprocess.PIPE, **options)


class Watcher(threading.Thread):
    """Reads the trail from its first id on, with one program after the other."""

    def __init__(self, root):
        super().__init__(daemon=True)
        self.root, self.next_id, self.programs, self.failure = root, 1, 0, None
        self.last_id = None  # None until it is known

    def run(self):
        try:
            while self.last_id is None or self.next_id <= self.last_id:
                self.read_on()
                self.programs += 1
        except Exception as failure:
            self.failure = failure

    def take(self, line):
        expected = b'{"event_id":%d,' % self.next_id
        harness.require(line.startswith(expected), f"{type(self).__name__}: {line[:80]}, not {self.next_id}")
        harness.require(line.endswith(b"}\n"), f"{type(self).__name__}: a part of {self.next_id}")
        self.next_id += 1

    def finish(self, last_id):
        self.last_id = last_id
        deadline = time.monotonic() + harness.PATIENCE + SECONDS
        while self.is_alive() and time.monotonic() < deadline:
            self.interrupt()
            self.join(1)
        harness.require(self.failure is None, self.failure)
        harness.require(not self.is_alive(), f"{type(self).__name__} waits for {self.next_id} of {last_id}")
        harness.require(self.next_id == last_id + 1, f"{type(self).__name__} has seen {self.next_id - 1} of {last_id}")

    def interrupt(self):
        pass


class Reader(Watcher):
    def read_on(self):
        with start_program("query", self.root, "--min-id", self.next_id) as program:
            for line in program.stdout:
                self.take(line)
        harness.require(program.returncode == 0, f"query ended with {program.returncode}")


class Follower(Watcher):
    program = None

    def read_on(self):
        enough = self.next_id + LINES_OF_A_FOLLOWER
        with start_program("follow", self.root, "--from-id", self.next_id) as self.program:
            for line in self.program.stdout:
                self.take(line)
                if self.next_id == enough or self.next_id - 1 == self.last_id:
                    self.interrupt()

    def interrupt(self):
        """Ends the program. Lines that it has already printed are still read."""
        self.program.terminate()


def main():
    root = harness.scratch_directory() / "trail"
    harness.recover(root)
    printed = root.parent / "ids"
    with printed.open("wb") as ids:
        options = ["--print", "ids", "--durability", "written", "--max-segment-bytes", 1 << 20]
        writer = subprocess.Popen(
            [harness.PROGRAM, "append", root, *map(str, options)], stdin=subprocess.PIPE, stdout=ids
        )
    watchers = [Reader(root), Follower(root)]
    for watcher in watchers:
        watcher.start()
    for block in drafts_until(time.monotonic() + SECONDS):
        writer.stdin.write(block)
    writer.stdin.close()
    harness.require(writer.wait(harness.PATIENCE) == 0, "append failed")

    ids = printed.read_bytes().split()
    last_id = int(ids[-1])
    harness.require(last_id == len(ids), "ids are missing")
    for watcher in watchers:
        watcher.finish(last_id)
    found = json.loads(harness.run_program("verify", root, "--format", "json").stdout)
    harness.require(found["findings"] == [], f"verify finds: {found}")
    print(f"{last_id} events; " + ", ".join(f"{type(each).__name__}: {each.programs} programs" for each in watchers))


main()
