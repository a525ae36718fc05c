"""Shared by the tests of real faults: runs the program under test with numbered drafts, creates file systems for
trails, and checks a trail without the library."""

import atexit
import ctypes
import fcntl
import json
import os
import pathlib
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import threading

PROGRAM = os.environ["AUDIT_TRAIL_PROGRAM"]
SERVER = os.environ.get("AUDIT_TRAIL_FAULT_SERVER")
FLUSHER = os.environ.get("AUDIT_TRAIL_FAULT_FLUSHER")
SOAK = os.environ.get("AUDIT_TRAIL_SOAK") == "1"
SKIPPED = 77
MEMORY = "/dev/shm" if os.path.isdir("/dev/shm") else None  # a file system in memory
PATIENCE = 60  # seconds; after this time the program hangs

MS_REC, MS_PRIVATE, CLONE_NEWNS = 0x4000, 0x40000, 0x20000
FS_IOC_GOINGDOWN, WITHOUT_A_FLUSH = 0x8004587D, 2


def sized(small, soak):
    return soak if SOAK else small


def skip(why):
    print("skipped:", why)
    sys.exit(SKIPPED)


def require(condition, message):
    if not condition:
        raise AssertionError(message)


def need_tools(*names):
    for name in names:
        if shutil.which(name) is None:
            skip(f"{name} is not installed")


def scratch_directory(parent=None):
    directory = pathlib.Path(tempfile.mkdtemp(prefix="audit_trail_faults_", dir=parent))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return directory


def unmount(place):
    subprocess.run(["umount", place], check=True)


def enter_mount_namespace():
    """Makes mounts of this process and its children private. They end with these processes."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) != 0 or libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None) != 0:
        skip("mounting is not allowed: " + os.strerror(ctypes.get_errno()))


def mount(*arguments):
    done = subprocess.run(["mount", *map(str, arguments)], capture_output=True, text=True)
    require(done.returncode == 0, "cannot mount: " + done.stderr.strip())


class Disk:
    """A new file system on a loop device."""

    def __init__(self, mebibytes=32, *options, kind="ext4"):
        directory = scratch_directory(MEMORY)
        self.image, self.place = directory / "image", directory / "disk"
        self.place.mkdir()
        with self.image.open("wb") as file:
            file.truncate(mebibytes << 20)
        force = "-F" if kind == "ext4" else "-f"
        subprocess.run([f"mkfs.{kind}", "-q", force, *options, self.image], check=True)
        self.plug_in()

    def plug_in(self, *options):
        mount("-o", ",".join(["loop", *options]), self.image, self.place)

    def unplug(self):
        unmount(self.place)

    def cut_the_power(self):
        """Discards everything that is not on the disk yet."""
        directory = os.open(self.place, os.O_RDONLY)
        fcntl.ioctl(directory, FS_IOC_GOINGDOWN, struct.pack("I", WITHOUT_A_FLUSH))
        os.close(directory)


def need_disks():
    need_tools("mkfs.ext4", "mount")
    enter_mount_namespace()
    try:
        Disk().unplug()
    except AssertionError as failure:
        skip(failure)


# Drafts. Each has a number, which is the model_name of its line. So the checks can find a draft in the trail.


def draft(number, categories=3, size=20):
    return (
        f'{{"domain":"shop","category":"c{number % categories}","model_name":"n{number}","operation":"create",'
        f'"logical_user_id":"somebody","payload":{{"after":{{"text":"{"x" * size}"}}}}}}\n'
    ).encode()


class Feeder:
    """Writes drafts to a pipe as fast as they are read, until there are no more drafts or no reader."""

    def __init__(self, pipe, texts, ends=True):
        self.pipe, self.texts, self.ends = pipe, texts, ends
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        try:
            for text in self.texts:
                self.pipe.write(text)
            self.pipe.close() if self.ends else self.pipe.flush()
        except (BrokenPipeError, ValueError):
            pass


class Appending:
    """A running `audit-trail append ROOT --print ids`."""

    def __init__(self, root, *options, prefix=(), **popen):
        self.errors = tempfile.TemporaryFile()
        command = [*prefix, PROGRAM, "append", root, "--print", "ids", *options]
        self.process = subprocess.Popen(
            list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, **{"stderr": self.errors, **popen}
        )
        self.feeder = None

    def feed(self, texts):
        """Writes all texts, and then ends the program's input, on another thread."""
        self.feeder = Feeder(self.process.stdin, texts)

    def send(self, texts):
        for text in texts:
            self.process.stdin.write(text)
        self.process.stdin.flush()

    def read_ids(self, count):
        """Returns the next acknowledged ids; fewer if the program ends before. None: all of them."""
        ids = []
        while len(ids) != count:
            line = self.process.stdout.readline()
            if not line.endswith(b"\n"):
                break
            ids.append(int(line))
        return ids

    def kill(self):
        """Kills the program. Returns the acknowledged ids that were not read yet."""
        self.process.kill()
        ids = self.read_ids(None)
        self.end()
        return ids

    def finish(self):
        """Ends the input, unless `feed` does it. Returns the acknowledged ids that were not read yet."""
        if self.feeder is None:
            self.process.stdin.close()
        ids = self.read_ids(None)
        self.end()
        return ids

    def end(self):
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError("the program hangs") from None
        if self.feeder is not None:
            self.feeder.thread.join()
        self.process.stdout.close()

    def error_text(self):
        self.errors.seek(0)
        return self.errors.read().decode()

    def refused_lines(self):
        return {int(number) for number in re.findall(r"^\(?[^:\n]*:(\d+): ", self.error_text(), re.MULTILINE)}


def acknowledged_drafts(ids, numbers, refused_lines=()):
    """Returns the draft of each id. Ids are printed in the order of the drafts; a refused draft prints no id."""
    accepted = (number for line, number in enumerate(numbers, 1) if line not in refused_lines)
    return dict(zip(ids, accepted))


def run_program(*arguments, **options):
    command = [PROGRAM, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, **options)


def recover(root):
    """Opens the trail with a writer, and closes it."""
    done = run_program("append", root, input="")
    require(done.returncode == 0, f"the trail does not open: {done.stderr}")


# Checks of a trail, without the library.


class Trail:
    """All lines of a root. Raises AssertionError if a line is not an event, or is in the wrong position."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.events = {}
        for path in sorted(self.root.glob("*/*/audit-*.jsonl")):
            self.read_segment(path)
        self.recorded = self.read_records()
        self.number_of_id = {number: int(event["model_name"][1:]) for number, event in self.events.items()}

    def read_segment(self, path):
        last_id = 0
        for text in path.read_bytes().splitlines(keepends=True):
            require(text.endswith(b"\n"), f"{path} ends within a line")
            try:
                event = json.loads(text)
            except ValueError:
                raise AssertionError(f"{path}: no JSON: {text[:200]}") from None
            again = json.dumps(event, separators=(",", ":")).encode() + b"\n"
            require(again == text, f"{path}: not a line as the library writes it: {text[:200]}")
            number = event["event_id"]
            require([event["domain"], event["category"]] == list(path.parts[-3:-1]), f"{path}: {number} is misplaced")
            require(number > last_id, f"{path}: {number} after {last_id}")
            require(number not in self.events, f"{path}: {number} occurs twice in the trail")
            self.events[number] = event
            last_id = number

    def read_records(self):
        path = self.root / ".recovery.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def index(self):
        return json.loads((self.root / "index.json").read_text())["last_event_id"]

    def records(self, kind):
        return [record for record in self.recorded if record["kind"] == kind]

    def ids_recorded_as_missing(self):
        ranges = self.records("unused_ids") + self.records("index_ahead")
        return {number for record in ranges for number in range(record["first_id"], record["last_id"] + 1)}

    def missing_ids(self):
        return set(range(1, self.index() + 1)) - set(self.events)


def check_ids(trail):
    """P2: every id up to the index is in the trail or recorded as missing, and no draft occurs twice."""
    require(trail.index() >= max(trail.events, default=0), "index.json is behind the lines")
    missing, recorded = trail.missing_ids(), trail.ids_recorded_as_missing()
    require(missing == recorded, f"missing and not recorded, or the reverse: {sorted(missing ^ recorded)[:10]}")
    numbers = list(trail.number_of_id.values())
    require(len(numbers) == len(set(numbers)), "a draft occurs twice in the trail")


def check_acknowledged(trail, acknowledged):
    """P1: every acknowledged draft is in the trail, with its id."""
    for event_id, number in acknowledged.items():
        require(event_id in trail.events, f"event {event_id} was acknowledged and is lost")
        require(trail.number_of_id[event_id] == number, f"event {event_id} is not the draft of this id")


def verify(root):
    done = run_program("verify", root)
    require(done.returncode == 0, f"verify finds: {done.stdout}{done.stderr}")


def check_trail(root, acknowledged):
    """Opens the trail once, then checks it. Returns the trail."""
    recover(root)
    trail = Trail(root)
    check_ids(trail)
    check_acknowledged(trail, acknowledged)
    verify(root)
    return trail


def seeded():
    """Returns a random generator. Prints its seed, so that a failed run can be repeated."""
    seed = int(os.environ.get("AUDIT_TRAIL_SEED", random.randrange(1 << 32)))
    print(f"AUDIT_TRAIL_SEED={seed}", flush=True)
    return random.Random(seed)
