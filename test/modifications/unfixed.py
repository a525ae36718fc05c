"""Rows that only verify reports correctly. They are skipped unless they are named as arguments. Remove fixed rows.

Ranges end after eight successive lines with higher ids, and a follower compares a line with the next two of its
segment. So neither detects whole segments that swap names, lines that move far, or a changed id at the end of a
segment."""

NAMES = {
    "ids: 172 and 200, the ends of a segment, swap ids",
    "ids: 9 and 393, the ends of the category, swap ids",
    "order: a line moves to an earlier segment",
    "order: a segment's lines stand the other way round",
    "order: the first and the last segment swap names",
    "order: two segments swap names",
}
