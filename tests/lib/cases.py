"""Tests of a script: named functions that raise where something is wrong.

    from cases import case, run, same
    @case
    def a_good_name():
        same("what is compared", got, wanted)
    run()                                 # prints and exits

A case prints "ok FILE: name" or "not ok FILE: name" and why.
"""

import os
import shutil
import sys
import tempfile
import traceback

CASES = []
BUILD = os.path.abspath(os.environ.get("BUILD", "build"))


def case(function):
    """Marks a function as a test; they run in the order of the file."""
    CASES.append(function)
    return function


def same(what, got, wanted):
    """Fails, and shows both, where they differ."""
    if got != wanted:
        raise AssertionError("%s:\n   got %r\nwanted %r" % (what, got, wanted))


def say(name, problem=None):
    """Prints the line of one test; problem None is success."""
    script = os.path.basename(sys.argv[0]).removesuffix(".py")
    print("%sok %s: %s%s" % ("" if problem is None else "not ", script, name,
                             "\n" + problem if problem else ""), flush=True)
    return problem is None


def run():
    """Runs all cases and exits: 0 if all passed."""
    good = True
    for function in CASES:
        try:
            function()
            problem = None
        except Exception:
            problem = traceback.format_exc()
        good &= say(function.__name__.replace("_", " "), problem)
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
