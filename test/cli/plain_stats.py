"""Counts a trail in the simplest way, and prints what `audit-trail stats --format json` should print."""

import json
import pathlib
import sys


def statistics(paths):
    events = [json.loads(line) for path in paths for line in path.read_bytes().splitlines()]
    ids = [event["event_id"] for event in events]
    times = [event["timestamp"] for event in events]
    operations = [event["operation"] for event in events]
    return {
        "segments": len(paths),
        "bytes": sum(path.stat().st_size for path in paths),
        "events": len(events),
        "by_operation": {name: operations.count(name) for name in ("create", "update", "delete")},
        "first_id": min(ids, default=None),
        "last_id": max(ids, default=None),
        "first_time": min(times, default=None),
        "last_time": max(times, default=None),
    }


def main():
    root = pathlib.Path(sys.argv[1])
    paths = sorted(root.glob("*/*/audit-*.jsonl"))
    categories = sorted({path.parent for path in paths})
    of_categories = [
        {"domain": place.parent.name, "category": place.name}
        | statistics([path for path in paths if path.parent == place])
        for place in categories
    ]
    whole = {
        "categories": of_categories,
        "total": statistics(paths),
        "index_last_event_id": json.loads((root / "index.json").read_bytes())["last_event_id"],
        "has_writer": False,
    }
    print(json.dumps(whole))


main()
