"""Mail through filters: what a message costs, beside an empty filter."""

import contextlib

import texts
from compare import OURS, Side, between, compare
from filters import Empty, Ours
from scenes import Outcome, at_most, exactly, scene

# One client after another comes with one message, as most do.
ONE_EACH = {"sessions": 4, "per_connection": 1}


def _cpu(rows, what, limit, trips=None):
    """The targets of a case: CPU per message, and round trips."""
    same, ours = rows[1], rows[2]
    targets = [at_most(what + ": CPU per message", limit, ours["ratio"]["cpu_us"],
                       floor=same["ratio"]["cpu_us"])]
    if trips is not None:
        targets.append(exactly(what + ": round trips", trips, ours["figures"]["round_trips"],
                               floor=same["figures"]["round_trips"]))
    return targets


@scene("envelope", "envelope-only policies")
def envelope(bench):
    rows = bench.ours_against_empty(texts.envelope(), **ONE_EACH)
    return Outcome(rows, targets=_cpu(rows, "envelope-only policies", 0.36, trips=3))


@scene("headers", "12 headers looked at")
def headers(bench):
    rows = bench.ours_against_empty(texts.headers(), headers=12, **ONE_EACH)
    return Outcome(rows, targets=_cpu(rows, "12 headers, decided at the end", 0.78, trips=3))


@scene("body", "headers and body looked at, 4 kB")
def body(bench):
    rows = bench.ours_against_empty(texts.body(), headers=12, body=4096, **ONE_EACH)
    return Outcome(rows, targets=_cpu(rows, "headers and body, 4 kB", 1.0))


@scene("64k", "headers and body looked at, 64 kB")
def body_64k(bench):
    return Outcome(bench.ours_against_empty(texts.body(), body=65536, **ONE_EACH))


@scene("5m", "headers and body looked at, 5 MB")
def body_5m(bench):
    return Outcome(bench.ours_against_empty(texts.body(), body=5000000, **ONE_EACH))


@scene("no-message", "envelope-only policies, no message content")
def no_message(bench):
    return Outcome(bench.ours_against_empty(texts.envelope(), headers=0, body=0, **ONE_EACH))


@scene("many-messages", "headers and body, many messages a connection")
def many_messages(bench):
    return Outcome(bench.ours_against_empty(texts.body(), sessions=4, per_connection=0))


@scene("recipients", "envelope-only policies, 20 recipients")
def recipients(bench):
    rows = bench.ours_against_empty(texts.envelope(), recipients=20, **ONE_EACH)
    return Outcome(rows, targets=[exactly("20 recipients: round trips", 22,
                                  rows[2]["figures"]["round_trips"],
                                  floor=rows[1]["figures"]["round_trips"])])


@scene("one-session", "headers and body, one session at a time")
def one_session(bench):
    return Outcome(bench.ours_against_empty(texts.body(), sessions=1, per_connection=1))


@scene("200-sessions", "headers and body, 200 sessions at a time")
def many_sessions(bench):
    return Outcome(bench.ours_against_empty(texts.body(), sessions=200, per_connection=1))


@scene("policies", "10 and 10,000 mixed policies")
def policies(bench):
    rows = bench.against_empty({OURS + ", 10 policies": texts.mixed(10, 1),
                                OURS + ", 10,000 policies": texts.mixed(10000, 500)}, **ONE_EACH)
    return Outcome(rows, targets=[at_most("10,000 policies instead of 10: CPU", 1.2,
                                  between(rows[3], rows[2], "cpu_us"), floor=1.0)])


def _behind(bench, folder, **settings):
    """Rows: two empty filters attached to the mail server; ours with one behind;
    and one empty filter, beside which the others show what the second hop is."""
    with contextlib.ExitStack() as running:
        first, second, behind = (running.enter_context(Empty(bench.build, folder, name))
                                 for name in ("first", "second", "behind"))
        ours = running.enter_context(Ours(
            bench.build, folder, "ours",
            'milters: ( { name = "behind"; socket = "%s"; } );' % behind.socket))
        return compare(bench.tools, [
            Side("two empty filters, both attached", [first, second]),
            Side(OURS + " with an empty filter behind", [ours], [ours, behind]),
            Side("one empty filter alone", [first])],
            bench.rounds, seconds=bench.seconds, **settings)


@scene("behind", "a milter behind us")
def behind(bench):
    outcome = Outcome()
    for sessions in (1, 4):
        with bench.folder() as folder:
            rows = _behind(bench, folder, sessions=sessions, per_connection=1)
        outcome.rows += [{**row, "filter": "%s, %d at a time" % (row["filter"], sessions)}
                         for row in rows]
        outcome.targets.append(at_most(
            "a milter behind us: wall time, %d at a time" % sessions, 1.25,
            1 / rows[1]["ratio"]["messages_per_second"]))
    return outcome
