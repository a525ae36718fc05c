"""Segments that are deleted, cut short or replaced, other files, numbers and modes."""

import shutil

from commands import Row
from rows import ALL, IDS, ORIGINAL, SEGMENT, SMALL, V2, foreign, gone_segment, missing, replacements, unseen
from trail_copy import CATEGORY, segment_name


def deleted(name, numbers, **given):
    ids = [id for number in numbers for id in IDS[number]]
    return Row(name, lambda t: t.delete(*numbers), ids[0], gone=ids, **given)


ROWS = [
    deleted("the first segment is deleted, as retention does", [1], notes=[f"segment_missing {SEGMENT[2]}", ...]),
    deleted("the first two segments are deleted", [1, 2], notes=[f"segment_missing {SEGMENT[3]}", ...]),
    deleted(
        "a middle segment is deleted",
        [5],
        verify=[f"segment_missing {SEGMENT[6]}", *missing(*IDS[5])],
        query=["segment_missing"],
    ),
    deleted("the last segment is deleted", [10], verify=missing(*IDS[10])),
    deleted("all segments of a category are deleted", range(1, 11), verify=missing(*ORIGINAL.ids())),
    deleted(
        "all segments but the last are deleted", range(1, 10), notes=[f"segment_missing {SEGMENT[10]}", ...]
    ),
    Row(
        "all segments but the last are deleted, and the last is emptied",
        lambda t: (t.delete(*range(1, 10)), t.cut(t.segment(10), 0)),
        verify=missing(*ORIGINAL.ids()),
        notes=[f"segment_missing {SEGMENT[10]}"],
        gone=ORIGINAL.ids(),
    ),
    Row(
        "a shortened category is emptied, and an event of another category is deleted",
        lambda t: (t.delete(*range(1, 10)), t.cut(t.segment(10), 0), t.drop(399)),
        399,
        verify=missing(*ORIGINAL.ids(), 399),
        notes=[f"segment_missing {SEGMENT[10]}"],
        gone=[*ORIGINAL.ids(), 399],
    ),
    deleted(
        "the first and the last segment are deleted",
        [1, 10],
        verify=missing(*IDS[10]),
        notes=[f"segment_missing {SEGMENT[2]}", ...],
    ),
    Row(
        "a category's directory is deleted",
        lambda t: shutil.rmtree(t.path(CATEGORY)),
        verify=missing(*ORIGINAL.ids()),
        gone=ORIGINAL.ids(),
    ),
    Row(
        "a domain's directory is deleted",
        lambda t: shutil.rmtree(t.path("v2")),
        verify=[*missing(*[id for id in V2 if id != 400]), "index_ahead 400"],
        gone=V2,
    ),
    Row("all segments are deleted", lambda t: t.delete_all_segments(), verify=["index_ahead 1-400"], gone=ALL),
    Row(
        "all segments are deleted, and an event is appended",
        lambda t: (t.delete_all_segments(), t.append_event()),
        verify=["ids_missing 1-400"],
        notes=[...],
        gone=ALL,
        come=[401],
        category="legacy/iso_639_3",
    ),
    Row(
        "the last segment is deleted, and an event is appended",
        lambda t: (t.delete(10), t.append_event()),
        382,
        verify=missing(*IDS[10]),
        notes=[...],
        gone=IDS[10],
        come=[401],
    ),
    # cut short
    gone_segment("the first segment is emptied", 1, lambda t: t.cut(t.segment(1), 0), []),
    gone_segment("a middle segment is emptied", 5, lambda t: t.cut(t.segment(5), 0), []),
    gone_segment("the last segment is emptied", 10, lambda t: t.cut(t.segment(10), 0), []),
    Row(
        "the last segment is cut within a line",
        lambda t: t.cut(t.segment(10), t.segment(10).stat().st_size - 20),
        393,
        verify=["torn_line 393"],
        gone=[393],
        query=["torn_line"],
        follow=[],
    ),
    Row(
        "the last segment is cut within an id",
        lambda t: t.put(393, b'{"event_id":39'),
        393,
        verify=["torn_line", *missing(393)],
        gone=[393],
        query=["torn_line"],
        follow=[],
    ),
    Row(
        "the last segment loses its last newline",
        lambda t: t.cut(t.segment(10), t.segment(10).stat().st_size - 1),
        393,
        verify=["torn_line 393"],
        gone=[393],
        query=["torn_line"],
        follow=[],
    ),
    Row(
        "a middle segment is cut within a line",
        lambda t: t.cut(t.segment(5), t.segment(5).stat().st_size - 20),
        200,
        verify=["torn_line 200"],
        gone=[200],
        query=["torn_line"],
    ),
    Row(
        "a middle segment is cut by half of its lines",
        lambda t: t.reorder(t.segment(5), lambda lines: lines[:6]),
        191,
        verify=missing(*IDS[5][6:]),
        gone=IDS[5][6:],
    ),
    Row(
        "two segments are cut within their last lines",
        lambda t: [t.cut(t.segment(number), t.segment(number).stat().st_size - 20) for number in (1, 10)],
        35,
        verify=["torn_line 35", "torn_line 393"],
        gone=[35, 393],
        query=["torn_line"],
    ),
    # other bytes
    Row(
        "text without a newline is appended to the last segment",
        lambda t: t.append(t.segment(10), b"note to self"),
        393,
        verify=["torn_line"],
        query=["torn_line"],
        follow=[],
    ),
    Row(
        "text without a newline is appended to a middle segment",
        lambda t: t.append(t.segment(5), b"note to self"),
        200,
        verify=["torn_line"],
        query=["torn_line"],
    ),
    Row(
        "a line of text is appended",
        lambda t: t.append(t.segment(5), b"# edited by hand\n"),
        200,
        verify=["malformed_json"],
        query=["malformed_json"],
    ),
    Row(
        "a line of text is prepended",
        lambda t: t.put_before(172, b"# edited by hand\n"),
        172,
        verify=["malformed_json"],
        query=["malformed_json"],
    ),
    Row(
        "NULs follow the last segment",
        lambda t: t.append(t.segment(10), bytes(4096)),
        393,
        verify=["torn_line"],
        query=["torn_line"],
        follow=[],
    ),
    Row(
        "NULs stand in the place of a line",
        lambda t: t.put(186, bytes(len(t.line(186)))),
        verify=["malformed_json", *missing(184 + 2, 191)],
        gone=[186, 191],
        query=["malformed_json"],
    ),
    Row(
        "NULs stand before a line",
        lambda t: t.put_before(186, bytes(100) + b"\n"),
        verify=["malformed_json"],
        query=["malformed_json"],
    ),
    gone_segment(
        "a segment holds random bytes",
        5,
        lambda t: t.segment(5).write_bytes(bytes(range(128, 256)) * 30),
        ["torn_line"],
        ["torn_line"],
    ),
    gone_segment(
        "a segment is encoded as UTF-16",
        10,
        lambda t: t.segment(10).write_bytes(t.segment(10).read_bytes().decode().encode("utf-16")),
        ["malformed_json", ...],
        ["malformed_json", "torn_line"],
        follow=["malformed_json"],
    ),
    # other files
    foreign("a README stands in the root", lambda t: t.path("README").write_text("hello"), "README"),
    foreign("a README stands in a domain", lambda t: t.path("v2/README.md").write_text("hello"), "v2/README.md"),
    foreign("an editor leaves a copy", lambda t: t.path(SEGMENT[5] + "~").write_text("hello"), SEGMENT[5] + "~"),
    foreign("an editor leaves a swap file", lambda t: t.path("v2/.x.swp").write_text("hello"), "v2/.x.swp"),
    foreign("a directory lost+found stands in the root", lambda t: t.path("lost+found").mkdir(), "lost+found"),
    foreign("a directory stands in a category", lambda t: t.path(CATEGORY + "/old").mkdir(), CATEGORY + "/old"),
    foreign(
        "a packed segment stands beside the others",
        lambda t: t.path(SEGMENT[5] + ".gz").write_bytes(b"\x1f\x8b"),
        SEGMENT[5] + ".gz",
    ),
    unseen("an empty category stands in a domain", lambda t: t.path("v2/empty").mkdir()),
    unseen("an empty domain stands in the root", lambda t: t.path("empty").mkdir()),
    Row(
        "the first segment is packed",
        lambda t: t.rename_segment(1, segment_name(1) + ".gz"),
        9,
        notes=[f"foreign_file {SEGMENT[1]}.gz", f"segment_missing {SEGMENT[2]}", ...],
        gone=IDS[1],
    ),
    gone_segment(
        "a middle segment is packed",
        5,
        lambda t: t.rename_segment(5, segment_name(5) + ".gz"),
        [f"segment_missing {SEGMENT[6]}"],
        ["segment_missing"],
        notes=[f"foreign_file {SEGMENT[5]}.gz"],
    ),
    gone_segment(
        "the last segment is packed",
        10,
        lambda t: t.rename_segment(10, segment_name(10) + ".gz"),
        [],
        notes=[f"foreign_file {SEGMENT[10]}.gz"],
    ),
    *[
        gone_segment(
            f"a {kind} stands in the place of a middle segment",
            5,
            change,
            [f"not_a_trail {SEGMENT[5]}", f"segment_missing {SEGMENT[6]}"],
            ["not_a_trail", "segment_missing"],
        )
        for kind, change in replacements(5)
    ],
    *[
        gone_segment(
            f"a {kind} stands in the place of the last segment",
            10,
            change,
            [f"not_a_trail {SEGMENT[10]}"],
            ["not_a_trail"],
        )
        for kind, change in replacements(10)
    ],
    *[
        Row(
            f"a {kind} stands in the place of the first segment",
            change,
            9,
            verify=[f"not_a_trail {SEGMENT[1]}", ...],
            notes=[...],
            gone=IDS[1],
            query=["not_a_trail"],
        )
        for kind, change in replacements(1)
    ],
    Row(
        "a symlink stands in the place of a category",
        lambda t: t.replace_by_link(t.path(SMALL)),
        105,
        verify=[f"not_a_trail {SMALL}", *missing(105, 310)],
        gone=[105, 310],
        query=["not_a_trail"],
        category=SMALL,
        replay=["not_a_trail"],
    ),
    Row(
        "a file stands in the place of a category",
        lambda t: (shutil.rmtree(t.path(SMALL)), t.path(SMALL).write_text("")),
        105,
        verify=missing(105, 310),
        notes=[f"foreign_file {SMALL}"],
        gone=[105, 310],
        category=SMALL,
    ),
    unseen("a segment has a hard link outside", lambda t: (t.root.parent / "link").hardlink_to(t.segment(5))),
    # numbers
    Row(
        "the last segment gets a higher number",
        lambda t: t.renumber(10, 12),
        382,
        verify=[f"segment_missing {SEGMENT[12]}"],
        query=["segment_missing"],
    ),
    Row(
        "the last segment gets a number of seven digits",
        lambda t: t.renumber(10, 1000000),
        382,
        verify=["segment_missing"],
        query=["segment_missing"],
    ),
    gone_segment(
        "a number gets a digit too many",
        5,
        lambda t: t.rename_segment(5, "audit-0000005.jsonl"),
        [f"segment_missing {SEGMENT[6]}"],
        ["segment_missing"],
        notes=[f"foreign_file {CATEGORY}/audit-0000005.jsonl"],
    ),
    Row(
        "the first segment gets the number 0",
        lambda t: t.renumber(1, 0),
        9,
        notes=[f"foreign_file {CATEGORY}/{segment_name(0)}", f"segment_missing {SEGMENT[2]}", ...],
        gone=IDS[1],
    ),
    Row(
        "all numbers are one higher",
        lambda t: [t.renumber(number, number + 1) for number in range(10, 0, -1)],
        9,
        notes=[f"segment_missing {SEGMENT[2]}", ...],
    ),
    # modes
    Row("all may write a segment", lambda t: t.segment(5).chmod(0o666), notes=[f"loose_mode {SEGMENT[5]}"]),
    Row("all may read index.json", lambda t: t.path("index.json").chmod(0o644), notes=["loose_mode index.json"]),
    Row("all may write a category", lambda t: t.path(CATEGORY).chmod(0o777), notes=[f"loose_mode {CATEGORY}"]),
    unseen("nobody may write a segment", lambda t: t.segment(5).chmod(0o440)),
    Row(
        "a segment may not be read",
        lambda t: t.segment(5).chmod(0),
        172,
        verify=[f"EACCES {SEGMENT[5]}", ...],
        gone=IDS[5],
        query=["EACCES"],
        as_other_user=True,
    ),
    Row(
        "a category may not be read",
        lambda t: t.path(SMALL).chmod(0),
        105,
        verify=[f"EACCES {SMALL}", ...],
        gone=[105, 310],
        query=["EACCES"],
        category=SMALL,
        as_other_user=True,
    ),
    Row(
        "index.json may not be read",
        lambda t: t.path("index.json").chmod(0),
        verify=["EACCES index.json"],
        query=["EACCES"],
        follow=[],
        as_other_user=True,
    ),
    Row(
        ".lock may not be read",
        lambda t: t.path(".lock").chmod(0),
        verify=["EACCES .lock", ...],
        query=["EACCES"],
        as_other_user=True,
    ),
]
