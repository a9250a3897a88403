# SPDX-License-Identifier: GPL-2.0-or-later
"""Each measurement of a server ends and yields its rows, tiny as the zones may be here."""

import os
import subprocess
from functools import partial

from lib import MODULE, ROOT, check, equal, limit, long


def measured(group, bench):
    done = subprocess.run([ROOT / "tests/bench/run", "--scale", "0.001", f"^{group}[.]"], capture_output=True, text=True, timeout=800,
                          env={**os.environ, "CNAMEGUARD_MODULE": str(MODULE)})
    equal((done.returncode, done.stderr), (0, ""), done.stdout)
    check(len([line for line in done.stdout.splitlines() if line.startswith("| ")]) > 2, done.stdout)


for _group in ("verdict", "many", "churn"):
    globals()[f"test_{_group}"] = limit(900)(long(partial(measured, _group)))
