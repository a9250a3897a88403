# SPDX-License-Identifier: GPL-2.0-or-later
"""A knotd to be measured: configured by a template, as one with many zones is, and with the log that is usual."""

import os
import re
import shutil
import subprocess
import time

from lib import LOCAL, MODULE, Server, Zone, check, conf_section, until

from measure import NotMeasured, cpu_seconds, memory

# Plain text: expressions took most of a processor while ten thousand zones were loaded.
LOADED = b"] loaded, serial"
VERDICT = b", judged "


def knot_version():
    said = subprocess.run(["knotd", "--version"], capture_output=True, text=True, check=True).stdout
    return re.search(r"\d[\d.]*", said)[0]


class Tail:
    """Counts lines of a log while it grows, each octet read once."""

    def __init__(self, log):
        self.file, self.rest, self.counts = open(log, "rb"), b"", {}
        self.file.seek(0, os.SEEK_END)

    def count(self, words):
        """How often they were written so far; always the same, which the first calls make known."""
        self.counts.setdefault(words, 0)
        text = self.rest + self.file.read()
        end = text.rfind(b"\n") + 1
        self.rest = text[end:]
        for known in self.counts:
            self.counts[known] += text.count(known, 0, end)
        return self.counts[words]

    def wait(self, words, times, timeout=300):
        """The moment when they were there so often."""
        until(lambda: self.count(words) >= times, lambda: f"{times} times {words}, {self.counts} so far", timeout)
        return time.monotonic()


class Knot(Server):
    """A server whose zones are all alike: `template` has their options, `module` the modules; policy as in knot.conf.

    `special` has further options of single zones by their names.
    """

    def __init__(self, directory, names, folder, template=None, modules=(), policy=None, server=None, extra="", sections="", special=None):
        self.names, self.folder, self.template, self.special = names, folder, template or {}, special or {}
        self.modules, self.own_policy, self.sections = list(modules), policy or {}, sections
        super().__init__(directory, [Zone(None, name=name) for name in names], guard="guard" in modules, server=server, extra=extra,
                         valgrind=False)

    def configure(self, **policy):
        self.own_policy.update(policy)
        text = conf_section("server", {"rundir": self.rundir, "listen": f"{LOCAL}@{self.port}", **self.server}, single=True)
        text += conf_section("log", {"target": "stderr", "any": "info"})
        text += conf_section("database", {"storage": self.storage}, single=True)
        text += conf_section("acl", {"id": "local", "address": LOCAL, "action": ["transfer", "notify", "update"]},
                             {"id": "updates", "address": LOCAL, "action": "update"})
        modules = [{"guard": "mod-cnameguard/default"}.get(module, module) for module in self.modules]
        if self.guard:
            check(MODULE.exists(), f"the module is not built: {MODULE}")
            text += conf_section("module", {"id": "mod-cnameguard", "file": MODULE})
            text += conf_section("mod-cnameguard", {"id": "default", **self.own_policy})
        text += self.sections
        text += conf_section("template", {"id": "default", "storage": self.folder, "file": "%s.zone", "acl": "local",
                                          **({"module": modules} if modules else {}), **self.template})
        zones = [{"domain": name, **self.special.get(name, {})} for name in self.names]
        self.conf.write_text(text + self.extra + conf_section("zone", *zones))

    def launch(self):
        """Starts it without waiting; returns the moment, and the log from there on."""
        tail = Tail(self.log)
        begin = time.monotonic()
        self.start(wait=False)
        return begin, tail

    def forget(self):
        """As if it never ran: journals, timers, what the guard has kept."""
        shutil.rmtree(self.storage)
        self.storage.mkdir()

    @property
    def pid(self):
        return self.process.pid

    def cpu(self):
        return cpu_seconds(self.pid)

    def memory(self, field="VmRSS"):
        return memory(self.pid, field)

    def reset_peak(self):
        """What VmHWM says begins anew."""
        try:
            with open(f"/proc/{self.pid}/clear_refs", "w", encoding="ascii") as file:
                file.write("5")
        except OSError as error:
            raise NotMeasured(f"the peak of memory cannot be reset: {error}") from None


def quiet(server, seconds=1.0, below=0.02, timeout=120):
    """Waits until a server does nothing any more."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        before = server.cpu()
        time.sleep(seconds)
        if server.cpu() - before <= below * seconds:
            return
    raise NotMeasured(f"the server did not come to rest within {timeout} s")
