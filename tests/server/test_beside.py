# SPDX-License-Identifier: GPL-2.0-or-later
"""While long work about a big zone stands still at the disk, small zones have their verdicts."""

from contextlib import contextmanager

from faults import Faults
from lib import FILE_ONLY, SOFT, Zone, check, equal, limit, records, until
from ways import bad, good

BIG = "big.example."
BAD = "both CNAME n1\nboth MX 1 n1\n"


def big_text(serial, more=""):
    """A zone of 20,000 addresses, and more."""
    return records(serial) + "".join(f"n{number} A 192.0.2.{number % 250}\n" for number in range(20000)) + more


class Trial:
    """A server with a big and a small zone, on a disk that can stall."""

    def __init__(self, bench, policy=None, small=SOFT, **options):
        self.server = bench.prepare(Zone(good(1), **small), Zone(big_text(1), name=BIG, **options), policy=dict(policy or {}, sweep_interval=1))
        self.state = self.server.storage / "cnameguard"
        self.faults = Faults(bench.dir / "faults", self.state)
        self.server.env = self.faults.env
        self.serial = 1

    def start(self):
        self.server.start()
        self.server.verdict("clean", zone=BIG, timeout=30)
        self.server.verdict("clean")

    def change_small(self):
        """A new version of the small zone has its verdict."""
        mark = self.server.mark()
        self.serial += 1
        self.server.update(f"add u{self.serial} 300 A 192.0.2.9")
        self.server.query("alias", "A")
        return self.server.verdict("clean", mark)

    @contextmanager
    def stalled(self, below):
        """The first call to the disk below waits until the end; begins when it does."""
        self.faults.aim(below)
        self.faults.arm(1, stalls=True)

        def begun():
            until(lambda: self.faults.fired, f"somebody waits for {below}", 30)
            return self.server.mark()
        try:
            yield begun
        finally:
            self.faults.lift()


@limit(60)
def test_refused_file(bench):
    """Of a big zone, while it is read and judged."""
    trial = Trial(bench)
    trial.start()
    with trial.stalled(trial.server.zone_file(BIG)) as begun:
        trial.server.write_zone(big_text(2, BAD), zone=BIG)
        trial.server.knotc("zone-reload", BIG)
        mark = begun()
        trial.change_small()
        equal(trial.server.find_log("verdict refused", mark), [])
    trial.server.verdict("refused, serial 2, judged file", zone=BIG)


@limit(60)
def test_refused_file_other_policy(bench):
    """What was found under another policy than that of a reload meanwhile is not said."""
    trial = Trial(bench)
    trial.start()
    with trial.stalled(trial.server.zone_file(BIG)) as begun:
        trial.server.write_zone(big_text(2, BAD), zone=BIG)
        trial.server.knotc("zone-reload", BIG)
        mark = begun()
        trial.server.configure(mode="audit")
        trial.server.reload()
    trial.server.verdict("audited, serial 2, judged file", mark, zone=BIG)
    equal(trial.server.find_log("verdict refused", mark), [])


REPAIRED = dict(policy=dict(mode="rewrite", strategy="keep-other"), **FILE_ONLY)


@contextmanager
def keeping_original(trial):
    """The big zone is being repaired, and its original is on its way to the disk."""
    mark = trial.server.mark()
    with trial.stalled(trial.state / "kept") as begun:
        trial.server.write_zone(big_text(2, BAD), zone=BIG)
        trial.server.zone_reload(zone=BIG)
        begun()
        yield mark


@limit(60)
def test_original(bench):
    """Of a big zone, while it is kept, inside the transaction that repairs it."""
    trial = Trial(bench, **REPAIRED)
    trial.start()
    with keeping_original(trial) as mark:
        trial.change_small()
        equal(trial.server.find_log("original kept", mark), [])
    trial.server.repaired(mark, zone=BIG)


@limit(60)
def test_original_conversation_lost(bench):
    """A small zone has grown: its read ends the conversation, somebody else may have a turn, and the repair begins anew."""
    trial = Trial(bench, **REPAIRED)
    trial.start()
    with keeping_original(trial) as mark:
        for part in range(4):
            trial.server.update(*(f"add g{part}-{number} 300 A 192.0.2.9" for number in range(1500)))
        grown = trial.server.mark()
        trial.server.query("alias", "A")
        trial.server.wait_log(r"\[example.com.\].*'zone-read'", grown)
    trial.server.repaired(mark, zone=BIG, timeout=30)
    check(trial.server.find_log(rf"\[{BIG}\].*'zone-abort'", mark), "the first try was aborted")
    trial.server.verdict("clean", mark, timeout=30)


@limit(60)
def test_last_good_version(bench):
    """Of a big zone, while it is read to be put back."""
    trial = Trial(bench)
    trial.start()
    good_file = trial.state / "good/big.example.zone"
    until(good_file.exists, "it is remembered")
    trial.server.stop()
    trial.server.write_zone(big_text(2, BAD), zone=BIG)
    mark = trial.server.mark()
    with trial.stalled(good_file) as begun:
        trial.server.start()
        begun()
        trial.change_small()
    trial.server.verdict("restored", mark, zone=BIG, timeout=30)


@limit(120)
def test_put_back(bench):
    """While the records are set one by one."""
    trial = Trial(bench)
    trial.start()
    until((trial.state / "good/big.example.zone").exists, "it is remembered")
    trial.server.stop()
    trial.server.write_zone(big_text(2, BAD), zone=BIG)
    mark = trial.server.mark()
    trial.server.start()
    trial.server.wait_log(rf"\[{BIG}\].*'zone-set'", mark, timeout=30)
    mark = trial.server.mark()
    while not trial.server.find_log(rf"\[{BIG}\].*'zone-commit'", mark):
        trial.change_small()
    lines = trial.server.find_log(rf"\[{BIG}\].*'zone-set'|\[{BIG}\].*'zone-commit'|\[example.com.\].*verdict clean", mark)
    steps = ["verdict" if "verdict" in line else "set" if "zone-set" in line else "commit" for line in lines]
    check("verdict" in steps[:steps.index("commit")], "a small zone's verdict comes between the records")
