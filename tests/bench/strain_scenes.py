"""Strain: thousands of idle sessions, reloads under load, and the start."""

import contextlib
import operator
import os
import resource
import signal
import statistics
import subprocess
import sys
import time

import texts
from compare import EMPTY_SAME, OURS, Side, between, by_round, in_turn, measured, summarise
from filters import Empty, Failed, Ours, settled
from peer import MilterPeer
from scenes import Outcome, at_least, at_most, scene

IDLE, BUSY = 5000, 200
SPARE_FILES = 500
RELOAD_RATE = 500       # messages a second, open loop
RELOAD_REST = 2         # longer than a reload takes
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
    for number in range(times):
        for n in in_turn(len(filters), number):
            make, idle_count = filters[n]
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

    # KiB of each filter for an idle session, by round.
    of_same, of_ours = ([(among - without) * 1024 / IDLE for among, without in
                         zip(by_round(small[n + 2], "peak_mib"), by_round(small[n], "peak_mib"))]
                        for n in (0, 1))
    return Outcome(rows, targets=[
        at_most("5,000 idle: p99 of 200 busy", 1.5, rows[3]["ratio"]["p99_us"],
                floor=rows[2]["ratio"]["p99_us"]),
        at_most("5,000 idle: KiB of ours a session", 16,
                statistics.median(map(operator.sub, of_ours, of_same)), "%.1f",
                floor=statistics.median(of_same))])


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
    """Sends SIGUSR1 once a second, whenever it is called often enough.  lists:
    files that get one more line before each signal.  sent: how many signals."""

    def __init__(self, daemon, lists=()):
        self.daemon = daemon
        self.lists = lists
        self.sent = 0
        self.next = None

    def __call__(self):
        now = time.monotonic()
        if self.next is None:
            self.next = now
        if now >= self.next:
            texts.add_entries(self.lists)
            self.daemon.kill(signal.SIGUSR1)
            self.sent += 1
            self.next += 1


def _reload_alone(ours, lists):
    """What one reload takes where nothing else happens, with changed lists."""
    texts.add_entries(lists)
    before, began = settled(ours.pid), time.monotonic()
    ours.reload()
    took = time.monotonic() - began
    after = settled(ours.pid)
    return {"seconds": took, "cpu_seconds": after.cpu - before.cpu, "peak_mib": after.peak}


def _reloads(ours):
    """How many reloads have been done, once none is still to come."""
    count = None
    while True:
        before, count = count, ours.log().count("the new configuration is in force")
        if count == before:
            return count
        time.sleep(RELOAD_REST)


RELOADS = ["everything changed", "lists unchanged"]


@scene("reload", "a reload of everything, once a second under load")
def reload(bench):
    labels = ([OURS + ", usual"] + ["%s, a reload each second, %s" % (OURS, what)
                                    for what in RELOADS] +
              [EMPTY_SAME] + ["%s, CPU of such reloads beside it, %s" % (EMPTY_SAME, what)
                              for what in RELOADS])
    how = {"sessions": 50, "per_connection": 1, "rate": RELOAD_RATE,
           "seconds": 3 if bench.quick else 8}
    runs, done = [[] for _ in labels], [[] for _ in RELOADS]
    with bench.folder() as folder, contextlib.ExitStack() as running:
        files = texts.big_lists(folder)
        lists = [files, []]             # to be changed, as RELOADS says
        ours = running.enter_context(Ours(bench.build, folder, "ours", texts.everything(files)))
        same = running.enter_context(Empty(bench.build, folder, "same",
                                           bench.tools.terms(ours.socket)))
        alone = [_reload_alone(ours, changed) for changed in lists]
        count = _reloads(ours)
        for number in range(1 if bench.quick else 3):
            for n in in_turn(len(labels), number):
                reloader = Reloader(ours, lists[n - 1]) if n in (1, 2) else lambda: None
                with Burner(alone[n - 4]["cpu_seconds"]) if n > 3 else contextlib.nullcontext():
                    runs[n].append(measured(
                        bench.tools, Side(labels[n], [ours if n < 3 else same]), reloader, **how))
                if n in (1, 2):
                    # One signal a second; those that became one are missing.
                    count, before = _reloads(ours), count
                    done[n - 1].append((count - before) / reloader.sent)
    rows = summarise(labels, runs)
    targets, figures = [], {}
    for n, what in enumerate(RELOADS):
        rate = statistics.median(done[n])
        targets += [
            at_most("a reload of everything, %s: seconds" % what, 1, alone[n]["seconds"]),
            at_most("a reload each second, %s: p99 to the usual" % what, 2,
                    rows[n + 1]["ratio"]["p99_us"], floor=between(rows[n + 4], rows[3], "p99_us")),
            at_least("the same: reloads done a second", 0.9, rate, "%.2f")]
        end = "_unchanged" if n > 0 else ""
        figures.update({"reload_%s%s" % (name, end): value for name, value in alone[n].items()})
        figures["reloads_per_second" + end] = rate
    return Outcome(rows, targets=targets, figures=figures,
                   raw={"reloads_per_second": dict(zip(RELOADS, done))})


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
