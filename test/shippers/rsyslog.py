"""rsyslog sends every event of the copy that spool_trail makes, over TCP, also after a restart of both."""

import socketserver
import subprocess
import threading

from harness import need_tools, require, scratch_directory
from shipping import RECIPES, append, spooling, stored, wait_until


class collector(socketserver.ThreadingTCPServer):
    """Receives lines."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), None)
        self.received = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def finish_request(self, request, client_address):
        with request.makefile("rb") as lines:
            for line in lines:
                self.received.append(line)


def start_rsyslog(directory, file, port):
    text = (RECIPES / "rsyslog.conf").read_text()
    text = text.replace("/var/spool/audit-trail/events.jsonl", str(file))
    text = text.replace("logs.example.com", "127.0.0.1").replace("6514", str(port))
    (directory / "work").mkdir(exist_ok=True)
    (directory / "rsyslog.conf").write_text(
        f'global(workDirectory="{directory}/work" maxMessageSize="1m")\n{text}')
    return subprocess.Popen(["rsyslogd", "-n", "-f", directory / "rsyslog.conf", "-i", directory / "pid"])


def stop(process):
    process.terminate()
    process.wait()


need_tools("rsyslogd")
directory = scratch_directory()
root, file = directory / "root", directory / "events.jsonl"
server = collector()
for _ in range(2):
    append(root, 500)
    spool = spooling(root, file, directory / "bin")
    rsyslog = start_rsyslog(directory, file, server.server_address[1])
    append(root, 500)
    wait_until(lambda: set(stored(root).splitlines(True)) <= set(server.received), "all events arrive")
    stop(rsyslog)
    spool.kill()
require(set(server.received) == set(stored(root).splitlines(True)), "nothing else arrives")
print(f"{len(server.received)} lines arrived for {len(stored(root).splitlines())} events")
