"""Tests of a script: named functions that raise where something is wrong.

    from cases import case, run, same
    @case
    def a_good_name():
        same("what is compared", got, wanted)
    run()                                 # prints and exits

A case prints "ok FILE: name" or "not ok FILE: name" and why.  Words behind the
program on the command line choose the cases whose names contain one of them.
"""

import os
import shutil
import signal
import sys
import tempfile
import time
import traceback

CASES = []
BUILD = os.path.abspath(os.environ.get("BUILD", "build"))


def case(function):
    """Marks a function as a test; they run in the order of the file."""
    CASES.append(function)
    return function


def check(what, truth, detail=""):
    """Fails, and says what, where it is not so."""
    if not truth:
        raise AssertionError("%s%s" % (what, ": %s" % (detail,) if detail != "" else ""))


def same(what, got, wanted):
    """Fails, and shows both, where they differ."""
    if got != wanted:
        raise AssertionError("%s:\n   got %r\nwanted %r" % (what, got, wanted))


def until(what, condition, seconds=10):
    """Waits until the condition, a function, holds; fails when it is too late."""
    end = time.monotonic() + seconds
    while not condition():
        check("in time: " + what, time.monotonic() < end)
        time.sleep(0.01)


def exit_on_sigterm():
    """Let SIGTERM end this process in the ordinary way, with all clean-up."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def say(name, problem=None):
    """Prints the line of one test; problem None is success."""
    script = os.path.basename(sys.argv[0]).removesuffix(".py")
    print("%sok %s: %s%s" % ("" if problem is None else "not ", script, name,
                             "\n" + problem if problem else ""), flush=True)
    return problem is None


def run():
    """Runs the cases and exits: 0 if all passed."""
    exit_on_sigterm()                     # so that no daemon is left behind
    good = True
    words = sys.argv[2:] or [""]
    for function in CASES:
        name = function.__name__.replace("_", " ")
        if not any(word.replace("_", " ") in name for word in words):
            continue
        try:
            function()
            problem = None
        except Exception:
            problem = traceback.format_exc()
        good &= say(name, problem)
    sys.exit(0 if good else 1)


def _reachable(folder):
    """Every user may enter the folder, and none of its parents can be written
    to by others: what Postfix needs, and what Sendmail demands."""
    while True:
        mode = os.stat(folder).st_mode
        if mode & 0o022 or not mode & 0o001:
            return False
        if folder == "/":
            return True
        folder = os.path.dirname(folder)


class Folder:
    """A folder for mail servers, removed at the end."""

    def __enter__(self):
        os.makedirs(BUILD, exist_ok=True)
        base = BUILD if _reachable(BUILD) else "/var/lib"
        self.path = tempfile.mkdtemp(prefix="test.", dir=base)
        os.chmod(self.path, 0o755)
        return self.path

    def __exit__(self, *_exception):
        shutil.rmtree(self.path, ignore_errors=True)
