"""A trail made from real drafts, and copies of it that can be modified."""

import functools
import json
import os
import pathlib
import shutil
import subprocess

import harness

EVENTS = 400  # of the trail that most rows modify
MORE_EVENTS = 2000  # of a trail whose segments are large enough to be searched by bisection
SEGMENT_BYTES = {EVENTS: 4096, MORE_EVENTS: 1 << 20}
DATA = pathlib.Path(__file__).parent.parent / "data" / "catalog_drafts.jsonl"

# The category whose segments most rows modify. Its segments have these first and last ids:
# 1: 9-35, 2: 37-75, 3: 78-121, 4: 123-167, 5: 172-200, 6: 207-234, 7: 235-274, 8: 286-327, 9: 331-381, 10: 382-393
CATEGORY = "legacy/iso_639_3"

os.umask(0o027)  # as for files that the program creates


def segment_name(number):
    return f"audit-{number:06}.jsonl"


def lines_of(path):
    """The lines with their newlines, without the bytes after the last newline."""
    return [line for line in path.read_bytes().split(b"\n")[:-1]]


class Original:
    """The trail as the program wrote it."""

    def __init__(self, events, segment_bytes):
        self.root = harness.scratch_directory(harness.MEMORY) / "trail"
        drafts = b"".join(DATA.read_bytes().splitlines(keepends=True)[:events])
        command = [harness.PROGRAM, "append", self.root, "--max-segment-bytes", segment_bytes, "--print", "none"]
        subprocess.run(list(map(str, command)), input=drafts, check=True)
        self.lines, self.segments = {}, {}
        for path in sorted(self.root.glob("*/*/*.jsonl")):
            for line in lines_of(path):
                number = json.loads(line)["event_id"]
                self.lines[number] = line + b"\n"
                self.segments[number] = path.relative_to(self.root).as_posix()
        harness.require(sorted(self.lines) == list(range(1, events + 1)), "the original trail is not whole")

    def ids(self, *segments, category=CATEGORY):
        """The ids in segments of a category; in all segments if no numbers are given."""
        paths = {f"{category}/{segment_name(number)}" for number in segments}
        return [
            number
            for number, path in sorted(self.segments.items())
            if path in paths or (not segments and path.startswith(category + "/"))
        ]

    def copy(self):
        return Copy(self)


@functools.cache
def original(events):
    return Original(events, SEGMENT_BYTES[events])


class Copy:
    def __init__(self, original):
        self.original = original
        self.root = harness.scratch_directory(harness.MEMORY) / "trail"
        shutil.copytree(original.root, self.root)

    def remove(self):
        shutil.rmtree(self.root.parent)

    def path(self, name):
        return self.root / name

    def segment(self, number, category=CATEGORY):
        return self.root / category / segment_name(number)

    def line(self, number):
        return self.original.lines[number]

    def segment_of(self, number):
        return self.root / self.original.segments[number]

    # Lines.

    def put(self, number, text):
        """Replaces a line with other bytes."""
        path, line = self.segment_of(number), self.line(number)
        data = path.read_bytes()
        harness.require(data.count(line) == 1, f"the line of {number} is not there")
        path.write_bytes(data.replace(line, text))

    def drop(self, number):
        self.put(number, b"")

    def edit(self, number, old, new):
        """Replaces bytes within a line."""
        line = self.line(number)
        harness.require(old in line, f"{old} is not in the line of {number}")
        self.put(number, line.replace(old, new, 1))

    def edit_id(self, number, new):
        self.edit(number, b'"event_id":%d,' % number, b'"event_id":%s,' % str(new).encode())

    def swap_ids(self, one, other):
        self.edit_id(one, other)
        self.edit_id(other, one)

    def put_after(self, number, text):
        self.put(number, self.line(number) + text)

    def put_before(self, number, text):
        self.put(number, text + self.line(number))

    def reorder(self, path, change):
        """Replaces the lines of a segment with `change(lines)`."""
        path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))

    def each_line(self, path, change):
        self.reorder(path, lambda lines: [change(line) for line in lines])

    def swap_lines(self, one, other):
        self.put(one, b"<other>\n")
        self.put(other, self.line(one))
        path = self.segment_of(one)
        path.write_bytes(path.read_bytes().replace(b"<other>\n", self.line(other)))

    def move_line(self, number, path, to_end=True):
        """Moves a line to another segment, in any category."""
        self.drop(number)
        text, line = path.read_bytes(), self.line(number)
        path.write_bytes(text + line if to_end else line + text)

    # Spelling.

    def respell(self, number, change, separators=(",", ":")):
        """Replaces an event with `change(event)`."""
        event = change(json.loads(self.line(number)))
        self.put(number, json.dumps(event, separators=separators).encode() + b"\n")

    def remove_member(self, number, name):
        self.respell(number, lambda event: {key: value for key, value in event.items() if key != name})

    def move_member(self, number, name, to_end=True):
        def change(event):
            member = {name: event.pop(name)}
            return {**event, **member} if to_end else {**member, **event}

        self.respell(number, change)

    def set_payload(self, number, text):
        line = self.line(number)
        self.put(number, line[: line.index(b'"payload":')] + b'"payload":' + text + b"}\n")

    # Files.

    def cut(self, path, size):
        os.truncate(path, size)

    def append(self, path, data):
        with path.open("ab") as file:
            file.write(data)

    def exchange(self, one, other):
        aside = one.with_name("aside")
        one.rename(aside)
        other.rename(one)
        aside.rename(other)

    def move_aside(self, path):
        """Moves it out of the trail."""
        return path.rename(self.root.parent / "aside")

    def renumber(self, number, other):
        self.segment(number).rename(self.segment(other))

    def rename_segment(self, number, name):
        self.segment(number).rename(self.root / CATEGORY / name)

    def delete(self, *numbers):
        for number in numbers:
            self.segment(number).unlink()

    def delete_all_segments(self):
        for path in self.root.glob("*/*/*.jsonl"):
            path.unlink()

    def append_event(self):
        """Appends an event with the program."""
        draft = DATA.read_bytes().splitlines()[EVENTS]
        done = subprocess.run([harness.PROGRAM, "append", self.root], input=draft, capture_output=True)
        harness.require(done.returncode == 0, done.stderr)

    # Marks.

    def cut_off(self, last):
        """Removes all events above an id, and corrects index.json."""
        for path in self.root.glob("*/*/*.jsonl"):
            self.reorder(path, lambda lines: [line for line in lines if json.loads(line)["event_id"] <= last])
            if path.stat().st_size == 0:
                path.unlink()
        self.index(last)

    def index(self, last):
        self.path("index.json").write_text(f'{{"last_event_id": {last}}}\n')

    def lock(self, state="clean", synced_through=EVENTS, began=1):
        record = {"state": state, "synced_through": synced_through, "began": began}
        self.path(".lock").write_text(json.dumps(record) + "\n")

    def record(self, **record):
        """Appends a line to .recovery.jsonl."""
        self.append(self.path(".recovery.jsonl"), json.dumps({"time": 1700000000, **record}).encode() + b"\n")

    def replace_by_fifo(self, path):
        path.unlink()
        os.mkfifo(path)

    def replace_by_link(self, path):
        """Replaces a file with a link to the same bytes outside the trail."""
        path.symlink_to(self.move_aside(path))

    def replace_by_directory(self, path):
        path.unlink()
        path.mkdir()
