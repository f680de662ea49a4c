"""A milter-reply daemon of a test's own.

    from served import Served
    with Served(program, folder, CONFIGURATION) as daemon:
        daemon.socket                     # "inet:PORT@127.0.0.1"
        daemon.log()                      # its standard error as text
        daemon.reload(CONFIGURATION)      # waits for what comes of it
        with daemon.peer() as peer:       # a connection to it, see peer.py
            ...

The configuration must not have a daemon group: it is made here, from the
option settings.  The daemon is started at once and waited for.  At the end it
must still run, stop with exit code 0, and no sanitizer may have complained;
where the test fails the end of its log goes to standard error.

    daemon = Served(program, None, CONFIGURATION, 'user = "nosuchuser";')
    daemon.refused()                      # must not start; what it says
    daemon.remove()
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from cases import check, same, until
from peer import MilterPeer
from ports import free_port

START_SECONDS = 60
# A daemon stops within a second.  One under ThreadSanitizer on a busy machine
# takes many times as long, and how long is of interest to few tests: those
# compare what stop() returns.
STOP_SECONDS = 180
LIB = os.path.dirname(os.path.abspath(__file__))


class Served:
    """A running daemon; configuration and settings are text.

    folder       for configuration and log; None: one of its own, with all
                 users let in, that is removed at the end
    settings     of the group daemon, besides its socket
    name         of the files in the folder, without their ends
    listen       the socket; "unix": one in the folder; None: a free port
    environment  variables besides those of the test, {name: value}
    wrapper      words in front of the command, such as ["valgrind"]; it may take
                 its time to start then
    how          further options for subprocess.Popen
    """

    def __init__(self, program, folder, configuration, settings="", name="filter", *,
                 listen=None, environment=None, wrapper=(), **how):
        self.program = program
        self.wrapper = list(wrapper)
        self.is_own_folder = folder is None
        self.folder = tempfile.mkdtemp(prefix="milter-reply.") if folder is None else folder
        if self.is_own_folder:
            os.chmod(self.folder, 0o755)
        self.name = name
        self.file = self.path(".conf")
        self.socket = ("unix:" + self.path(".sock") if listen == "unix" else
                       listen or "inet:%d@127.0.0.1" % free_port())
        self.settings = settings
        self.environment = {**os.environ, "TSAN_OPTIONS": self._tsan_options(),
                            **(environment or {})}
        self.how = how
        self.process = None
        with open(self.path(".log"), "wb"):     # without what another one wrote
            pass
        self.write(configuration)

    def path(self, end):
        """One of the files of this daemon."""
        return os.path.join(self.folder, self.name + end)

    def _tsan_options(self):
        """Heeded by a binary with -fsanitize=thread only."""
        return "%s atexit_sleep_ms=0 suppressions=%s" % (
            os.environ.get("TSAN_OPTIONS", ""), os.path.join(LIB, "tsan.supp"))

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.remove()
            raise

    def __exit__(self, kind=None, *_exception):
        try:
            if kind is None:
                check("the daemon lives to the end", self.is_running(), self.log())
                self.stop()
                check("no sanitizer complains", "Sanitizer" not in self.log() and
                      "runtime error" not in self.log(), self.log()[-3000:])
            elif issubclass(kind, Exception):
                sys.stderr.write(self.log()[-3000:])
        finally:
            self.remove()

    def launch(self):
        """Run the daemon without waiting for anything."""
        with open(self.path(".log"), "ab") as log:
            self.process = subprocess.Popen(
                self.wrapper + [self.program, "-c", self.file, "serve"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment,
                **self.how)

    def start(self):
        """Start, or start again, and wait until it serves."""
        since = len(self.log())
        self.launch()
        self.wait_log(r"event=start\b", START_SECONDS * (10 if self.wrapper else 1), since)
        until("libmilter waits for signals", self._has_signal_thread, START_SECONDS)
        return self

    def _has_signal_thread(self):
        """True once one of libmilter's threads is in sigwait(): a signal before
        that stops it slowly, see include/daemon/signals.h."""
        tasks = "/proc/%d/task" % self.process.pid
        for task in os.listdir(tasks):
            try:
                with open(os.path.join(tasks, task, "wchan"), encoding="ascii") as wchan:
                    if "sigtimedwait" in wchan.read():
                        return True
            except OSError:
                pass                # a thread that has ended
        return False

    def refused(self):
        """Start one that must not come up; returns what it says."""
        self.launch()
        same("exit code", self.process.wait(START_SECONDS), 1)
        return self.log()

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self, number):
        """Send a signal."""
        self.process.send_signal(number)

    def stop(self, number=signal.SIGTERM):
        """Stop it, which must go well; returns the seconds that it took."""
        began = time.monotonic()
        self.kill(number)
        code = self.process.wait(STOP_SECONDS)
        took = time.monotonic() - began
        check("exit code after a signal", code == 0, "%d:\n%s" % (code, self.log()[-3000:]))
        return took

    def remove(self):
        """End what still runs, without a check, and remove a folder of its own."""
        if self.is_running():
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.is_own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def write(self, configuration):
        """Replace the configuration file at once; does not reload."""
        text = 'daemon: { milter = "%s"; %s };\n%s' % (self.socket, self.settings, configuration)
        with open(self.file + ".new", "wb") as out:
            out.write(text.encode("utf-8"))
        os.rename(self.file + ".new", self.file)

    def log(self):
        """What the daemon wrote so far."""
        with open(self.path(".log"), encoding="latin-1") as log:
            return log.read()

    def wait_log(self, pattern, seconds=10, since=0):
        """Wait until the log, from position since, has the pattern; its match."""
        end = time.monotonic() + seconds
        while True:
            found = re.compile(pattern).search(self.log(), since)
            if found:
                return found
            if not self.is_running() or time.monotonic() > end:
                raise AssertionError("no %r in the daemon's log:\n%s" % (pattern, self.log()))
            time.sleep(0.02)

    def reload(self, configuration=None, good=True):
        """Reload, from a new configuration if given; it must be good, or not."""
        if configuration is not None:
            self.write(configuration)
        since = len(self.log())
        self.kill(signal.SIGUSR1)
        at = self.wait_log(r"event=reload.*\n", 60, since).start()
        same("a good reload", "level=error" not in self.log()[at:], good)

    def peer(self, **how):
        """A mail server's connection to it."""
        return MilterPeer(self.socket, **how)
