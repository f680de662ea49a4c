"""The programs that are measured, and those that measure them.

    Tools(build).load("unix:/path", messages=1000)    # what load printed
    with Empty(build, folder, "name", terms) as one:  # an empty filter
    with Ours(build, folder, "name", CONFIGURATION) as one:
        one.socket, one.usage().cpu

An empty filter is libmilter with callbacks that return "continue" at once: what
a filter that does nothing must cost.  With the terms of ours, as load --terms
tells them, it is asked as little as ours is.
"""

import collections
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from served import Served                              # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")
SETTLE_SECONDS = 5
# What a process has used so far: seconds of CPU, of which user and system (in
# ticks only), MiB, threads.
Usage = collections.namedtuple("Usage", "cpu user system resident peak threads")


class Failed(Exception):
    """A measurement did not come about, and why."""


def usage(pid):
    """The usage of a process."""
    with open("/proc/%d/stat" % pid, encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    with open("/proc/%d/status" % pid, encoding="utf-8") as status:
        lines = dict(line.split(":", 1) for line in status if ":" in line)
    # The process's own clock counts nanoseconds: the macro CPUCLOCK_SCHED.
    return Usage(time.clock_gettime(~pid << 3 | 2), int(fields[11]) / TICK, int(fields[12]) / TICK,
                 int(lines["VmRSS"].split()[0]) / 1024, int(lines["VmHWM"].split()[0]) / 1024,
                 int(lines["Threads"]))


def settled(pid, seconds=SETTLE_SECONDS):
    """The usage once the process is quiet: connections that have ended are
    cleared away after the last answer."""
    end = time.monotonic() + seconds
    before = usage(pid)
    while True:
        time.sleep(0.02)
        now = usage(pid)
        if now.cpu - before.cpu < 0.0001 or time.monotonic() > end:
            return now
        before = now


def options(settings):
    """Keyword arguments as options of a command, per_connection=1 being
    --per-connection=1; True stands for an option without a value."""
    return ["--" + name.replace("_", "-") + ("" if value is True else "=%s" % (value,))
            for name, value in settings.items() if value is not None]


class Tools:
    """The programs of tests/bench that print JSON."""

    def __init__(self, build):
        self.build = os.path.abspath(build)

    def program(self, name):
        return os.path.join(self.build, "bench", name)

    def run(self, name, arguments, watch=lambda: None):
        """Run one to its end, calling watch() all the while; what it printed."""
        with subprocess.Popen([self.program(name)] + arguments, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            try:
                while process.poll() is None:
                    watch()
                    try:
                        process.wait(0.05)
                    except subprocess.TimeoutExpired:
                        pass
                out, problem = process.communicate()
            finally:
                if process.poll() is None:
                    process.kill()
        if process.returncode != 0:
            raise Failed("%s %s: exit code %d: %s%s" % (name, " ".join(arguments),
                                                        process.returncode, problem, out))
        return json.loads(out)

    def load(self, *sockets, watch=lambda: None, **settings):
        """Play the mail server to filters; how it went."""
        return self.run("load", options(settings) + list(sockets), watch)

    def terms(self, socket):
        """What a filter agrees to."""
        return self.run("load", ["--terms", socket])

    def ask(self, socket, **settings):
        """Ask a socketmap service; how it went."""
        return self.run("ask", options(settings) + [socket])

    def inside(self, *cases):
        """Measure within one process."""
        return self.run("inside", list(cases))


def terms_options(terms):
    """The options with which an empty filter agrees to these terms."""
    return (["--steps=" + terms["steps"], "--actions=" + terms["actions"]] +
            ["--symbols=%s:%s" % item for item in sorted(terms["symbols"].items())])


class Beside:
    """A running program that ours is measured beside, on a socket of its own."""

    def __init__(self, build, folder, program, name, words=(), wrapper=()):
        self.socket = "unix:" + os.path.join(folder, name + ".sock")
        self.command = (list(wrapper) + [os.path.join(build, "bench", program)] + list(words) +
                        [self.socket])
        self.process = None

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, text=True)
        said = self.process.stdout.readline()
        if said != "ready\n":
            self.__exit__()
            raise Failed("%s said %r" % (" ".join(self.command), said))
        return self

    def __exit__(self, *_exception):
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    @property
    def pid(self):
        return self.process.pid


class Empty(Beside):
    """A running empty filter, with every callback or on given terms."""

    def __init__(self, build, folder, name, terms=None, wrapper=()):
        super().__init__(build, folder, "empty", name, terms_options(terms) if terms else (),
                         wrapper)


class Ours(Served):
    """A running milter-reply."""

    def __init__(self, build, folder, name, configuration, settings="", **how):
        super().__init__(os.path.join(build, "milter-reply"), folder, configuration, settings,
                         name, listen="unix", **how)

    @property
    def pid(self):
        return self.process.pid
