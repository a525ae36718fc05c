"""Ids that are changed, exchanged, used twice, or invalid."""

from commands import Row
from rows import HUGE, IDS, LARGEST, MIDDLE_OF_LARGE, PLACES, bad_id, damaged, far_id, misleading, missing, unseen
from trail_copy import MORE_EVENTS

ROWS = [
    # an invalid id
    *[bad_id("0", "invalid_event_id", near) for near in PLACES],
    bad_id("-186", "invalid_event_id"),
    bad_id("186.0", "invalid_event_id"),
    bad_id("1.86e2", "invalid_event_id"),
    bad_id("18446744073709551616", "invalid_event_id"),
    bad_id('"186"', "invalid_event_id"),
    bad_id("null", "invalid_event_id"),
    bad_id("[186]", "invalid_event_id"),
    bad_id("0186", "invalid_event_id"),
    bad_id("1 86", "malformed_json"),
    bad_id("", "malformed_json"),
    damaged("event_id 186 is taken out", lambda t: t.remove_member(186, "event_id"), "missing_member", has_id=False),
    # an id above all others
    *[far_id(near, 1000) for near in (9, 186, 393)],
    *[far_id(near, HUGE) for near in PLACES],
    far_id(186, LARGEST),
    far_id(393, LARGEST),
    far_id(382, LARGEST),
    Row(
        "the last id becomes the next",
        lambda t: t.edit_id(400, 401),
        400,
        verify=[*missing(400), "index_behind"],
        gone=[400],
        come=[401],
    ),
    # ids by which a search may be misled
    misleading("the first id of a middle segment becomes low", lambda t: t.edit_id(207, 5), 103, 207, 5),
    misleading("the first id of a middle segment becomes 1000", lambda t: t.edit_id(207, 1000), 295, 207, 1000),
    misleading("the first id of the last segment becomes low", lambda t: t.edit_id(382, 5), 358, 382, 5),
    *[
        misleading(
            f"an id in the middle of a large segment becomes {new}",
            lambda t, new=new: t.edit_id(MIDDLE_OF_LARGE, new),
            near,
            MIDDLE_OF_LARGE,
            new,
            events=MORE_EVENTS,
        )
        for near in (400, 1700)
        for new in (5, 99999)
    ],
    # the id of another event
    Row(
        "186 becomes 187, of another category",
        lambda t: t.edit_id(186, 187),
        187,
        verify=["duplicate_id 187", *missing(186)],
        gone=[186],
        come=[187],
        query=["id_out_of_order"],
        replay=[],
    ),
    Row(
        "186 becomes 191, the next of its category",
        lambda t: t.edit_id(186, 191),
        191,
        verify=["duplicate_id 191", *missing(186)],
        gone=[186],
        come=[191],
        query=["id_out_of_order"],
    ),
    Row(
        "186 becomes 12, of an earlier segment",
        lambda t: t.edit_id(186, 12),
        verify=["duplicate_id 12", *missing(186)],
        gone=[186],
        come=[12],
        query=["id_out_of_order"],
    ),
    Row(
        "186 becomes 386, of a later segment",
        lambda t: t.edit_id(186, 386),
        verify=["duplicate_id 386", *missing(186), "id_out_of_order"],
        gone=[186],
        come=[386],
        query=["id_out_of_order"],
    ),
    Row(
        "the first id becomes the second",
        lambda t: t.edit_id(1, 2),
        2,
        verify=["duplicate_id 2", *missing(1)],
        gone=[1],
        come=[2],
        query=["id_out_of_order"],
        category="legacy/iso_3166_2",
        replay=[],
    ),
    Row(
        "the last id becomes the last but one",
        lambda t: t.edit_id(400, 399),
        399,
        verify=["duplicate_id 399", "index_ahead 400"],
        gone=[400],
        come=[399],
        query=["id_out_of_order"],
        replay=[],
    ),
    # ids exchanged
    Row(
        "184 and 186, neighbours, swap ids",
        lambda t: t.swap_ids(184, 186),
        verify=["id_out_of_order"],
        query=["id_out_of_order"],
        follow_gone=[184],
    ),
    Row(
        "172 and 200, the ends of a segment, swap ids",
        lambda t: t.swap_ids(172, 200),
        172,
        verify=["id_out_of_order", ...],
        query=["id_out_of_order"],
        follow_gone=[172, 200],
    ),
    Row(
        "9 and 393, the ends of the category, swap ids",
        lambda t: t.swap_ids(9, 393),
        9,
        verify=["id_out_of_order", ...],
        query=["id_out_of_order"],
        follow_gone=[9, 393],
    ),
    unseen("186 and 187, of two categories, swap ids", lambda t: t.swap_ids(186, 187)),
    Row(
        "all ids of the last segment are raised by 1000",
        lambda t: t.each_line(t.segment(10), lambda line: line.replace(b'"event_id":', b'"event_id":1')),
        382,
        verify=[*missing(*IDS[10]), "index_behind", ...],
        gone=IDS[10],
        come=[1000 + id for id in IDS[10]],
    ),
]
