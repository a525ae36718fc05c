"""Thousands of categories under `ulimit -n 256`: a flush also syncs segments that were closed to make room for others.
A power cut follows as soon as the flush has completed."""

import subprocess

import harness

CATEGORIES = harness.sized(3_000, 10_000)


def main():
    harness.need_tools("prlimit")
    harness.need_disks()
    disk = harness.Disk(256, "-N", "40000", "-b", "1024")
    root = disk.place / "trail"
    command = ["prlimit", "--nofile=256", harness.FLUSHER, root, CATEGORIES]
    flusher = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    harness.require(flusher.stdout.readline() == "flushed\n", "the flush failed")
    disk.cut_the_power()
    flusher.kill()
    flusher.wait()
    disk.unplug()
    disk.plug_in()
    harness.check_trail(root, {number + 1: number for number in range(CATEGORIES)})
    disk.unplug()
    print(f"{CATEGORIES} categories with 256 files, a flush, a power cut: all there")


main()
