"""What every benchmark shares: contenders take turns in one run, CPU is read from the process tree, ratios are told.

Absolute numbers depend on the machine and its neighbours; only ratios of one interleaved run mean anything.
"""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "platform"), str(ROOT / "tests" / "support")]
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Turn:
    """One contender's turn: how much it did, in how long, with how much CPU of the measured processes."""

    done: float
    wall_s: float
    cpu_s: float

    @property
    def rate(self) -> float:
        return self.done / self.wall_s

    @property
    def cpu_each(self) -> float:
        return self.cpu_s / self.done


def interleaved(contenders: Mapping[str, Callable[[], Turn]], rounds: int) -> dict[str, list[Turn]]:
    """Run every contender once a round, the order turned by one each round."""
    names, turns = list(contenders), {name: list[Turn]() for name in contenders}
    for number in range(rounds):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            turns[name].append(contenders[name]())
    return turns


def median(values: list[float]) -> float:
    return statistics.median(values)


def table(turns: Mapping[str, list[Turn]], unit: str) -> None:
    """Print the median and range of each contender."""
    print(f"{'contender':34} {unit + '/s':>10} {'range':>17} {'CPU ms each':>12}")
    for name, made in turns.items():
        rates = [turn.rate for turn in made]
        cpu = 1000 * median([turn.cpu_each for turn in made])
        print(f"{name:34} {median(rates):10.1f} {min(rates):8.1f}-{max(rates):<8.1f} {cpu:12.2f}")


def ratio(turns: Mapping[str, list[Turn]], one: str, other: str, what: str) -> float:
    """Return the median over rounds of one contender's value divided by the other's of the same round."""
    pairs = zip(turns[one], turns[other], strict=True)
    return median([getattr(a, what) / getattr(b, what) for a, b in pairs])


def tree_cpu_s(pid: int) -> float:
    """Return user and system time of a process, its living children and those it has waited for."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    own = sum(int(value) for value in fields[11:15]) * TICK_S
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return own + sum(tree_cpu_s(int(child)) for child in children)


def load() -> str:
    """Return the machine's load, without which no number can be read."""
    one, five, _ = os.getloadavg()
    return f"{os.cpu_count()} cores, load {one:.1f} (1 min), {five:.1f} (5 min)"
