"""Shared by the parts of the table: ids and segments of the original trail, and functions that create similar rows."""

import json

import trail_copy
from commands import Row
from trail_copy import CATEGORY, EVENTS, MORE_EVENTS, segment_name

ORIGINAL = trail_copy.original(EVENTS)
ALL = list(range(1, EVENTS + 1))
HUGE = 1 << 53
LARGEST = (1 << 64) - 1
TOO_HIGH = 1 << 52
SMALL = "legacy/iso_4217"  # a category of the events 105 and 310
SEGMENT = {number: f"{CATEGORY}/{segment_name(number)}" for number in range(1, 13)}
IDS = {number: ORIGINAL.ids(number) for number in range(1, 11)}
V2 = [id for id in ALL if ORIGINAL.segments[id].startswith("v2/")]  # of the domain v2


def middle_of_large():
    """The id of the line that a bisection of the large segment reads first."""
    lines = [trail_copy.original(MORE_EVENTS).lines[id] for id in trail_copy.original(MORE_EVENTS).ids()]
    size, begin = sum(map(len, lines)), 0
    for line in lines:
        if begin > size // 2:
            return json.loads(line)["event_id"]
        begin += len(line)


MIDDLE_OF_LARGE = middle_of_large()

# First, middle and last line of the first, a middle and the last segment.
PLACES = [9, 22, 35, 172, 186, 200, 382, 386, 393]


def missing(*ids):
    """The findings for ids without a line."""
    texts, ids = [], sorted(ids)
    while ids:
        count = next((i for i in range(1, len(ids)) if ids[i] != ids[0] + i), len(ids))
        last = ids[count - 1]
        texts.append(f"ids_missing {ids[0]}" + (f"-{last}" if count > 1 else ""))
        ids = ids[count:]
    return texts


def is_last_of_category(number):
    return number == max(ORIGINAL.ids(category=ORIGINAL.segments[number].rsplit("/", 1)[0]))


# Similar rows.


def damaged(name, change, reason, near=186, has_id=True, **given):
    """A line is no longer an event. If its id is still readable, it is not reported as missing, too."""
    found = [f"{reason} {near}"] if has_id else [reason, *missing(near)]
    return Row(name, change, near, found, gone=[near], query=[reason], **given)


def bad_id(text, reason, near=186, **given):
    return damaged(f"event_id {near} becomes {text}", lambda t: t.edit_id(near, text), reason, near, False, **given)


def far_id(near, new):
    """An id far above all others. If lines follow in the category, their ids contradict it."""
    disorder = [] if is_last_of_category(near) else ["id_out_of_order"]
    is_too_high = new > TOO_HIGH
    return Row(
        f"event_id {near} becomes {new}",
        lambda t: t.edit_id(near, new),
        near,
        verify=[*missing(near), "id_too_high"] if is_too_high else [*missing(near), *disorder, "index_behind", ...],
        gone=[near],
        come=[new],
        query=disorder,
        follow=["id_out_of_order"] if is_too_high else None,
        follow_gone=[new] if disorder or is_too_high else [],
    )


def misleading(name, change, near, old, new, **given):
    """The changed id is outside of the ranges, which must be returned completely."""
    above_all = [*missing(old), "index_behind", "id_out_of_order", ...]
    return Row(
        name,
        change,
        near,
        verify=above_all if new > 400 else [*missing(old), "duplicate_id 5"],
        gone=[old],
        come=[new],
        query=["id_out_of_order"],
        follow_gone=[new] if new > 400 else [],
        silent_ranges=True,
        **given,
    )


def unseen(name, change, **given):
    """A change that no command can detect: the line is an event like any other."""
    return Row(name, change, **given)


def other_spelling(name, change, near=186, **given):
    """The same event, in bytes that no writer writes."""
    return Row(name, change, near, notes=[f"other_spelling {near}"], **given)


def bad_payload(name, text, reason):
    """JSON that is not the payload of an event: verify reports it, and replay skips it."""
    change = lambda t: t.set_payload(9, text)
    return Row(name, change, 9, [f"{reason} 9"], replay=[reason], skipped=[9], follow=[])


def foreign(name, change, path, **given):
    return Row(name, change, notes=[f"foreign_file {path}"], **given)


def gone_segment(name, number, change, verify, query=(), **given):
    """A segment that cannot be read: only its events are missing."""
    ids = IDS[number]
    return Row(name, change, ids[0], [*verify, *missing(*ids)], gone=ids, query=query, **given)


def replacements(number):
    """Replaces a segment by something that is not a file."""
    yield "symlink", lambda t: t.replace_by_link(t.segment(number))
    yield "FIFO", lambda t: t.replace_by_fifo(t.segment(number))
    yield "directory", lambda t: t.replace_by_directory(t.segment(number))
