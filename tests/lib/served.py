"""A milter-reply daemon of a test's own.

    from served import Served
    with Served(program, folder, CONFIGURATION) as daemon:
        daemon.socket                     # "inet:PORT@127.0.0.1"
        daemon.log()                      # its standard error as text
        daemon.write(CONFIGURATION)       # replaces the file; then:
        daemon.reload()                   # SIGUSR1, waits for what came of it

The configuration must not have a daemon group: it is made here, from the
option settings.  The daemon is started at once, waited for, and stopped at the
end by its process number.
"""

import os
import re
import signal
import subprocess
import time

from ports import free_port

START_SECONDS = 60
STOP_SECONDS = 30


class Served:
    """A running daemon; configuration and settings are text."""

    def __init__(self, program, folder, configuration, settings="", name="filter"):
        self.program = program
        self.file = os.path.join(folder, name + ".conf")
        self.errors = os.path.join(folder, name + ".log")
        self.socket = "inet:%d@127.0.0.1" % free_port()
        self.settings = settings
        self.write(configuration)
        self.process = None

    def __enter__(self):
        with open(self.errors, "ab") as errors:
            self.process = subprocess.Popen([self.program, "-c", self.file, "serve"],
                                            stdin=subprocess.DEVNULL, stdout=errors,
                                            stderr=errors)
        self.wait_log(r"event=start\b", START_SECONDS)
        return self

    def __exit__(self, *_exception):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def write(self, configuration):
        """Replace the configuration file at once; does not reload."""
        text = 'daemon: { milter = "%s"; %s };\n%s' % (self.socket, self.settings, configuration)
        with open(self.file + ".new", "wb") as out:
            out.write(text if isinstance(text, bytes) else text.encode("utf-8"))
        os.rename(self.file + ".new", self.file)

    def log(self):
        """What the daemon wrote so far."""
        with open(self.errors, encoding="latin-1") as log:
            return log.read()

    def wait_log(self, pattern, seconds=10, since=0):
        """Wait until the log, from position since, has the pattern; its match."""
        end = time.monotonic() + seconds
        while True:
            found = re.compile(pattern).search(self.log(), since)
            if found:
                return found
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError("no %r in the daemon's log:\n%s" % (pattern, self.log()))
            time.sleep(0.02)

    def reload(self):
        """Send SIGUSR1; returns the log line of what came of it."""
        since = len(self.log())
        self.process.send_signal(signal.SIGUSR1)
        return self.wait_log(r".*event=reload.*", 60, since).group()
