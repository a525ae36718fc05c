#!/usr/bin/env python3
"""Runs an example and checks its effect: examples.py NAME PROGRAM [AUDIT_TRAIL]

AUDIT_TRAIL, the program audit-trail, also verifies the trail.
"""
import atexit
import http.client
import json
import pathlib
import queue
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading

time_limit = 60  # seconds for any single wait; a hang fails the test


def check(condition, message):
    if not condition:
        sys.exit(f"failed: {message}")


def events_in(root):
    lines = [line for path in root.glob("*/*/audit-*.jsonl") for line in path.read_text().splitlines()]
    events = sorted((json.loads(line) for line in lines), key=lambda event: event["event_id"])
    ids = [event["event_id"] for event in events]
    check(ids == list(range(1, len(ids) + 1)), f"ids {ids}")
    return events


def verify(root):
    for program in sys.argv[3:]:
        found = subprocess.run([program, "verify", root], stdout=subprocess.PIPE, text=True)
        check(found.returncode == 0, found.stdout)


class Server:
    """Runs the example until it is stopped. It prints `port N` when it accepts connections."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([sys.argv[2], *map(str, arguments)], text=True, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        atexit.register(self.process.kill)  # if the test fails

    def line(self):
        line = self.process.stdout.readline()
        check(line, f"the example ended with {self.process.poll()}")
        return line.rstrip("\n")

    def port(self):
        word, port = self.line().split()
        check(word == "port", word)
        return int(port)

    def signal(self):
        self.process.send_signal(signal.SIGTERM)

    def exit_code(self):
        return self.process.wait(time_limit)

    def stop(self):
        self.signal()
        check(self.exit_code() == 0, f"exit code {self.exit_code()}")


def request(connection, method, target, user, body):
    connection.request(method, target, body, {"X-User": user} if user else {})
    response = connection.getresponse()
    return response.status, response.read().decode().strip()


def connect(port):
    return socket.create_connection(("127.0.0.1", port), time_limit)


def minimal_server(root):
    server = Server(root, 0)
    with connect(server.port()) as client, client.makefile("rw") as stream:
        for n, name in enumerate(["ada", "bob"], 1):
            print(name, file=stream, flush=True)
            check(stream.readline() == f"{n}\n", name)
    server.signal()
    server.exit_code()
    check([event["model_name"] for event in events_in(root)] == ["ada", "bob"], events_in(root))


def server_coroutines(root):
    server = Server(root, 0)
    connection = http.client.HTTPConnection("127.0.0.1", server.port(), timeout=time_limit)
    answers = [request(connection, "PUT", "/users/17", "admin", '{"name": "Ada"}'),
               request(connection, "PUT", "/users/17", "admin", '{"name": "Ada Lovelace"}'),
               request(connection, "PUT", "/users/18", "admin", "[]"),
               request(connection, "PUT", "/users/18", "", "{}"),
               request(connection, "GET", "/", "admin", None)]
    check(answers[:2] == [(200, "event 1"), (200, "event 2")], answers)
    check([status for status, _ in answers] == [200, 200, 400, 503, 404], answers)
    created, updated = events_in(root)
    check(created["payload"] == {"after": {"name": "Ada"}}, created)
    check(updated["payload"]["delta"] == {"name": {"old": "Ada", "new": "Ada Lovelace"}}, updated)
    check(updated["logical_user_id"] == "admin", updated)
    server.stop()


def server_callbacks(root):
    server = Server(root, 0)
    port = server.port()

    def order(user):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=time_limit)
        for n in range(20):
            answer = request(connection, "POST", "/orders", user, json.dumps({"item": f"{user}-{n}"}))
            check(answer[0] == 201, answer)
            answers.put((int(answer[1].split()[1]), f"{user}-{n}"))

    answers = queue.Queue()
    threads = [threading.Thread(target=order, args=(user,)) for user in ("ada", "bob", "eve")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=time_limit)
    check(request(connection, "POST", "/orders", "ada", "no JSON")[0] == 400, "invalid JSON is refused")
    check(request(connection, "POST", "/orders", "", "{}")[0] == 503, "an order without a user is refused")
    stored = [(event["event_id"], event["payload"]["after"]["item"]) for event in events_in(root)]
    check(len(stored) == 60 and sorted(answers.queue) == stored, "each answer names its event")
    server.stop()


def futures(root):
    subprocess.run([sys.argv[2], root, "4", "250"], check=True, stdout=subprocess.DEVNULL, timeout=time_limit)
    events = events_in(root)
    check(len(events) == 1000, len(events))
    for worker in range(4):
        numbers = [event["payload"]["after"]["number"] for event in events
                   if event["logical_user_id"] == f"worker-{worker}"]
        check(numbers == list(range(250)), f"worker {worker} has the order of its events")


def graceful_shutdown(root):
    server = Server(root, 0)
    port = server.port()
    answers = queue.Queue()

    def send(user):
        with connect(port) as client, client.makefile("rw") as stream:
            try:
                for n in range(1_000_000):
                    print(f"model-{n}", user, file=stream, flush=True)
                    answer = stream.readline()
                    if not answer:
                        return
                    answers.put((int(answer), f"model-{n}", user))
            except OSError:
                pass  # the server has closed the connection

    idle = connect(port)
    threads = [threading.Thread(target=send, args=(f"user-{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    first = [answers.get(timeout=time_limit) for _ in range(200)]
    server.signal()
    check(server.exit_code() == 0, "the server has closed the trail")
    for thread in threads:
        thread.join()
    check(idle.recv(1) == b"", "the server has closed the idle connection")
    stored = {(event["event_id"], event["model_name"], event["logical_user_id"]) for event in events_in(root)}
    missing = (set(first) | set(answers.queue)) - stored
    check(not missing, f"acknowledged, but not in the trail: {missing}")
    check(json.loads((root / ".lock").read_text())["state"].strip() == "clean", "the end is marked as clean")


def line_of(event_id, model_name, operation="update", payload=None):
    event = {"event_id": event_id, "timestamp": 1700000000, "domain": "accounts", "category": "users",
             "model_name": model_name, "operation": operation, "logical_user_id": "admin", "payload": payload or {}}
    return json.dumps(event, separators=(",", ":")) + "\n"


def append(root, *lines):
    """Writes lines as another program would."""
    category = root / "accounts/users"
    category.mkdir(parents=True, exist_ok=True)
    with (category / "audit-000001.jsonl").open("a") as segment:
        segment.writelines(lines)
    last_id = json.loads(lines[-1])["event_id"]
    (root / "index.json").write_text(json.dumps({"last_event_id": last_id}))


def follower_cache(root):
    append(root, line_of(1, "ada", "create", {"after": {"role": "author"}}))
    server = Server(root)
    check(server.line() == '1 ada {"role":"author"}', "the cache reads the trail")
    append(root, line_of(2, "ada", "update", {"delta": {"role": {"old": "author", "new": "editor"}}}))
    check(server.line() == '2 ada {"role":"editor"}', "the cache follows the trail")
    print("ada", file=server.process.stdin, flush=True)
    check(server.line() == 'ada = {"role":"editor"}', "a record is found")
    append(root, line_of(3, "ada", "delete", {"before": {"role": "editor"}}))
    check(server.line() == "3 ada unknown", "a delete removes the record")
    server.process.stdin.close()
    check(server.exit_code() == 0, server.exit_code())


def query_server(root):
    large = {"after": {"text": "x" * 1000}}
    lines = [line_of(n, "eve" if n == 7 else "ada", payload=large) for n in range(1, 20001)]
    append(root, *lines)
    server = Server(root, 0)
    port = server.port()

    def send(name):
        client = connect(port)
        client.sendall(f"{name}\n".encode())
        return client

    slow = [send("ada") for _ in range(4)]  # 20 MB each, and nobody reads: more than sockets take
    for client in slow:
        check(client.recv(1) == b"{", "the answer has begun")
    with send("eve").makefile() as stream:
        check(stream.read() == lines[6], "other queries are answered meanwhile")
    expected = "".join(lines[:6] + lines[7:])[1:]
    for client in slow:
        with client.makefile() as stream:
            check(stream.read() == expected, "the answer has all events")
    server.stop()


def many_tenants(root):
    def output(directory, tenants):
        return subprocess.run([sys.argv[2], directory, tenants, "5"], check=True, stdout=subprocess.PIPE, text=True,
                              timeout=time_limit).stdout

    threads = output(root.parent / "one", "1").removeprefix("5 events, ")
    check(output(root, "60") == f"300 events, {threads}", f"60 tenants need as many threads as one: {threads}")
    for n in range(60):
        events = events_in(root / f"tenant-{n}")
        check([event["logical_user_id"] for event in events] == [f"tenant-{n}"] * 5, events)


def metrics_of(text):
    return dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))


def prometheus_metrics(root):
    server = Server(root, 0)
    port = server.port()

    def get(method, target):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=time_limit)
        status, text = request(connection, method, target, None, None)
        check(status == 200, (target, status))
        return text + "\n"

    for n in range(1, 6):
        check(get("POST", "/events") == f"event {n}\n", n)
    text = get("GET", "/metrics")
    figures = {name.replace('{trail="accounts"}', ""): value for name, value in metrics_of(text).items()}
    expected = {"open": 1, "stopped": 0, "last_event_id": 5, "accepted_events_total": 5, "failed_events_total": 0,
                "acknowledged_events_total": 5, "batch_events_count": 5, "batch_events_sum": 5,
                'batch_events_bucket{trail="accounts",le="1"}': 5, 'sync_seconds_bucket{trail="accounts",le="+Inf"}': 5}
    for name, value in expected.items():
        check(float(figures[f"audit_trail_{name}"]) == value, (name, value, text))
    check(0 < float(figures["audit_trail_sync_seconds_sum"]) < time_limit, text)
    if promtool := shutil.which("promtool"):
        checked = subprocess.run([promtool, "check", "metrics"], input=text, text=True, capture_output=True)
        check(checked.returncode == 0, checked.stderr)
    server.stop()


def main():
    with tempfile.TemporaryDirectory() as directory:
        root = pathlib.Path(directory) / "trail"
        globals()[sys.argv[1]](root)
        for trail in sorted(root.glob("tenant-*")) or [root]:
            verify(trail)


main()
