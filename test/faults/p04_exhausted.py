"""Disk space, inodes, file sizes, or file descriptors of a server run out: the writer continues as soon as it can,
no id is skipped, and no line is damaged."""

import subprocess

import harness

PAGE = 4096


class Server:
    """A running `fault_server`, and the events that it has stored."""

    def __init__(self, root, events, categories, size, prefix=()):
        command = [*prefix, harness.SERVER, root, events, categories, size]
        self.root, self.events = root, events
        self.process = subprocess.Popen(
            list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.stored = {}
        harness.require(self.process.stdout.readline() == "ready\n", "the trail does not open")

    def read_refusal(self):
        """Returns why the server stopped sending, or None at its end."""
        for line in self.process.stdout:
            what, _, rest = line.rstrip("\n").partition(" ")
            if what == "refused":
                return rest
            number, event_id = map(int, rest.split())
            self.stored[event_id] = number
        return None

    def go_on(self):
        self.process.stdin.write("go on\n")
        self.process.stdin.flush()

    def finish(self):
        harness.require(self.read_refusal() is None, "refused, though there is room again")
        harness.require(self.process.wait(harness.PATIENCE) == 0, "the server failed")

    def stay_refused(self, expected, times=3):
        """Checks that events are refused while the resource is exhausted, and that the files contain only whole
        lines."""
        for again in range(times):
            if again:
                self.go_on()
            reason = self.read_refusal()
            harness.require(reason is not None, "nothing ran out")
            harness.require(expected in reason, f"refused for another reason: {reason}")
            trail = harness.Trail(self.root)
            harness.check_acknowledged(trail, self.stored)
            harness.require(trail.missing_ids() == set(), "a refused event has used an id up")

    def check_all_stored(self):
        self.finish()
        trail = harness.check_trail(self.root, self.stored)
        harness.require(sorted(trail.events) == list(range(1, self.events + 1)), "ids are left out")


def small_file_system(*options):
    place = harness.scratch_directory() / "disk"
    place.mkdir()
    harness.mount("-t", "tmpfs", "-o", ",".join(options), "tmpfs", place)
    return place


def room_runs_out(choice):
    place = small_file_system("size=64k")
    ballast = place / "ballast"
    ballast.write_bytes(bytes(PAGE * choice.randint(8, 10)))
    server = Server(place / "trail", 60, choice.randint(1, 3), choice.choice([250, 300]))
    server.stay_refused("No space left")
    ballast.unlink()
    server.go_on()
    server.check_all_stored()
    harness.unmount(place)


def inodes_run_out(choice):
    place = small_file_system("nr_inodes=64")
    ballast = [place / f"ballast-{number}" for number in range(choice.randint(34, 50))]
    for file in ballast:
        file.touch()
    server = Server(place / "trail", 200, 20, 100)
    server.stay_refused("No space left")
    for file in ballast:
        file.unlink()
    server.go_on()
    server.check_all_stored()
    harness.unmount(place)


def file_sizes_run_out(choice):
    """One batch is refused; later segments stay below the limit."""
    limit = choice.randint(2_000, 15_000)
    server = Server(harness.scratch_directory() / "trail", 300, 3, 100, ["prlimit", f"--fsize={limit}"])
    server.stay_refused("File too large", times=1)
    server.go_on()
    server.check_all_stored()


def descriptors_run_out(choice):
    """Nothing is refused: idle segments are closed, and batches are committed in parts."""
    limit = choice.randint(20, 40)
    server = Server(harness.scratch_directory() / "trail", 300, 60, 100, ["prlimit", f"--nofile={limit}"])
    server.check_all_stored()


def room_runs_out_under_the_program(choice):
    """`append --on-error skip` names the drafts that it could not append, and continues with the others."""
    place = small_file_system("size=64k")
    ballast = place / "ballast"
    ballast.write_bytes(bytes(PAGE * 8))
    size = choice.randint(200, 900)
    program = harness.Appending(
        place / "trail", "--window", "1", "--on-error", "skip", stderr=subprocess.STDOUT, bufsize=0
    )
    acknowledged, refused = {}, 0
    for number in range(400):
        program.send([harness.draft(number, 2, size)])
        answer = program.process.stdout.readline().decode().strip()
        if answer.isdigit():
            acknowledged[int(answer)] = number
            if not ballast.exists() and len(acknowledged) % 7 == 0:  # the other category may have had room
                break
        else:
            harness.require(f":{number + 1}: No space left" in answer, f"unexpected: {answer}")
            refused += 1
            if refused == 5:
                ballast.unlink()
    program.finish()
    harness.require(refused == 5, f"{refused} refused, of 5 before there was room again")
    trail = harness.check_trail(place / "trail", acknowledged)
    harness.require(sorted(trail.events) == list(range(1, len(acknowledged) + 1)), "ids are left out")
    harness.unmount(place)


def file_sizes_run_out_under_the_program(choice):
    """SIGXFSZ does not end the program."""
    root, numbers = harness.scratch_directory() / "trail", range(300)
    limit = choice.randint(2_000, 15_000)
    program = harness.Appending(root, "--window", "8", prefix=["prlimit", f"--fsize={limit}"])
    program.feed(harness.draft(number) for number in numbers)
    ids = program.finish()
    harness.require(program.process.returncode == 1, f"exit code {program.process.returncode}")
    harness.require("File too large" in program.error_text(), program.error_text())
    harness.check_trail(root, harness.acknowledged_drafts(ids, numbers, program.refused_lines()))


def main():
    harness.need_tools("mount", "prlimit")
    harness.enter_mount_namespace()
    choice = harness.seeded()
    scenarios = {
        room_runs_out: 20,
        inodes_run_out: 5,
        file_sizes_run_out: 5,
        descriptors_run_out: 5,
        room_runs_out_under_the_program: 5,
        file_sizes_run_out_under_the_program: 5,
    }
    for scenario, times in scenarios.items():
        for _ in range(harness.sized(times, 10 * times)):
            scenario(choice)
    told = ", ".join(f"{scenario.__name__} {harness.sized(n, 10 * n)}" for scenario, n in scenarios.items())
    print(f"{told}: all stored in the end, no id left out, no line mangled")


main()
