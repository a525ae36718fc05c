"""Reads a trail in the simplest way, and writes what `audit-trail query` should print.

plain_query.py DIRECTORY: each line of standard input has the arguments of one query. The answers go to the files 0, 1, 2
and so on in the directory."""

import argparse
import datetime
import functools
import json
import pathlib
import shlex
import sys


def unix_seconds(text):
    if text.lstrip("-").isdigit():
        return int(text)
    time = datetime.datetime.fromisoformat(text)
    return int((time if time.tzinfo else time.replace(tzinfo=datetime.timezone.utc)).timestamp())


def parse_arguments(line):
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
    parser.add_argument("-n", "--last", type=int)
    parser.add_argument("--reverse", action="store_true")
    return parser.parse_args(shlex.split(line))


@functools.cache
def stored_events(root):
    events = []
    for path in sorted(root.glob("*/*/audit-*.jsonl")):
        with path.open("rb") as lines:
            events += [(json.loads(line), line) for line in lines]
    return events


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


def answer(wanted):
    found = [(event["event_id"], line) for event, line in stored_events(wanted.root) if passes(event, wanted)]
    if wanted.order == "id":
        found.sort()
    if wanted.last is not None:
        found = found[max(len(found) - wanted.last, 0) :]
    if wanted.reverse:
        found.reverse()
    return b"".join(line for _, line in found[: wanted.limit])


def main():
    directory = pathlib.Path(sys.argv[1])
    for number, line in enumerate(sys.stdin):
        (directory / str(number)).write_bytes(answer(parse_arguments(line)))


main()
