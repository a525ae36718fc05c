"""Reads a commit log as src/README.md describes it, without the library: read_commit_log.py LOG. Prints the generation,
then the lines of all records that recovery must replay, each with segment and offset."""

import struct
import sys

FIRST = 4096


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def record_at(log, position, generation, sequence):
    """Returns the record's bytes, or None."""
    header = log[position : position + 40]
    if len(header) < 40:
        return None
    checksum, size, found_generation, found_sequence = struct.unpack_from("<IIQQ", header)
    record = log[position : position + size]
    expected = (found_generation, found_sequence) == (generation, sequence) and len(record) == size >= 40
    return record if expected and crc32c(record[4:]) == checksum else None


def pieces_of(record):
    next_id, pieces = struct.unpack_from("<QI", record, 24)
    at = 40
    for _ in range(pieces):
        offset, path_bytes, line_bytes = struct.unpack_from("<QII", record, at)
        path = record[at + 16 : at + 16 + path_bytes].decode()
        at += 16 + path_bytes
        yield path, offset, record[at : at + line_bytes]
        at += line_bytes
    assert at == len(record) and next_id > 1


def main():
    with open(sys.argv[1], "rb") as file:
        log = file.read()
    assert log[:16] == b"audit-trail log1"
    generation, position, sequence, _, checksum = struct.unpack_from("<QQQII", log, 16)
    assert crc32c(log[:44]) == checksum
    print(generation)
    while True:
        record = record_at(log, position, generation, sequence)
        if record is None and position != FIRST:
            position = FIRST
            record = record_at(log, position, generation, sequence)
        if record is None:
            break
        for path, offset, lines in pieces_of(record):
            print(path, offset, lines.decode(), end="")
        position += len(record)
        sequence += 1


main()
