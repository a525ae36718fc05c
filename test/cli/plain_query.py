"""Reads a trail in the simplest way, and prints what `audit-trail query` should print for the same arguments."""

import argparse
import datetime
import json
import pathlib
import sys


def unix_seconds(text):
    if text.lstrip("-").isdigit():
        return int(text)
    time = datetime.datetime.fromisoformat(text)
    return int((time if time.tzinfo else time.replace(tzinfo=datetime.timezone.utc)).timestamp())


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("root", type=pathlib.Path)
    for name in ("domain", "category", "model-name", "user", "request-id", "operation"):
        parser.add_argument("--" + name, action="append")
    parser.add_argument("--min-id", type=int)
    parser.add_argument("--max-id", type=int)
    parser.add_argument("--since", type=unix_seconds)
    parser.add_argument("--until", type=unix_seconds)
    parser.add_argument("--order", default="id")
    parser.add_argument("--limit", type=int)
    return parser.parse_args()


def stored_lines(root):
    for path in sorted(root.glob("*/*/audit-*.jsonl")):
        with path.open("rb") as lines:
            yield from lines


def passes(event, wanted):
    members = {
        "domain": wanted.domain,
        "category": wanted.category,
        "model_name": wanted.model_name,
        "logical_user_id": wanted.user,
        "request_id": wanted.request_id,
        "operation": wanted.operation,
    }
    if any(values and event.get(member) not in values for member, values in members.items()):
        return False
    limits = [("event_id", wanted.min_id, wanted.max_id), ("timestamp", wanted.since, wanted.until)]
    return all(
        (low is None or event[member] >= low) and (high is None or event[member] <= high)
        for member, low, high in limits
    )


def main():
    wanted = parse_arguments()
    found = [(json.loads(line), line) for line in stored_lines(wanted.root)]
    found = [(event["event_id"], line) for event, line in found if passes(event, wanted)]
    if wanted.order == "id":
        found.sort()
    found = found[: wanted.limit]
    sys.stdout.buffer.writelines(line for _, line in found)


main()
