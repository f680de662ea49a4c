"""Filters beside each other: the same load on each in turn, several times.

    rows = compare(tools, [Side("empty filter", [empty]), Side("ours", [ours])],
                   rounds=5, seconds=1, sessions=8)
    rows[1]["ratio"]["cpu_us"]            # to the first row

Machines change speed while they run, so every round measures all sides, and a
ratio is the median of the ratios of the rounds.
"""

import collections
import operator
import statistics

from filters import Failed, settled, usage

# What of it the mail server asks, one after another; and all processes whose
# CPU and memory count.
Side = collections.namedtuple("Side", "label asked processes", defaults=(None,))

EMPTY = "empty filter"
EMPTY_SAME = "empty filter, same negotiation"
OURS = "milter-reply"

FIGURES = ["sessions_per_second", "messages_per_second", "cpu_us", "user_us", "system_us",
           "round_trips", "p50_us", "p99_us", "peak_mib", "threads"]


def measured(tools, side, also=lambda: None, **settings):
    """One run of the load on one side; also() is called all the while."""
    processes = side.processes or side.asked
    before = [settled(process.pid) for process in processes]
    threads = [now.threads for now in before]
    resident = [now.resident for now in before]

    def watch():
        also()
        for n, process in enumerate(processes):
            now = usage(process.pid)
            threads[n] = max(threads[n], now.threads)
            resident[n] = max(resident[n], now.resident)

    run = tools.load(*[one.socket for one in side.asked], watch=watch, **settings)
    if run["failed"] or run["refused"] or not run["messages"]:
        raise Failed("%s: %d messages, %d failed, %d refused" % (
            side.label, run["messages"], run["failed"], run["refused"]))
    after = [settled(process.pid) for process in processes]
    used = {name: sum(getattr(now, name) - getattr(then, name)
                      for now, then in zip(after, before)) for name in ("cpu", "user", "system")}
    return {**run, "cpu_seconds": used["cpu"], "user_ticks_seconds": used["user"],
            "system_ticks_seconds": used["system"], "threads": sum(threads),
            "resident_mib": sum(resident), "peak_mib": sum(now.peak for now in after)}


def _figures(run, user_part):
    cpu_us = run["cpu_seconds"] / run["messages"] * 1e6
    return {"sessions_per_second": run["sessions_per_second"],
            "messages_per_second": run["messages_per_second"],
            "cpu_us": cpu_us, "user_us": cpu_us * user_part, "system_us": cpu_us * (1 - user_part),
            "round_trips": run["round_trips_per_message"],
            "p50_us": run["latency_us"]["p50"], "p99_us": run["latency_us"]["p99"],
            "peak_mib": run["peak_mib"], "threads": run["threads"]}


def _user_part(runs):
    """User and system time come in ticks of 10 ms, too coarse for one run: how
    they share all runs together divides what the process's clock says."""
    user = sum(run["user_ticks_seconds"] for run in runs)
    system = sum(run["system_ticks_seconds"] for run in runs)
    return user / (user + system) if user + system > 0 else 0.5


def summarise(labels, runs):
    """The rows for these runs, a list for each label: medians, and ratios to the
    first label."""
    figures = [[_figures(run, _user_part(of_one)) for run in of_one] for of_one in runs]
    rows = []
    for label, of_one, raw in zip(labels, figures, runs):
        middle = {name: statistics.median(f[name] for f in of_one) for name in FIGURES}
        ratio = {name: statistics.median(f[name] / max(base[name], 1e-9)
                                         for f, base in zip(of_one, figures[0]))
                 for name in FIGURES}
        # As parts of the whole CPU time of the first: together they are cpu_us.
        for name in ("user_us", "system_us"):
            ratio[name] = ratio["cpu_us"] * middle[name] / max(middle["cpu_us"], 1e-9)
        rows.append({"filter": label, "is_base": not rows, "figures": middle, "ratio": ratio,
                     "runs": raw})
    return rows


def by_round(row, name):
    """A figure of a row in each round."""
    return [_figures(run, 0.5)[name] for run in row["runs"]]


def between(one, other, name, how=operator.truediv):
    """The median over the rounds of a figure of one row to that of another."""
    return statistics.median(map(how, by_round(one, name), by_round(other, name)))


def in_turn(count, number):
    """The order of so many sides in a round: there and back, so that none is
    always the one that runs after the other."""
    return range(count) if number % 2 == 0 else reversed(range(count))


def compare(tools, sides, rounds, **settings):
    """Rows for all sides, the first of which is what the others are held against.
    settings: the options of load."""
    runs = [[] for _ in sides]
    for number in range(rounds):
        for n in in_turn(len(sides), number):
            runs[n].append(measured(tools, sides[n], **settings))
    return summarise([side.label for side in sides], runs)
