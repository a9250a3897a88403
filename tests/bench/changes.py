# SPDX-License-Identifier: GPL-2.0-or-later
"""Changes of zones while a server runs, and when the guard had judged them."""

import datetime
import json
import os
import socket

import dns.message
import dns.rcode
import dns.update
from lib import LOCAL, check

SERIAL_DIGITS = 10


def first_serial():
    """One that can be raised in place, since it always has as many digits."""
    return 10 ** (SERIAL_DIGITS - 1)


def raise_serial(file, serial):
    """Replaces the serial in the file's head, and nothing else; returns the new one."""
    old, new = str(serial).encode(), str(serial + 1).encode()
    with open(file, "r+b") as zone:
        head = zone.read(200)
        check(head.count(old) == 1 and len(old) == len(new) == SERIAL_DIGITS, f"serial of {file}: {head}")
        zone.seek(head.index(old))
        zone.write(new)
    os.utime(file)
    return serial + 1


class Asker:
    """Sends questions and does not wait for answers, so that versions are wanted."""

    def __init__(self, server):
        self.udp = socket.socket(type=socket.SOCK_DGRAM)
        self.udp.connect((LOCAL, server.port))
        self.udp.setblocking(False)

    def want(self, name):
        self.udp.send(dns.message.make_query(name, "A").to_wire())


def update(server, zone, *changes, timeout=30):
    """One dynamic update over UDP; returns when Knot has answered it."""
    message = dns.update.UpdateMessage(zone)
    for action, *change in changes:
        getattr(message, action)(*change)
    wire = message.to_wire()
    with socket.socket(type=socket.SOCK_DGRAM) as udp:
        udp.settimeout(timeout)
        udp.connect((LOCAL, server.port))
        udp.send(wire)
        rcode = dns.message.from_wire(udp.recv(65535)).rcode()
    check(rcode == dns.rcode.NOERROR, f"update of {zone}: {dns.rcode.to_text(rcode)}")


class Verdicts:
    """The audit log's verdicts as (moment, zone, serial), read while it grows."""

    def __init__(self, file):
        self.file, self.position, self.rest = file, 0, b""
        self.last = {}              # highest serial that has a verdict, by zone
        self.all = []

    def read(self):
        if not self.file.exists():
            return self.last
        with open(self.file, "rb") as log:
            log.seek(self.position)
            text = log.read()
        self.position += len(text)
        text = self.rest + text
        end = text.rfind(b"\n") + 1
        self.rest = text[end:]
        for line in text[:end].splitlines():
            if b'"event":"verdict"' in line:
                entry = json.loads(line)
                moment = datetime.datetime.fromisoformat(entry["time"].replace("Z", "+00:00")).timestamp()
                self.all.append((moment, entry["zone"], entry["serial"]))
                self.last[entry["zone"]] = max(entry["serial"], self.last.get(entry["zone"], 0))
        return self.last
