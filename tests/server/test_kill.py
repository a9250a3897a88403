# SPDX-License-Identifier: GPL-2.0-or-later
"""knotd is killed at random moments: never a conflict served, never a last good version or an original lost, state always readable."""

import json
import os
import random
import re
import subprocess
import threading
import time
from functools import partial

import dns.exception

from lib import APEX, FILE_ONLY, Zone, check, equal, limit, long, settles, until
from test_restore import serial_of, stored
from ways import bad, good

COMMAND = os.environ["CNAMEGUARD_COMMAND"]
OTHER = "example.net."              # an ordinary zone: no soft, updates, and a file that is bad at most starts


def in_other(text):
    return text.replace(APEX, OTHER)


class Asking(threading.Thread):
    """Asks all the time, and writes down what shows a conflict."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.ending, self.wrong, self.answers = server, False, [], 0

    def run(self):
        while not self.ending:
            for zone in (APEX, OTHER):
                for name, rdtype in (("www." + zone, "MX"), ("www." + zone, "A"), ("www." + zone, "ANY")):
                    try:
                        reply = self.server.resolve(name, rdtype, timeout=1)
                    except (OSError, EOFError, dns.exception.DNSException):
                        continue            # killed meanwhile
                    self.answers += 1
                    if any(record.split()[1] == "CNAME" for record in reply.records):
                        self.wrong.append((name, rdtype, str(reply)))
            time.sleep(0.001)


def versions(server, zone):
    """What is kept, as the command tells it; it never meets a damaged file."""
    done = subprocess.run([COMMAND, "versions", "--state", server.storage / "cnameguard", "--format", "json", zone],
                          capture_output=True, text=True)
    check(done.returncode == 0 and not done.stderr, f"versions: {done.returncode} {done.stdout}{done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def originals(server):
    """Which of the versions written by life() are among the originals; their text tells, whatever serial Knot gave them."""
    folder = server.storage / "cnameguard/kept" / APEX.rstrip(".")
    return {re.search(r'^number.*"(\d+)"', file.read_text(), re.M).group(1) for file in folder.glob("*.zone")}


def life(server, number):
    """One life of the server, cut off somewhere: versions by file, updates, repairs, a restoration."""
    for step in range(6):
        serial = number * 10 + step
        server.write_zone((bad if step % 2 else good)(serial) + f"number TXT {serial}\n")
        server.knotc("zone-reload", APEX, check_code=False)
        with_update(server, f"add u{serial % 5} 300 TXT {serial}")
        if step == 3:
            server.write_zone(in_other(good(serial)), OTHER)
            server.knotc("zone-reload", OTHER, check_code=False)
        time.sleep(random.uniform(0, 0.02))


def with_update(server, change):
    try:
        server.update(change, zone=OTHER)
    except (OSError, EOFError, dns.exception.DNSException):
        pass


def killed(rounds, bench):
    rewrite = {**FILE_ONLY, "module": "mod-cnameguard/default"}
    server = bench.prepare(Zone(good(1), **rewrite), Zone(in_other(good(1)), name=OTHER, zonefile_sync=-1),
                           policy=dict(mode="rewrite", keep=1000))
    asking = Asking(server)
    server.start()
    until(lambda: serial_of(stored(server, OTHER)), "remembered")
    asking.start()
    kept = set()
    for number in range(1, rounds + 1):
        living = threading.Thread(target=life, args=(server, number), daemon=True)
        living.start()
        time.sleep(random.uniform(0, 0.25))
        server.process.kill()
        server.process.wait()
        living.join()
        remembered = serial_of(stored(server, OTHER))
        check(remembered, "the last good version is there")
        for zone in (APEX, OTHER):
            versions(server, zone)
        check(kept <= originals(server), f"round {number}: lost originals {kept - originals(server)}")
        kept = originals(server)
        if number % 4:
            server.write_zone(in_other(bad(number * 10 + 9)), OTHER)
        else:
            server.write_zone(in_other(good(number * 10 + 9)), OTHER)
        mark = server.mark()
        server.start()
        if number % 4:
            settles(lambda: server.serial(OTHER), remembered, f"round {number}: put back", 20)
        else:
            settles(lambda: server.serial(OTHER), number * 10 + 9, f"round {number}: loaded", 20)
        settles(lambda: str(server.resolve("www." + OTHER, "MX")).split(" ", 1)[-1], "MX 10 mail.example.net.", "served", 20)
        equal(asking.wrong, [], f"round {number}: conflicts that were served")
    asking.ending = True
    asking.join()
    repairs = len(server.find_log(rf"\[{APEX}\].*original kept as"))
    check(len(kept) > rounds / 2 and repairs > rounds / 2, f"there were repairs: {repairs}, of {len(kept)} versions")
    check(asking.answers > rounds, "questions were answered")
    server.stop()


test_killed = limit(120)(partial(killed, 15))
test_killed_500_times = limit(1500)(long(partial(killed, 500)))
