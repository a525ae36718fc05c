"""Names that are changed, in lines and of directories."""

from commands import Row
from rows import SMALL, V2, damaged, missing, unseen

ROWS = [
    damaged("the domain becomes another", lambda t: t.edit(186, b'"legacy"', b'"v2"'), "misplaced_line"),
    damaged("the category becomes another", lambda t: t.edit(186, b"iso_639_3", b"iso_4217"), "misplaced_line"),
    damaged("the domain is no name", lambda t: t.edit(186, b'"legacy"', b'"../v2"'), "invalid_domain"),
    damaged("the category is empty", lambda t: t.edit(186, b'"iso_639_3"', b'""'), "invalid_category"),
    damaged("the operation is none", lambda t: t.edit(186, b'"operation":"', b'"operation":"re'), "invalid_operation"),
    damaged("the model is a number", lambda t: t.edit(186, b'"model_name":"', b'"model_name":1,"x":"'), "wrong_type"),
    damaged(
        "the model is not UTF-8",
        lambda t: t.edit(186, b'"model_name":"', b'"model_name":"\xff'),
        "invalid_model_name",
    ),
    damaged(
        "the user is not UTF-8",
        lambda t: t.edit(186, b'"logical_user_id":"', b'"logical_user_id":"\xc3'),
        "invalid_logical_user_id",
    ),
    damaged("the time is text", lambda t: t.edit(186, b'"timestamp":', b'"timestamp":"now","x":'), "wrong_type"),
    Row(
        "a category's directory gets another name",
        lambda t: t.path(SMALL).rename(t.path("legacy/iso_4218")),
        105,
        verify=["misplaced_line 105", "misplaced_line 310"],
        gone=[105, 310],
        query=["misplaced_line"],
        category=SMALL,
        replay=[],
    ),
    Row(
        "a category's directory gets a name that is none",
        lambda t: t.path(SMALL).rename(t.path("legacy/iso 4217")),
        105,
        verify=missing(105, 310),
        notes=["foreign_file legacy/iso 4217"],
        gone=[105, 310],
        category=SMALL,
    ),
    Row(
        "a domain's directory gets a hidden name",
        lambda t: t.path("v2").rename(t.path(".v2")),
        verify=[*missing(*[id for id in V2 if id != 400]), "index_ahead 400"],
        notes=["foreign_file .v2"],
        gone=V2,
    ),
    unseen("the model becomes another", lambda t: t.edit(186, b'"model_name":"', b'"model_name":"other ')),
    unseen("the user becomes another", lambda t: t.edit(186, b'"logical_user_id":"', b'"logical_user_id":"u')),
    unseen("the user is empty", lambda t: t.respell(186, lambda event: {**event, "logical_user_id": ""}), notes=[...]),
    unseen("the time becomes another", lambda t: t.edit(186, b'"timestamp":17', b'"timestamp":27')),
    unseen("the payload becomes another", lambda t: t.set_payload(186, b'{"after":{"code":"LT"}}')),
]
