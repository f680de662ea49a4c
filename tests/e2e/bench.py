#!/usr/bin/env python3
"""The programs that measure count right.  Nothing here is timed.

    bench.py PROGRAM [NAME ...]
"""

import contextlib
import functools
import json
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from cases import case, check, run, same                    # noqa: E402
from milterproto import PROTOCOL, decode_macros, packet, strings  # noqa: E402
from ports import free_port                                 # noqa: E402
from scripted import CLOSE, ScriptedMilter, changes, add_header, reply  # noqa: E402
from served import Served                                   # noqa: E402

PROGRAM = os.path.abspath(sys.argv[1])
BENCH = os.path.join(os.path.dirname(PROGRAM), "bench")
serve = functools.partial(Served, PROGRAM, None)
SECONDS = 120

ENVELOPE = """
policies: (
  { name = "client"; when = { client_ip = "198.51.100.1"; }; reject = "client-refused"; },
  { name = "domain"; when = { sender_domain = ".example.org"; }; reject = "client-refused"; },
  { name = "gone"; when = { recipient = "gone@example.com"; }; reject = "no-such-mailbox"; } );
"""
BODY = """
policies: ( { name = "words"; when = { body = "/casino/"; }; reject = "spam"; } );
"""
# "user0@example.com" is the recipient of the first message.
REFUSES = """
policies: ( { name = "gone"; when = { recipient = "user0@example.com"; };
              reject = "no-such-mailbox"; } );
"""


def measured(program, *arguments, code=0):
    """Runs load or ask; what it prints, and "said", its complaints."""
    done = subprocess.run([os.path.join(BENCH, program), *map(str, arguments)],
                          capture_output=True, text=True, timeout=SECONDS, check=False)
    same("exit code", (done.returncode, done.stderr if code == 0 else ""), (code, ""))
    return {**json.loads(done.stdout), "said": done.stderr}


load = functools.partial(measured, "load")


def numbers(result, *names):
    return tuple(result[name] for name in names)


def same_soon(what, get, wanted):
    """For what a filter has read: the last packets are on their way when load ends."""
    end = time.monotonic() + 10
    while get() != wanted and time.monotonic() < end:
        time.sleep(0.01)
    same(what, get(), wanted)


@contextlib.contextmanager
def empty(*options):
    """An empty filter that listens; gives its socket."""
    socket = "inet:%d@127.0.0.1" % free_port()
    with subprocess.Popen([os.path.join(BENCH, "empty"), *options, socket],
                          stdout=subprocess.PIPE, text=True) as process:
        try:
            same("it listens", process.stdout.readline(), "ready\n")
            yield socket
            check("it lives to the end", process.poll() is None)
            process.terminate()
            same("exit code of the empty filter", process.wait(SECONDS), 0)
        finally:
            process.kill()


@case
def each_step_of_a_filter_with_all_is_a_round_trip():
    connection = 3                                  # negotiation, connection, HELO
    message = 1 + 2 + 1 + 4 + 1 + 4 + 1             # 200,000 bytes are 4 pieces
    with empty() as socket:
        result = load("--messages=7", "--per-connection=3", "--recipients=2", "--headers=4",
                      "--body=200000", socket)
    same("messages", numbers(result, "messages", "failed", "refused", "connections"), (7, 0, 0, 3))
    same("round trips", result["round_trips"], 3 * connection + 7 * message)
    same("for a message", result["round_trips_per_message"],
         round((3 * connection + 7 * message) / 7, 4))
    same("terms", numbers(result, "steps", "actions", "symbols"), ("0x000000", "0x000", {}))


@case
def many_sessions_share_the_messages():
    with empty() as socket:
        result = load("--messages=100", "--sessions=9", "--per-connection=4", "--headers=0",
                      "--body=0", socket)
        same("all are told", numbers(result, "messages", "failed"), (100, 0))
        same("round trips", result["round_trips"], result["connections"] * 3 + 100 * 5)
        check("connections", 25 <= result["connections"] <= 25 + 9, result["connections"])
        result = load("--messages=100", "--sessions=5", "--per-connection=0", socket)
        same("each stays on its connection", numbers(result, "messages", "connections"), (100, 5))


@case
def the_empty_filter_agrees_to_what_it_is_told():
    terms = ["--steps=0x085bc2", "--actions=0x100", "--symbols=connect:j", "--symbols=helo:",
             "--symbols=rcpt:i {rcpt_addr}"]
    with empty(*terms) as socket:
        same("terms", load("--terms", socket),
             {"steps": "0x085bc2", "actions": "0x100", "said": "",
              "symbols": {"connect": "j", "helo": "", "rcpt": "i {rcpt_addr}"}})
        result = load("--messages=10", "--recipients=3", socket)
        same("only recipients and the end are asked",
             numbers(result, "messages", "failed", "round_trips"), (10, 0, 10 * (1 + 3 + 1)))


@case
def our_daemon_is_asked_for_recipients_and_the_end():
    with serve(ENVELOPE) as daemon:
        for recipients, per_connection in ((1, 1), (3, 1), (2, 5)):
            result = load("--messages=10", "--recipients=%d" % recipients,
                          "--per-connection=%d" % per_connection, daemon.socket)
            same("messages", numbers(result, "messages", "failed", "refused"), (10, 0, 0))
            same("round trips", result["round_trips"],
                 10 // per_connection + 10 * (recipients + 1))


@case
def our_daemon_reads_a_large_body_at_once():
    with serve(BODY, listen="unix") as daemon:
        result = load("--messages=3", "--body=5000000", "--sessions=2", daemon.socket)
        same("messages", numbers(result, "messages", "failed", "refused"), (3, 0, 0))
        same("round trips", result["round_trips"], 3 * 3)


@case
def what_our_daemon_refuses_is_counted():
    with serve(REFUSES) as daemon:
        result = load("--messages=10", daemon.socket)
        same("messages", numbers(result, "messages", "failed", "refused"), (10, 0, 1))
        same("no end where there is no recipient", result["round_trips"], 10 * 3 - 1)
        result = load("--messages=10", "--recipients=2", daemon.socket)
        same("other recipients go on", numbers(result, "refused", "round_trips"), (0, 10 * 4))


@case
def several_filters_are_asked_one_after_another():
    with empty() as first, serve(ENVELOPE) as daemon, empty("--steps=0x1ff3ff") as third:
        result = load("--messages=5", "--headers=2", "--body=100", first, daemon.socket, third)
    same("messages", numbers(result, "messages", "failed", "connections"), (5, 0, 5))
    same("round trips", result["round_trips"], 5 * ((3 + 2 + 1 + 2 + 1 + 1 + 1) + 3 + 2))


@case
def one_refusal_of_several_filters_is_enough():
    with empty() as first, ScriptedMilter({"M": reply("550 5.7.1 no")}) as second, \
            empty() as third:
        result = load("--messages=2", "--headers=0", first, second.socket, third)
    same("refused", numbers(result, "messages", "failed", "refused"), (2, 0, 2))
    same("round trips", result["round_trips"], 2 * (3 * 3 + 2))
    # The end of the first connection may be read behind the start of the next.
    same_soon("what the second was told", lambda: sorted(second.commands()),
              sorted("OCHMAAQ" * 2))


@case
def idle_sessions_stay_open():
    ended = []

    def at_end(_payload):
        ended.append([list(talk) for talk in child.talks])
        return packet("c")

    with ScriptedMilter({"E": at_end}) as child:
        result = load("--messages=3", "--idle=20", "--headers=0", "--body=0", child.socket)
        same_soon("all end in order", lambda: [talk[-1] for talk in child.talks], ["Q"] * 23)
    same("messages", numbers(result, "messages", "failed", "connections"), (3, 0, 3))
    same("round trips of the others do not count", result["round_trips"], 3 * 8)
    for talks in ended:
        same("told, and still there", sum(talk == ["O", "C", "H"] for talk in talks), 20)


@case
def a_broken_filter_counts_as_failed():
    for script, why in (({"M": CLOSE}, "closed the connection"),
                        ({"M": packet("=")}, "there is no such answer"),
                        ({"M": packet("h", b"X\0y\0")}, "no answer to this"),
                        ({"M": packet("c") + packet("c")}, "nobody asked for"),
                        ({"M": b"\0\0\0\0c"}, "no packet"),
                        ({"O": packet("c")}, "where the terms are due")):
        with ScriptedMilter(script) as child:
            result = load("--messages=4", child.socket, code=1)
        same("counted: " + why, numbers(result, "messages", "failed"), (0, 4))
        check("said", why in result["said"], result["said"])
    result = load("--messages=3", "inet:%d@127.0.0.1" % free_port(), code=1)
    same("nobody there", numbers(result, "messages", "failed"), (0, 3))


@case
def a_failure_costs_one_message():
    bad = iter([CLOSE])
    with ScriptedMilter({"R": lambda _payload: next(bad, packet("c"))}) as child:
        result = load("--messages=5", "--per-connection=0", child.socket, code=1)
    same("the others have another connection",
         numbers(result, "messages", "failed", "connections"), (4, 1, 2))


@case
def answers_that_end_a_message_or_a_step_early():
    accept, skip = packet("a"), packet("s")
    for script, told in (({"M": accept}, "OCHMAAQ"), ({"C": accept}, "OC"),
                         ({"N": accept}, "OCHMRTLLNAAQ"), ({"L": skip}, "OCHMRTLNBBBEAAQ"),
                         ({"B": packet("p") * 2 + skip}, "OCHMRTLLNBEAAQ"),
                         ({"E": changes(add_header("X", "y"))}, "OCHMRTLLNBBBEAAQ")):
        with ScriptedMilter(script) as child:
            result = load("--messages=1", "--headers=2", "--body=150000", child.socket)
            same_soon("told", child.commands, told)
        same("passes", numbers(result, "messages", "failed", "refused"), (1, 0, 0))
        same("round trips", result["round_trips"], sum(c not in "AQ" for c in told))


@case
def refusals_at_each_step():
    for command, told in (("C", "OC"), ("H", "OCH"), ("M", "OCHMAAQ"), ("R", "OCHMRAAQ"),
                          ("T", "OCHMRTAAQ"), ("E", "OCHMRTNEAAQ")):
        for answer in (packet("r"), packet("t"), reply("451 4.7.1 later"), packet("d")):
            with ScriptedMilter({command: answer}) as child:
                result = load("--messages=1", "--headers=0", "--body=0", child.socket)
                same_soon("told", child.commands, told)
            same("refused", numbers(result, "messages", "failed", "refused"), (1, 0, 1))


@case
def macros_are_those_that_were_asked_for():
    with ScriptedMilter(macros={0: "j", 3: "{rcpt_addr}, {nonsense} i", 4: ""}) as child:
        load("--messages=1", "--recipients=2", "--headers=1", "--body=10", child.socket)
        told = [decode_macros(payload) for payload in child.payloads("D")]
    same("before each step", "".join(letter for letter, _ in told), "CHMRRTLNBE")
    at = dict(told)
    same("a list", set(at["C"]), {b"j"})
    same("what has a value", set(at["R"]), {b"{rcpt_addr}", b"i"})
    same("set to nothing: Postfix's own", set(at["T"]), {b"i"})
    same("none set: Postfix's own", set(at["M"]), {b"{mail_addr}", b"{mail_host}",
                                                  b"{mail_mailer}"})
    same("the body has those of the end", set(at["B"]), {b"i"})
    same("it has no queue id before a recipient", set(told[3][1]), {b"{rcpt_addr}"})


@case
def content_is_as_asked_for():
    with ScriptedMilter(protocol=PROTOCOL["HDR_LEADSPC"]) as child:
        load("--messages=2", "--headers=14", "--body=70000", "--subject=casino", child.socket)
        fields = [strings(payload) for payload in child.payloads("L")]
        pieces = [len(payload) for payload in child.payloads("B")]
        senders = [strings(payload)[0] for payload in child.payloads("M")]
    same("fields", len(fields), 2 * 14)
    check("the subject", [b"Subject", b" casino"] in fields, fields)
    same("the body", pieces, [65535, 4465] * 2)
    same("senders differ", len(set(senders)), 2)


@case
def a_rate_and_a_time_end_the_run():
    with empty() as socket:
        result = load("--messages=20", "--rate=1000", "--sessions=2", socket)
        same("messages", numbers(result, "messages", "failed"), (20, 0))
        result = load("--seconds=0.2", "--sessions=2", socket)
        check("some in a time", result["messages"] > 0 and result["failed"] == 0, result)


@case
def questions_have_their_answers():
    maps = "inet:%d@127.0.0.1" % free_port()
    with serve("", 'maps = "%s"' % maps) as _daemon, \
            tempfile.NamedTemporaryFile("w", suffix=".txt") as keys:
        keys.write("554 5.7.1 <kim@example.org>: Relay access denied\n"
                   "nothing that is a reply\n\n")
        keys.flush()
        for options in ([], ["--connections=4"], ["--pipeline=7"],
                        ["--connections=3", "--pipeline=5"]):
            result = measured("ask", "--requests=100", "--map=filter", "--file=" + keys.name,
                              *options, maps)
            same("answers", numbers(result, "requests", "failed", "found", "not_found"),
                 (100, 0, 50, 50))
        result = measured("ask", "--requests=10", "--map=nonsense", maps, code=1)
        same("no such map", numbers(result, "failed", "found", "not_found"), (10, 0, 0))


if __name__ == "__main__":
    run()
