# SPDX-License-Identifier: GPL-2.0-or-later
"""What a measurement yields, and how it stands in the table: Markdown that can be read as it is."""

import math
import statistics
from dataclasses import dataclass

COLUMNS = (("what", 69), ("here", 14), ("against", 56), ("ratio", 24), ("limit", 13))


def interval(values):
    """The 95 % interval of the median by order statistics, whatever the distribution; of fewer than six values, all of them."""
    values, rank = sorted(values), 0
    tail = 0.5 ** len(values)
    while 2 * tail <= 0.05:
        rank += 1
        tail += math.comb(len(values), rank) * 0.5 ** len(values)
    rank = max(rank - 1, 0)
    return values[rank], values[-1 - rank]


@dataclass
class Ratio:
    """Median of ratios, each of two values that were measured one after the other."""
    value: float
    low: float
    high: float

    @classmethod
    def of(cls, pairs):
        ratios = [first / second for first, second in pairs]
        return cls(statistics.median(ratios), *interval(ratios))

    def __str__(self):
        digits = 4 if abs(self.value - 1) < 0.1 and self.high - self.low < 0.01 else 2
        spread = "" if self.low == self.high else f" ({self.low:.{digits}f} to {self.high:.{digits}f})"
        return f"{self.value:.{digits}f}{spread}"


@dataclass
class Row:
    """One line.  A limit is one of the ratio, or, without a ratio, of `value`, the number that `here` shows."""
    what: str
    here: str
    against: str = ""
    ratio: Ratio | float | None = None
    limit: float | None = None
    value: float | None = None
    limit_text: str = ""
    failed: bool = False

    def within(self):
        number = self.value if self.ratio is None else getattr(self.ratio, "value", self.ratio)
        return round(number, 4) <= self.limit

    def cells(self):
        limit = ""
        if self.limit is not None:
            limit = f"{self.limit_text or self.limit} {'ok' if self.within() else 'OVER'}"
        ratio = "" if self.ratio is None else str(self.ratio) if isinstance(self.ratio, Ratio) else f"{self.ratio:.2f}"
        return self.what, self.here, self.against, ratio, limit


def line(cells):
    return "| " + " | ".join(f"{cell:{width}}" for cell, (_, width) in zip(cells, COLUMNS)) + " |"


def heading():
    return line([name for name, _ in COLUMNS]) + "\n|" + "|".join("-" * (width + 2) for _, width in COLUMNS) + "|"


def group(name):
    return line([f"**{name}**", "", "", "", ""])


def pair_row(what, pairs, form, against, limit=None):
    """A row of two values measured alternately: their medians, and the ratio."""
    here, there = (statistics.median(values) for values in zip(*pairs))
    return Row(what, form(here), f"{form(there)} {against}", Ratio.of(pairs), limit, limit_text=f"<= {limit}")


def value_row(what, values, form, limit=None, limit_text="", against=""):
    """A row of one value, with its spread."""
    low, high = interval(values)
    spread = "" if len(values) == 1 else f"{form(low)} to {form(high)}"
    middle = statistics.median(values)
    return Row(what, form(middle), "; ".join(part for part in (spread, against) if part), None, limit, middle, limit_text)


# --- units ---------------------------------------------------------------------------------------------------------------------------

def seconds(value):
    sign = "-" if value < 0 else ""
    value = abs(value)
    if value < 0.0095:
        return f"{sign}{value * 1000:.2f} ms"
    return f"{sign}{value * 1000:.0f} ms" if value < 1 else f"{sign}{value:.2f} s"


def mebibytes(value):
    return f"{value / 1048576:.1f} MiB"


def octets(value):
    return f"{value:,.0f} octets"


def number(value):
    return f"{value:,.0f}"


def instructions(value):
    return f"{value:,.0f} instr."


def percent(value):
    return f"{value * 100:.2f} %"
