# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients that ask in a tight loop while something happens, and judge every reply."""

import contextlib
import os
import socket
import struct
import sys
import threading
import time

import dns.message

from lib import LOCAL, SLOW, Failure, Reply, receive_message

sys.setswitchinterval(0.0005)       # the clients are threads: none waits long for its turn


class Asker(threading.Thread):
    """Asks a question over and over, by UDP, by TCP or as a resolver does; `judge` says of a Reply what is wrong with it, or None.

    A server that is down is no fault: its time-outs are counted as `unanswered`.
    """

    def __init__(self, server, question, judge, tcp=False, resolver=False, patience=0.1, **options):
        super().__init__(daemon=True)
        self.server, self.question, self.judge, self.tcp, self.resolver = server, question, judge, tcp, resolver
        self.patience = patience * SLOW
        self.query = server.message(*question.split(), **options).to_wire()[2:]
        self.known = {}             # what was said of a reply, by its octets but the message ID
        self.asked = self.unanswered = 0
        self.faults = []
        self.ending = threading.Event()

    def run(self):
        while not self.ending.is_set():
            udp = socket.socket(type=socket.SOCK_DGRAM)
            udp.connect((LOCAL, self.server.port))
            udp.settimeout(self.patience)
            with udp:
                for _ in range(1000):           # then from another port
                    if self.ending.is_set():
                        break
                    try:
                        self.once(udp)
                    except (OSError, EOFError):
                        self.unanswered += 1
                        time.sleep(0.001)

    def once(self, udp):
        ident = os.urandom(2)
        reply = self.over_tcp(ident) if self.tcp else self.over_udp(udp, ident)
        if self.resolver and reply[2] & 2:
            reply = self.over_tcp(ident)
        self.asked += 1
        fault = self.known.get(reply[2:], self)
        if fault is self:
            parsed = Reply(dns.message.from_wire(reply, one_rr_per_rrset=True), reply)
            fault = self.known[reply[2:]] = self.judge(parsed)
        if fault:
            self.faults.append(f"{self.question}: {fault}")

    def over_udp(self, udp, ident):
        udp.send(ident + self.query)
        while True:
            reply = udp.recv(65535)
            if reply[:2] == ident:
                return reply

    def over_tcp(self, ident):
        with socket.create_connection((LOCAL, self.server.port), 2 * SLOW) as link:
            link.sendall(struct.pack("!H", len(self.query) + 2) + ident + self.query)
            return receive_message(link)


class Taker(threading.Thread):
    """Takes transfers over and over: AXFR, or IXFR from a serial that `since` gives; `judge` as above, of a Transfer."""

    def __init__(self, server, judge, since=None):
        super().__init__(daemon=True)
        self.server, self.judge, self.since = server, judge, since
        self.question = "IXFR" if since else "AXFR"
        self.asked = self.unanswered = 0
        self.faults, self.kinds = [], set()
        self.ending = threading.Event()

    def run(self):
        while not self.ending.is_set():
            try:
                transfer = self.server.ixfr(self.since(), timeout=5) if self.since else self.server.axfr(timeout=5)
            except (OSError, EOFError):
                self.unanswered += 1
                time.sleep(0.001)
                continue
            self.asked += 1
            self.kinds.add(str(transfer).split()[0])
            fault = self.judge(transfer)
            if fault:
                self.faults.append(f"{self.question}: {fault}")


@contextlib.contextmanager
def asking(*clients):
    """The clients ask as long as the block runs; any fault that a client found fails the test."""
    for client in clients:
        client.start()
    try:
        yield clients
    finally:
        for client in clients:
            client.ending.set()
        for client in clients:
            client.join(10 * SLOW)
    report = ", ".join(f"{client.question}: {client.asked} asked, {client.unanswered} unanswered, {len(client.faults)} faults"
                       for client in clients)
    print(report)
    faults = [fault for client in clients for fault in client.faults]
    if faults:
        raise Failure(f"{len(faults)} faults ({report}), such as {sorted(set(faults))[:3]}")
    idle = [client.question for client in clients if client.asked < 10]
    if idle:
        raise Failure(f"hardly asked: {idle} ({report})")


def fails(reply):
    """What a client would call a failure."""
    if reply.rcode not in ("NOERROR", "NXDOMAIN") or reply.truncated:
        return str(reply)
    return None


def pace(seconds):
    """Yields each so many seconds, and makes up for no delay; the caller takes as many as it wants."""
    while True:
        next_time = time.monotonic() + seconds
        yield
        while (rest := next_time - time.monotonic()) > 0:
            time.sleep(min(rest, 0.05))
