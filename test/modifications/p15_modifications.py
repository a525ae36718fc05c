"""Modifies a trail in many ways, and checks what `verify`, `query`, `replay` and `follow` report: they must not
return a wrong event, or miss an event, without a reason and an exit status. Arguments select the rows whose
names contain them."""

import os
import sys
from concurrent import futures

import commands
import table_files
import table_ids
import table_marks
import table_names
import table_order
import table_spelling
import unfixed

TABLE = {
    "ids": table_ids.ROWS,
    "names": table_names.ROWS,
    "order": table_order.ROWS,
    "files": table_files.ROWS,
    "marks": table_marks.ROWS,
    "spelling": table_spelling.ROWS,
}


def main():
    wanted = sys.argv[1:]
    rows = [(f"{subject}: {row.name}", row) for subject, rows in TABLE.items() for row in rows]
    if wanted:
        chosen = [(name, row) for name, row in rows if any(text in name for text in wanted)]
    else:
        chosen = [(name, row) for name, row in rows if name not in unfixed.NAMES]
    with futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        checked = list(zip(chosen, pool.map(lambda named: commands.check(named[1]), chosen)))
    failed = [(name, failures) for (name, _), failures in checked if failures]
    for name, failures in failed:
        for failure in failures:
            print(f"{name}: {failure}")
    print(f"{len(checked)} modifications, {len(failed)} of them not as the table says")
    sys.exit(1 if failed else 0)


main()
