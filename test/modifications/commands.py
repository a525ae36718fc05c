"""Runs the reading commands on a modified trail, and compares their output with a row of the table."""

import collections
import dataclasses
import errno
import itertools
import json
import os
import re
import selectors
import shutil
import signal
import subprocess
import time
import typing

import harness
import trail_copy

PATIENCE = float(os.environ.get("AUDIT_TRAIL_PATIENCE", harness.PATIENCE))
LINE_LIMIT = 16 << 20
DISORDER = {"id_out_of_order", "duplicate_id"}
NOTES = {"foreign_file", "loose_mode", "unknown_name"}  # query, replay and follow need not mention these


@dataclasses.dataclass
class Row:
    """A modification and the expected output of each command. Reasons are names of `audit_trail::error`.

    An entry of `verify` or `notes` is a reason alone, or a reason with ids (`ids_missing 5-7`) or with a path. With
    `...` in the list there may be others.
    """

    name: str
    change: typing.Callable
    near: int = 186  # the id in the middle of the ranges that query must answer
    verify: list = ()  # findings; without any, verify exits with 0
    notes: list = ()
    gone: list = ()  # ids that query no longer prints
    come: list = ()  # additional ids that query prints
    query: list = ()  # reasons on standard error; without any, query exits with 0
    replay: list = None  # the same for replay; by default as for query
    category: str = trail_copy.CATEGORY  # for replay
    follow: list = None  # reasons that follow reports before the last id; by default as for query
    follow_gone: list = ()  # ids that follow does not print although query does
    far: list = ()  # ids whose lines are at places that a range need not read
    silent_ranges: bool = False  # ranges need not report anything: the damage is elsewhere
    skipped: list = ()  # ids of events that replay can't apply
    events: int = trail_copy.EVENTS  # in the trail that is modified
    as_other_user: bool = False


def reason_messages():
    listed = subprocess.run([os.environ["AUDIT_TRAIL_LIST_REASONS"]], capture_output=True, text=True, check=True)
    messages = dict(reversed(line.split("\t")) for line in listed.stdout.splitlines())
    messages.update({os.strerror(getattr(errno, name)): name for name in ("EACCES", "ENOENT", "EIO", "ELOOP")})
    return sorted(messages.items(), key=lambda pair: -len(pair[0]))


MESSAGES = reason_messages()


def reason_of(line):
    if line.endswith(" more are skipped"):
        return "no_snapshot"
    if ": no category '" in line or ": no domain '" in line:
        return "unknown_name"
    return next((name for message, name in MESSAGES if message in line), line)


def reasons_of(text):
    return {reason_of(line) for line in text.splitlines()}


def with_program(row, *arguments):
    user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    prefix = user if row.as_other_user and os.geteuid() == 0 else []
    return [*prefix, harness.PROGRAM, *map(str, arguments)]


def run(row, *arguments):
    return subprocess.run(with_program(row, *arguments), capture_output=True, timeout=PATIENCE)


def id_of(line):
    """The id of a line that is JSON in any spelling; None for other lines."""
    try:
        event = json.loads(line)
        return event, event["event_id"] if type(event["event_id"]) is int else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None, None


def ids_of(lines):
    return [id_of(line)[1] for line in lines]


class Expected:
    """The events of the modified trail in the order of its files: those of the original, without `gone`, with `come`."""

    def __init__(self, row, trail):
        self.counts = collections.Counter(trail.original.lines.keys())
        self.counts.subtract(row.gone)
        self.counts.update(row.come)
        left = self.counts.copy()
        self.lines, self.by_category = [], collections.defaultdict(list)
        for path in sorted(trail.root.glob("*/*/audit-*.jsonl"), key=lambda path: (path.parent, len(path.name), path)):
            self.read(path, left)
        harness.require(not +left, f"the row expects ids that no file holds: {sorted(+left)[:10]}")

    def read(self, path, left):
        if not path.is_file() or path.is_symlink():
            return
        place = "/".join(path.parts[-3:-1])
        for line in trail_copy.lines_of(path):
            event, number = id_of(line)
            if left[number] > 0 and f"{event.get('domain')}/{event.get('category')}" == place:
                left[number] -= 1
                self.lines.append(line.removesuffix(b"\r"))
                self.by_category[place].append(event)

    def ids(self):
        return sorted((+self.counts).elements())


def replayed(events, unusable):
    """The records of a category after these events."""
    state, skipped = {}, 0
    for event in events:
        if event["event_id"] in unusable:
            continue
        name, given = event["model_name"], event.get("payload") or {}
        if event["operation"] == "delete":
            state.pop(name, None)
        elif event["operation"] == "update" and "after" not in given:
            if name not in state:
                skipped += 1
            else:
                state[name].update({key: change.get("new") for key, change in given.get("delta", {}).items()})
        else:
            state[name] = given.get("after", given.get("before", {}))
    return state, skipped


def ranges_around(near):
    return [(near - 5, near + 5), (near, None), (None, near)]


class Check:
    def __init__(self, row, trail):
        self.row, self.trail, self.failures = row, trail, []
        self.expected = Expected(row, trail)

    def run(self):
        for check in (self.verify, self.query, self.query_reverse, self.query_ranges, self.replay, self.follow):
            try:
                check()
            except subprocess.TimeoutExpired as expired:
                self.fail(f"{expired.cmd[1]} hangs")
        return self.failures

    def fail(self, text):
        self.failures.append(text)

    def compare(self, what, found, expected):
        if found != expected:
            self.fail(f"{what}: {found}, not {expected}")

    def compare_ids(self, what, found, expected):
        found, expected = collections.Counter(found), collections.Counter(expected)
        if found != expected:
            missing, added = sorted((expected - found).elements()), sorted((found - expected).elements(), key=str)
            self.fail(f"{what} lacks {shortened(missing)}, and has too many: {shortened(added)}")

    def check_messages(self, what, text):
        """Checks that each message names a file of the trail, and that an offset is the beginning of a line."""
        for line in text.splitlines():
            found = re.match(r"audit-trail: (.+?)(?:: offset (\d+))?: ", line)
            if found is None or not found[1].startswith(str(self.trail.root)):
                self.fail(f"{what} names no file: {line}")
            elif found[2] is not None:
                self.check_offset(what, found[1], int(found[2]))

    def check_offset(self, what, path, offset):
        with open(path, "rb") as file:
            before = file.seek(max(offset - 1, 0)) == offset or file.read(1) == b"\n"
        if not before:
            self.fail(f"{what}: offset {offset} of {path} is not where a line begins")

    def check_status(self, what, status, reasons):
        self.compare(f"status of {what} with {sorted(reasons)}", status, 1 if reasons - NOTES else 0)

    # The commands.

    def verify(self):
        done = run(self.row, "verify", self.trail.root, "--format", "json")
        try:
            report = json.loads(done.stdout)
        except ValueError:
            return self.fail(f"verify: {done.stdout[:200]} {done.stderr[:200]}")
        self.compare_findings("findings of verify", report["findings"], self.row.verify)
        self.compare_findings("notes of verify", report["notes"], self.row.notes)
        self.compare("status of verify", done.returncode, 1 if self.row.verify else 0)
        self.compare("whole", report["whole"], not self.row.verify)
        self.compare("events of verify", report["events"], len(self.expected.lines))

    def compare_findings(self, what, found, expected):
        left = [tuple(names_of(finding)) for finding in found]
        lacking = []
        for text in sorted((text for text in expected if text is not ...), key=lambda text: -text.count(" ")):
            match = next((names for names in left if text in names), None)
            left.remove(match) if match else lacking.append(text)
        if lacking:
            self.fail(f"{what}: {lacking} is not among {[names[0] for names in map(list, left)][:6]}")
        elif left and ... not in expected:
            self.fail(f"{what} has too many: {[names[-1] for names in left][:6]}")

    def query(self):
        self.query_all("query")

    def query_reverse(self):
        self.query_all("query", "--reverse")

    def query_all(self, *command):
        what = " ".join(command)
        done = run(self.row, *command, self.trail.root)
        lines, errors = done.stdout.splitlines(), done.stderr.decode()
        self.compare_ids(what, ids_of(lines), self.expected.ids())
        if sorted(lines) != sorted(self.expected.lines) and not self.failures:
            self.fail(f"{what} prints other bytes than the segments hold")
        self.check_messages(what, errors)
        reasons = reasons_of(errors)
        self.compare(f"reasons of {what}", sorted(reasons - NOTES), sorted(set(self.row.query)))
        self.check_status(what, done.returncode, reasons)
        ids = ids_of(lines)
        if ids != sorted(ids, reverse="--reverse" in command) and not DISORDER & set(self.row.query):
            self.fail(f"{what} prints events out of order without a reason")

    def query_ranges(self):
        for (low, high), order in itertools.product(ranges_around(self.row.near), ([], ["--reverse"])):
            options = [*(["--min-id", max(low, 1)] if low is not None else []), *(["--max-id", high] if high else [])]
            options += order
            if high == 0:
                continue
            what = " ".join(map(str, ["query", *options]))
            done = run(self.row, "query", self.trail.root, *options)
            in_range = [id for id in self.expected.ids() if (low or 1) <= id <= (high or 1 << 64)]
            found = ids_of(done.stdout.splitlines())
            # A line far from its place is found only if the range includes the place.
            unseen = collections.Counter(in_range) - collections.Counter(found)
            optional = list((unseen & collections.Counter([*self.row.come, *self.row.far])).elements())
            self.compare_ids(what, found + optional, in_range)
            reasons = reasons_of(done.stderr.decode())
            self.check_status(what, done.returncode, reasons)
            includes_near = (low or 1) <= self.row.near <= (high or 1 << 64)
            must_report = includes_near and self.row.query and not self.row.silent_ranges
            if must_report and not reasons & set(self.row.query):
                self.fail(f"{what} does not report {sorted(self.row.query)}")

    def replay(self):
        domain, category = self.row.category.split("/")
        done = run(self.row, "replay", self.trail.root, "--domain", domain, "--category", category)
        events = self.expected.by_category[self.row.category]
        state, skipped = replayed(events, self.row.skipped)
        expected = set(self.row.query if self.row.replay is None else self.row.replay)
        expected |= {"no_snapshot"} if skipped else set()
        errors = done.stderr.decode()
        self.check_messages("replay", errors)
        reasons = reasons_of(errors)
        self.compare("reasons of replay", sorted(reasons - NOTES), sorted(expected))
        self.check_status("replay", done.returncode, reasons)
        try:
            found = json.loads(done.stdout)
        except ValueError:
            return self.fail(f"replay prints no JSON: {done.stdout[:200]}")
        self.compare("last id of replay", found["last_event_id"], events[-1]["event_id"] if events else 0)
        if not len(events) - skipped - len(self.row.skipped) <= found["applied_events"] <= len(events):
            self.fail(f"applied events of replay: {found['applied_events']} of {len(events)}")
        if found["state"] != state:
            names = [name for name in {**state, **found["state"]} if state.get(name) != found["state"].get(name)]
            self.fail(f"state of replay differs in {names[:5]}")

    def follow(self):
        expected = collections.Counter(set(self.expected.ids()))
        expected.subtract(self.row.follow_gone)
        expected = sorted((+expected).elements())
        if not expected:
            return
        lines, errors, status = self.follow_until(expected[-1])
        ids = ids_of(lines)
        self.compare_ids("follow", ids, expected)
        if ids != sorted(set(ids)):
            self.fail("follow prints events out of order")
        self.check_messages("follow", errors)
        reasons = reasons_of(errors)
        required = set(self.row.query if self.row.follow is None else self.row.follow)
        if required - reasons:
            self.fail(f"follow does not report {sorted(required - reasons)}")
        if reasons - required - set(self.row.query) - NOTES:
            self.fail(f"follow reports {sorted(reasons - required)}")
        if status != -signal.SIGTERM and status != 128 + signal.SIGTERM:
            self.check_status("follow", status, reasons)

    def follow_until(self, last):
        """Closes the pipe after the last id, which ends the program."""
        command = with_program(self.row, "follow", self.trail.root, "--from-id", 1)
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0) as program:
            text = read_until(program.stdout, last)
            if last not in ids_of(text.splitlines()[-1:]):
                program.terminate()
            program.stdout.close()
            errors = program.stderr.read().decode()
        return text.splitlines(), errors, program.returncode


def read_until(pipe, last):
    """Reads until a whole line with the id `last`, the end, or a timeout."""
    text, read, deadline = b"", b"-", time.monotonic() + PATIENCE
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while read and selector.select(deadline - time.monotonic()):
            read = os.read(pipe.fileno(), 1 << 20)
            text += read
            if text.endswith(b"\n") and last in ids_of(text.splitlines()[-1:]):
                break
    return text


def names_of(finding):
    """The forms in which a row may name a finding."""
    yield finding["reason"]
    if finding["path"]:
        yield f"{finding['reason']} {finding['path']}"
    if "first_id" in finding:
        first, last = finding["first_id"], finding["last_id"]
        yield f"{finding['reason']} {first}" if first == last else f"{finding['reason']} {first}-{last}"


def shortened(ids):
    return f"{ids[:8]} and {len(ids) - 8} more" if len(ids) > 8 else ids


def check(row):
    trail = trail_copy.original(row.events).copy()
    row.change(trail)
    if row.as_other_user and os.geteuid() == 0:
        give_away(trail)
    failures = Check(row, trail).run()
    trail.remove()
    return failures


def give_away(trail):
    trail.root.parent.chmod(0o755)
    for path in [trail.root, *trail.root.rglob("*")]:
        shutil.chown(path, 65534, 65534)
