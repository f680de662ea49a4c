"""Strain: thousands of idle sessions, reloads under load, and the start."""

import contextlib
import os
import resource
import signal
import statistics
import subprocess
import sys
import time

import texts
from compare import EMPTY_SAME, OURS, Side, measured, summarise
from filters import Empty, Failed, Ours, settled
from peer import MilterPeer
from scenes import Outcome, at_most, scene

IDLE, BUSY = 5000, 200
SPARE_FILES = 500
RELOAD_RATE = 500       # messages a second, open loop
RELOAD_SECONDS = 60     # what is waited for at most
START_SECONDS = 10


def _allow_files(count):
    """As many open files as that, for us and what we start."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        raise Failed("needs %d open files, and %d are allowed" % (count, hard))
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


def _fresh(bench, folder, filters, labels, times, **settings):
    """Runs of filters in turn, each time a new process: memory once used is not
    given back.  filters: functions that make one, and how many idle sessions."""
    runs = [[] for _ in filters]
    for _ in range(times):
        for n, (make, idle_count) in enumerate(filters):
            with make() as one:
                runs[n].append(measured(bench.tools, Side(labels[n], [one]), idle=idle_count,
                                        per_connection=1, **settings))
    return summarise(labels, runs)


@scene("idle", "5,000 idle sessions beside 200 busy ones")
def idle(bench):
    _allow_files(IDLE + BUSY + SPARE_FILES)
    times = 1 if bench.quick else 3
    with bench.folder() as folder:
        terms = bench.terms(folder, texts.envelope())

        def empty():
            return Empty(bench.build, folder, "same", terms)

        def ours():
            return Ours(bench.build, folder, "ours", texts.envelope())

        filters = [(empty, 0), (ours, 0), (empty, IDLE), (ours, IDLE)]
        names = [EMPTY_SAME, OURS] * 2
        beside = [", 200 busy"] * 2 + [", 200 busy and 5,000 idle"] * 2
        rows = _fresh(bench, folder, filters, [a + b for a, b in zip(names, beside)], times,
                      sessions=BUSY, seconds=bench.seconds * 3)
        # Memory beside one busy session: 200 take more, and how much varies.
        small = _fresh(bench, folder, filters, names, times, sessions=1, seconds=0.3)

    def per_idle(n):
        """KiB of a filter for each idle session."""
        return 1024 / IDLE * (small[n + 2]["figures"]["peak_mib"] - small[n]["figures"]["peak_mib"])

    return Outcome(rows, targets=[
        at_most("5,000 idle: p99 of 200 busy", 1.5, rows[3]["ratio"]["p99_us"],
                floor=rows[2]["ratio"]["p99_us"]),
        at_most("5,000 idle: KiB of ours a session", 16, per_idle(1) - per_idle(0), "%.1f",
                floor=per_idle(0))])


class Burner:
    """Another process that takes so many seconds of CPU in each second."""

    CODE = ("import sys, time\n"
            "share = float(sys.argv[1])\n"
            "while True:\n"
            "    began, used = time.monotonic(), time.process_time()\n"
            "    while time.process_time() - used < share:\n"
            "        pass\n"
            "    time.sleep(max(0, 1 - (time.monotonic() - began)))\n")

    def __init__(self, share):
        self.share = share

    def __enter__(self):
        self.process = subprocess.Popen([sys.executable, "-c", self.CODE, str(self.share)])
        return self

    def __exit__(self, *_exception):
        self.process.kill()
        self.process.wait()


class Reloader:
    """Sends SIGUSR1 once a second, whenever it is called often enough."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.next = time.monotonic()

    def __call__(self):
        if time.monotonic() >= self.next:
            self.daemon.kill(signal.SIGUSR1)
            self.next += 1


def _reload_alone(ours):
    """What one reload takes where nothing else happens."""
    before, began = settled(ours.pid), time.monotonic()
    ours.reload()
    took = time.monotonic() - began
    after = settled(ours.pid)
    return {"seconds": took, "cpu_seconds": after.cpu - before.cpu, "peak_mib": after.peak}


def _reloads(ours):
    """How many reloads have been done."""
    return ours.log().count("the new configuration is in force")


@scene("reload", "a reload of everything, once a second under load")
def reload(bench):
    labels = [OURS + ", usual", OURS + ", a reload each second", EMPTY_SAME,
              EMPTY_SAME + ", CPU taken beside it"]
    how = {"sessions": 50, "per_connection": 1, "rate": RELOAD_RATE,
           "seconds": 3 if bench.quick else 8}
    runs = [[] for _ in labels]
    with bench.folder() as folder, contextlib.ExitStack() as running:
        ours = running.enter_context(Ours(bench.build, folder, "ours",
                                          texts.everything(texts.big_lists(folder))))
        same = running.enter_context(Empty(bench.build, folder, "same",
                                           bench.tools.terms(ours.socket)))
        alone = _reload_alone(ours)
        done = []
        for _ in range(1 if bench.quick else 3):
            for n, side in enumerate((ours, ours, same, same)):
                before = _reloads(ours)
                with Burner(alone["cpu_seconds"]) if n == 3 else contextlib.nullcontext():
                    runs[n].append(measured(
                        bench.tools, Side(labels[n], [side]),
                        Reloader(ours) if n == 1 else lambda: None, **how))
                    if n == 1:
                        done.append((_reloads(ours) - before) / how["seconds"])
                    settled(ours.pid, RELOAD_SECONDS)       # those still to come
    rows = summarise(labels, runs)
    return Outcome(rows, targets=[
        at_most("a reload of everything: seconds", 1, alone["seconds"]),
        at_most("a reload each second: p99", 2, rows[1]["ratio"]["p99_us"],
                floor=rows[3]["figures"]["p99_us"] / rows[2]["figures"]["p99_us"])],
        figures={"one_" + name: value for name, value in alone.items()},
        raw={"reloads_per_second": done})


def _first_answer(command, socket):
    """Seconds from the start of a command to its answer to a negotiation."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    try:
        while True:
            try:
                with MilterPeer(socket) as peer:
                    peer.negotiate()
                    return time.monotonic() - began
            except OSError:
                if process.poll() is not None or time.monotonic() - began > START_SECONDS:
                    raise Failed("no answer from %s" % " ".join(command)) from None
                time.sleep(0.0002)
    finally:
        process.kill()          # the next one takes away the socket that is left
        process.wait()


@scene("start", "from the start to the first answer")
def start(bench):
    with bench.folder() as folder:
        socket = "unix:" + os.path.join(folder, "sample.sock")
        conf = os.path.join(folder, "sample.conf")
        with open(conf, "w", encoding="utf-8") as out:
            out.write(texts.sample(bench.root, socket))
        commands = {OURS: [os.path.join(bench.build, "milter-reply"), "-c", conf, "serve"],
                    "empty": [bench.tools.program("empty"), socket]}
        took = {name: [] for name in commands}
        for _ in range(5 if bench.quick else 15):
            for name, command in commands.items():
                took[name].append(_first_answer(command, socket) * 1e3)
    middle = {name: statistics.median(values) for name, values in took.items()}
    return Outcome(targets=[at_most("start to first answer, ms", 50, middle[OURS], "%.1f",
                                    floor=middle["empty"], below=True)], raw={"milliseconds": took})
