"""What all measured cases share: their register, and how a target is told.

    @scene("envelope", "envelope-only policies")
    def envelope(bench):
        return Outcome(rows=..., targets=[at_most(...)])
"""

import contextlib
import os
import tempfile

from compare import EMPTY, EMPTY_SAME, OURS, Side, compare
from filters import Empty, Failed, Ours, Tools

SCENES = {}     # name: (title, function), in the order of the table


def scene(name, title):
    """Registers a case of the bench."""
    def register(function):
        SCENES[name] = (title, function)
        return function
    return register


class Outcome:
    """What a case found: rows of compare(), other figures {name: value}, targets,
    and raw values of single runs that are in neither."""

    def __init__(self, rows=(), figures=None, targets=(), raw=None):
        self.rows = list(rows)
        self.figures = figures or {}
        self.targets = list(targets)
        self.raw = raw

    def as_json(self):
        return vars(self)


def _target(what, met, target, here, floor=""):
    return {"what": what, "target": target, "here": here, "libmilter": floor, "met": met}


def at_most(what, limit, value, form="%.2f", floor=None, below=False):
    """A target that is a limit; floor is what doing nothing takes of it."""
    return _target(what, value < limit if below else value <= limit,
                   ("under " if below else "at most ") + form % limit, form % value,
                   form % floor if floor is not None else "")


def at_least(what, limit, value, form="%.0f", floor=None):
    return _target(what, value >= limit, "at least " + form % limit, form % value,
                   form % floor if floor is not None else "")


def exactly(what, wanted, value, form="%g", floor=None):
    return _target(what, abs(value - wanted) < 0.001, form % wanted, form % value,
                   form % floor if floor is not None else "")


class Bench:
    """Where and how long to measure."""

    def __init__(self, build, quick=False):
        self.tools = Tools(build)
        self.build = self.tools.build
        self.root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        self.quick = quick
        self.rounds = 3 if quick else 7
        self.seconds = 0.3 if quick else 1

    def folder(self):
        """A folder for sockets and configurations, removed at the end of `with'."""
        return tempfile.TemporaryDirectory(prefix="bench.")

    def terms(self, folder, configuration, settings=""):
        """What our daemon asks of the mail server with a configuration."""
        with Ours(self.build, folder, "terms", configuration, settings) as ours:
            return self.tools.terms(ours.socket)

    def against_empty(self, configurations, **settings):
        """Rows: the empty filter, the one with our negotiation, and ours with each
        of the configurations {label: text}, which must negotiate alike."""
        settings.setdefault("seconds", self.seconds)
        with self.folder() as folder, contextlib.ExitStack() as running:
            ours = [running.enter_context(Ours(self.build, folder, "ours%d" % n, text))
                    for n, text in enumerate(configurations.values())]
            terms = [self.tools.terms(one.socket) for one in ours]
            if any(other != terms[0] for other in terms):
                raise Failed("the configurations do not negotiate alike")
            empty = running.enter_context(Empty(self.build, folder, "empty"))
            same = running.enter_context(Empty(self.build, folder, "same", terms[0]))
            sides = [Side(EMPTY, [empty]), Side(EMPTY_SAME, [same])]
            sides += [Side(label, [one]) for label, one in zip(configurations, ours)]
            return compare(self.tools, sides, self.rounds, **settings)

    def ours_against_empty(self, configuration, **settings):
        return self.against_empty({OURS: configuration}, **settings)
