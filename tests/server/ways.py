# SPDX-License-Identifier: GPL-2.0-or-later
"""A zone with the article's mistake, and every way in which such a version comes into a server."""

from lib import APEX, SOFT, Zone, equal, records

WEB, MAIL = "192.0.2.80", "192.0.2.25"


def version(serial, *www):
    """The zone; what stands at `www` is up to the caller."""
    return records(serial, f"web A {WEB}", "web AAAA 2001:db8::80", f"mail A {MAIL}", "alias CNAME web", "plain A 192.0.2.3",
                   "plain MX 10 mail", "wild A 192.0.2.4", *(f"www {record}" for record in www))


def good(serial):
    """The article's advice: an address beside the MX."""
    return version(serial, "A 192.0.2.1", "MX 10 mail")


def bad(serial):
    """The article's mistake: the alias hides the MX."""
    return version(serial, "CNAME web", "MX 10 mail")


class Way:
    """A server into which bad() and then repaired() bring a version; `zone` are options of its zone."""
    by_file = False                 # whether the zone file holds it, from which a refusal by Knot itself is explained
    own_types = {"CNAME", "MX"}     # what stands at www after bad()
    editable = True                 # whether rewrite may repair it

    def __init__(self, bench, zone, **server):
        self.bench, self.zone, self.options, self.serial = bench, zone, server, 1
        self.server = self.begin()

    def begin(self):
        return self.bench.knot(Zone(good(1), **self.zone), **self.options)

    def put(self, text):
        """The next version of the zone file, with the next serial."""
        self.serial += 1
        self.ready()
        self.server.write_zone(text(self.serial))
        self.take()

    def ready(self):
        """What comes before a file is written."""


class StartUp(Way):
    """The first thing that a server ever loads."""
    by_file = True

    def begin(self):
        return self.bench.prepare(Zone(None, **self.zone), **self.options)

    def bad(self):
        self.put(bad)

    def repaired(self):
        self.put(good)

    def ready(self):
        self.server.stop()

    def take(self):
        self.server.start()


class Edited(StartUp):
    """A file edited while the server was down, which left a journal with a good version."""

    def begin(self):
        self.zone = {"zonefile_sync": -1, **self.zone}      # what is put back does not go over the file that is explained
        return Way.begin(self)


class Reload(Way):
    by_file = True

    def bad(self):
        self.put(bad)

    def repaired(self):
        self.put(good)

    def take(self):
        self.server.reload()


class ZoneReload(Reload):
    def take(self):
        self.server.knotc("-b", "zone-reload", APEX, check_code=False)      # 3.2 fails for a file that it refuses


class Transaction(Way):
    def bad(self):
        self.commit("unset www A", "set www 300 CNAME web")

    def repaired(self):
        if self.server.read(owner="www"):
            self.commit("unset www", "set www 300 A 192.0.2.1", "set www 300 MX 10 mail")

    def commit(self, *edits):
        """3.2 leaves a transaction open whose commit it refuses."""
        self.server.txn(*edits, end=None)
        if self.server.knotc("zone-commit", APEX, check_code=False).returncode != 0:
            self.server.knotc("zone-abort", APEX)


class Update(Way):
    """Knot itself drops the record that would conflict, silently: this way brings nothing in."""

    def bad(self):
        equal(self.server.update("add www 300 CNAME web"), "NOERROR")

    def repaired(self):
        equal(self.server.update("add www 300 A 192.0.2.1"), "NOERROR")


class FromPrimary(Way):
    """A secondary, whose primary is not guarded."""
    editable = False
    first = staticmethod(good)

    def begin(self):
        server = self.bench.prepare(Zone(None, master="primary", **self.zone), **self.options)
        self.primary = self.bench.prepare(Zone(self.first(1), notify="secondary", **SOFT), guard=False, remotes={"secondary": server.port})
        server.remotes["primary"] = self.primary.port
        server.configure()
        self.primary.start()
        server.start()
        return server

    def bad(self):
        self.primary.txn("unset www A", "set www 300 CNAME web")
        self.arrive()

    def repaired(self):
        self.primary.txn("unset www CNAME", "set www 300 A 192.0.2.1")
        self.arrive()

    def arrive(self):
        self.server.wait_log(r"refresh, .*(zone updated.* -> \d+|failed)", self.seen)
        self.seen = self.server.mark()


class Axfr(FromPrimary):
    """The first version that a secondary gets is the bad one."""
    first = staticmethod(bad)

    def bad(self):
        self.server.wait_log(r"refresh, .*(zone updated|failed)")
        self.seen = self.server.mark()

    def repaired(self):
        super().repaired()
        self.server.knotc("zone-refresh", APEX)


class Ixfr(FromPrimary):
    def bad(self):
        self.server.wait_log(r"refresh, .*zone updated")
        self.seen = self.server.mark()
        super().bad()


class Merge(Way):
    """An alias from the journal, an address and MX from the file; Knot checks neither together, nor tells them apart by serial."""
    editable = False
    own_types = {"CNAME", "MX", "A"}

    def __init__(self, bench, zone, **server):
        super().__init__(bench, {**zone, "zonefile_load": "whole", "journal_content": "changes", "zonefile_sync": -1}, **server)

    def begin(self):
        return self.bench.knot(Zone(version(1), **self.zone), **self.options)

    def bad(self):
        equal(self.server.update("add www 300 CNAME web"), "NOERROR")
        self.server.stop()
        self.server.write_zone(version(1, "A 192.0.2.1", "MX 10 mail"))
        self.server.start()

    def repaired(self):
        equal(self.server.update("delete www", "add www 300 A 192.0.2.1", "add www 300 MX 10 mail"), "NOERROR")


WAYS = {"start_up": StartUp, "edited": Edited, "reload": Reload, "zone_reload": ZoneReload, "transaction": Transaction, "update": Update,
        "axfr": Axfr, "ixfr": Ixfr, "merge": Merge}
