"""index.json, .lock and .recovery.jsonl that are missing, damaged, or wrong."""

import os

from commands import Row
from rows import HUGE, SEGMENT, gone_segment, missing, unseen


def index_row(name, text):
    return Row(f"index.json {name}", lambda t: t.path("index.json").write_bytes(text), verify=["index_invalid"])


ABOVE_300 = range(301, 401)

ROWS = [
    Row("index.json is missing", lambda t: t.path("index.json").unlink(), verify=["index_invalid"]),
    index_row("is empty", b""),
    index_row("is garbage", b"\x00\xff nothing"),
    index_row("is an array", b"[400]"),
    index_row("names a fraction", b'{"last_event_id": 400.5}'),
    index_row("names text", b'{"last_event_id": "400"}'),
    index_row("names a negative number", b'{"last_event_id": -400}'),
    index_row("names 2^53+1", b'{"last_event_id": 9007199254740993}'),
    unseen(
        "100,000 blanks follow in index.json",
        lambda t: t.path("index.json").write_bytes(b'{"last_event_id": 400}' + b" " * 100_000),
    ),
    Row("index.json is a FIFO", lambda t: t.replace_by_fifo(t.path("index.json")), verify=["index_invalid"]),
    Row("index.json is a symlink", lambda t: t.replace_by_link(t.path("index.json")), verify=["index_invalid"]),
    Row("index.json is a directory", lambda t: t.replace_by_directory(t.path("index.json")), verify=["index_invalid"]),
    Row("index.json is behind", lambda t: t.index(350), verify=["index_behind"]),
    Row("index.json names 0", lambda t: t.index(0), verify=["index_behind"]),
    Row("index.json is ahead by one", lambda t: t.index(401), 400, verify=["index_ahead 401"]),
    Row("index.json is far ahead", lambda t: t.index(HUGE), 400, verify=[f"index_ahead 401-{HUGE}"]),
    unseen("index.json is spelled otherwise", lambda t: t.path("index.json").write_text('{\n"last_event_id":400}')),
    Row(".lock is missing", lambda t: t.path(".lock").unlink(), notes=[...]),
    Row(".lock is empty", lambda t: t.path(".lock").write_text(""), notes=[...]),
    Row(".lock is garbage", lambda t: t.path(".lock").write_text("me"), notes=[...]),
    Row(".lock is a FIFO", lambda t: t.replace_by_fifo(t.path(".lock")), notes=[...]),
    Row(".lock is a symlink", lambda t: t.replace_by_link(t.path(".lock")), notes=[...]),
    Row(".lock is a directory", lambda t: t.replace_by_directory(t.path(".lock")), notes=[...]),
    Row(".lock says that a writer was killed", lambda t: t.lock("open"), notes=[...]),
    Row(".lock says that a sync failed", lambda t: t.lock("failed"), notes=[...]),
    unseen(".lock is behind the lines", lambda t: t.lock(synced_through=100)),
    Row(
        ".lock names ids that no segment holds",
        lambda t: t.lock(synced_through=500),
        400,
        verify=["ids_missing 401-500"],
    ),
    Row(
        "the last 100 events are cut off, with index.json",
        lambda t: t.cut_off(300),
        300,
        verify=["ids_missing 301-400"],
        gone=ABOVE_300,
    ),
    Row(
        "the last 100 events are cut off, without index.json",
        lambda t: (t.cut_off(300), t.path("index.json").unlink()),
        300,
        verify=["index_invalid", "ids_missing 301-400"],
        gone=ABOVE_300,
    ),
    Row(
        "the last 100 events are cut off, and .lock is open",
        lambda t: (t.cut_off(300), t.lock("open")),
        300,
        verify=["ids_missing 301-400"],
        gone=ABOVE_300,
    ),
    Row(
        "a line is deleted, and .lock says that a writer was killed",
        lambda t: (t.drop(186), t.lock("open")),
        verify=missing(186),
        gone=[186],
    ),
    Row(
        "a line is deleted that .lock says another program wrote",
        lambda t: (t.drop(186), t.lock(began=300)),
        notes=["ids_missing 186"],
        gone=[186],
    ),
    unseen(".recovery.jsonl is empty", lambda t: t.path(".recovery.jsonl").write_text("")),
    Row(
        ".recovery.jsonl is garbage",
        lambda t: t.path(".recovery.jsonl").write_bytes(b"\xff\n{}\n[1"),
        verify=["malformed_json .recovery.jsonl", "missing_member .recovery.jsonl"],
        notes=[...],
    ),
    Row(
        ".recovery.jsonl names ids that are there",
        lambda t: t.record(kind="unused_ids", first_id=180, last_id=190),
        notes=[...],
    ),
    Row(
        ".recovery.jsonl names a deleted line's id",
        lambda t: (t.drop(186), t.record(kind="unused_ids", first_id=186, last_id=186)),
        notes=["ids_missing 186"],
        gone=[186],
    ),
    Row(
        ".recovery.jsonl names more ids than are missing",
        lambda t: (t.drop(186), t.record(kind="unused_ids", first_id=180, last_id=190)),
        notes=["ids_missing 186"],
        gone=[186],
    ),
    Row(
        ".recovery.jsonl names another id than the missing one",
        lambda t: (t.drop(186), t.record(kind="unused_ids", first_id=187, last_id=190)),
        verify=missing(186),
        notes=[...],
        gone=[186],
    ),
    Row(
        ".recovery.jsonl names ids in the wrong order",
        lambda t: (t.drop(186), t.record(kind="unused_ids", first_id=400, last_id=1)),
        verify=missing(186),
        notes=[...],
        gone=[186],
    ),
    Row(
        ".recovery.jsonl says that an event was not synced",
        lambda t: (t.drop(186), t.record(kind="index_ahead", first_id=186, last_id=186)),
        notes=["ids_missing 186"],
        gone=[186],
    ),
    Row(
        ".recovery.jsonl says that an event is lost",
        lambda t: (t.drop(186), t.record(kind="lost_ids", first_id=186, last_id=186)),
        verify=missing(186),
        gone=[186],
    ),
    Row(
        ".recovery.jsonl says that the loss of an event was accepted",
        lambda t: (t.drop(186), t.record(kind="accepted_loss", first_id=186, last_id=186, user="root")),
        notes=["ids_missing 186"],
        gone=[186],
    ),
    gone_segment(
        ".recovery.jsonl says that a deleted segment vanished",
        5,
        lambda t: (t.delete(5), t.record(kind="vanished_segment", path=SEGMENT[5])),
        [],
        ["segment_missing"],
        notes=[f"segment_missing {SEGMENT[6]}"],
    ),
    Row(
        ".recovery.jsonl is a FIFO",
        lambda t: os.mkfifo(t.path(".recovery.jsonl")),
        verify=["not_a_trail .recovery.jsonl"],
    ),
    Row(
        ".recovery.jsonl is a directory",
        lambda t: t.path(".recovery.jsonl").mkdir(),
        verify=["not_a_trail .recovery.jsonl"],
    ),
    unseen(
        ".recovery.jsonl names a copy that is gone",
        lambda t: t.record(kind="torn_tail", path=SEGMENT[5], offset=1, bytes=9, saved_as=".broken/x"),
    ),
]
