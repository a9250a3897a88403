# SPDX-License-Identifier: GPL-2.0-or-later
"""Servers with external-validation, a private system bus for them, and what tests with either have in common."""

import re
import signal
import subprocess

from lib import APEX, KNOT, SOFT, Zone, equal, settles, until, where
from ways import good

EXTERNAL = dict(external_validation="guard", **SOFT)
RECOMMENDED = dict(zonefile_sync=-1, **EXTERNAL)
GOOD = {"www A": "www A 192.0.2.1", "www MX": "www MX 10 mail"}
HELD = "waiting for external validation"


def section(timeout=300):
    """What nobody answers for is given up after the time-out: Knot's own is far beyond that of any test."""
    return f"external:\n  - id: guard\n    timeout: {timeout}\n"


class Answered:
    """At its end a test fails if some version was not answered for, as when Knot gave it up by itself.

    For each `waiting` of a zone there is a command that ends it, before the next one of that zone; the answer can be quicker than
    Knot's log.
    """
    line = re.compile(rf"\[([^]]+)\] (?:({HELD})|control, received command 'zone-(commit|abort)')")

    def __init__(self, server):
        self.server = server

    def given_up(self):
        open_, lost = {}, []            # 1: is held; -1: was answered for ahead of the line
        for zone, waits, _ in self.line.findall(self.server.log_text()):
            open_[zone] = open_.get(zone, 0) + 1 if waits else -1 if open_.get(zone, 0) < 1 else 0
            if open_[zone] > 1:
                lost.append(zone)
        return lost + [zone for zone, number in open_.items() if number > 0]

    def stop(self):
        settles(self.given_up, [], "versions that nobody has answered for")

    def kill(self):
        pass


def prepared(bench, *zones, timeout=300, answered=True, extra="", **options):
    """A server, not started; answered: see there."""
    server = bench.prepare(*zones, extra=section(timeout) + extra, **options)
    if answered:
        bench.things.append(Answered(server))
    return server


def validated(bench, text, zone=None, policy=None, **options):
    """A server with one zone, whose first version was let through."""
    server = prepared(bench, Zone(text, **{**RECOMMENDED, **(zone or {})}), policy=policy, **options).start()
    until(server.serial, "the zone is there")
    return server


def zones(count, text=good, **options):
    """`z0.example.` and on."""
    return [Zone(text(1).replace(APEX, name), name=name, **{**RECOMMENDED, **options}) for name in names(count)]


def names(count):
    return [f"z{number}.example." for number in range(count)]


def write(server, serial, text, zone=APEX):
    """A file that differs from each other, so that Knot loads it."""
    server.write_zone(text(serial).replace(APEX, zone) + f"changed TXT {serial}\n", zone)


def by_file(server, serial, text, zone=APEX):
    write(server, serial, text, zone)
    server.knotc("zone-reload", zone)


def held(server, mark, zone=APEX):
    """A version is held that came after the mark."""
    return server.wait_log(rf"\[{re.escape(zone)}\] {HELD}", mark)


def answers(server, expected=GOOD):
    equal({question: str(server.resolve(*question.split())) for question in expected}, expected)


def away(bench, *zones, answered=True, **options):
    """A server whose guard reaches it by a proxy only, which is not there so far."""
    path = bench.dir / "proxy.sock"
    server = prepared(bench, *(zones or [Zone(good(1), **RECOMMENDED)]), control=path, answered=False, **options)
    proxy = bench.proxy(path, server.socket)
    if answered:
        bench.things.append(Answered(server))       # looks before the proxy is stopped
    return server, proxy


def reached(bench, **options):
    """The same with the proxy there, and the first version let through."""
    server, proxy = away(bench, **options)
    proxy.start()
    server.start()
    settles(server.serial, 1)
    return server, proxy


def everywhere_else_absent(tests):
    """There is no external validation before Knot 3.5."""
    for name in [name for name in tests if name.startswith("test_")]:
        where(KNOT >= (3, 5))(tests[name])


# --- D-Bus -------------------------------------------------------------------------------------------------------------------------------

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default">{connect}<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>
"""
EVENTS = dict(dbus_event=["zone-updated", "external-verify"], dbus_init_delay=0)


class Bus:
    """A private system bus."""
    name = "dbus-daemon"

    def __init__(self, bench, refuses=False):
        self.process = None
        self.socket = bench.dir / "bus"
        self.conf = bench.dir / "bus.conf"
        self.conf.write_text(BUS.format(socket=self.socket, connect='<deny user="*"/>' if refuses else ""))
        self.env = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.socket}"}
        bench.things.append(self)

    def start(self):
        self.socket.unlink(missing_ok=True)
        self.process = subprocess.Popen(["dbus-daemon", "--config-file", self.conf, "--nofork"], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(self.socket.exists, "the bus listens")
        return self

    def hang(self):
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def stop(self):
        """Its socket stays behind, and refuses connections."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    kill = stop


def on_bus(bench, bus, *zones, **options):
    """A server on that bus, not started."""
    server = prepared(bench, *(zones or [Zone(good(1), **RECOMMENDED)]), **{"server": EVENTS, **options})
    server.env = bus.env
    return server


def asked(server, mark, filters="t"):
    """How often the guard has asked about all zones: what is held (t), their serials (s)."""
    return len(server.find_log(f"info: control, received command 'zone-status', filters '{filters}'", mark))


def asks(server):
    """It does not rely on being told: a rhythm that is none of the seconds between two questions while it does."""
    mark = server.mark()
    until(lambda: asked(server, mark) >= 8, "it asks what is held", 4)
