#!/usr/bin/env python3
"""Milters behind us, with scripted ones: what they are told, what becomes of what
they say, and what happens when they misbehave.

    milters.py PROGRAM [NAME ...]
"""

import functools
import os
import re
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from cases import case, check, run, same, until         # noqa: E402
from milterproto import ACTIONS, PROTOCOL, decode_negotiation, encode_negotiation  # noqa: E402
from milterproto import names, packet                    # noqa: E402
from scripted import (CLOSE, HANG, ScriptedMilter, add_header, change_header,  # noqa: E402
                      changes, insert_header, reply)
from served import Served                               # noqa: E402

serve = functools.partial(Served, os.path.abspath(sys.argv[1]), None)

FIELDS = [("From", "ann@example.net"), ("Subject", "hello"), ("Subject", "again")]
NO_STEPS = sum(PROTOCOL[name] for name in ("NOCONNECT", "NOHELO", "NOMAIL", "NORCPT", "NOBODY",
                                           "NOHDRS", "NOEOH", "NOUNKNOWN", "NODATA"))


def behind(*milters, site="", more="", **rows):
    """A configuration with these milters; rows: further settings of each."""
    settings = "".join("%s = %s; " % row for row in rows.items())
    return "site: { %s };\n%s\nmilters: ( %s );" % (site, more, ", ".join(
        '{ name = "child%d"; socket = "%s"; %s}' % (number, child.socket, settings)
        for number, child in enumerate(milters, 1)))


def begin(peer, **how):
    agreed = peer.negotiate(**how)
    peer.macros("C", {"j": "mx.example.com", "{client_addr}": "192.0.2.7"})
    peer.connect("out.example.net")
    peer.macros("H", {"{tls_version}": "TLSv1.3"})
    peer.helo("mail.example.net")
    return agreed


def message(peer, recipients=("bob@example.com",), sender="ann@example.net", body=b"text\r\n"):
    """One message; returns the answers to its recipients and to its end, or None
    where no recipient is left."""
    peer.macros("M", {"i": "4Zx1", "{mail_addr}": sender})
    answers = [peer.mail(sender, "SIZE=100")]
    if answers[0].kind not in ("continue", "no reply"):
        return answers, None
    answers = []
    for recipient in recipients:
        peer.macros("R", {"{rcpt_addr}": recipient, "{rcpt_mailer}": "local", "i": "4Zx1"})
        answers.append(peer.rcpt(recipient))
    if all(answer.kind not in ("continue", "no reply") for answer in answers):
        peer.abort()
        return answers, None
    same("DATA", peer.data().kind, "not sent")
    for name, value in FIELDS:
        peer.header(name, value)
    peer.eoh()
    peer.body(body)
    peer.macros("E", {"i": "4Zx1"})
    return answers, peer.eom()


def first_line(answer):
    check("a reply", answer is not None and answer.kind == "reply", answer)
    return answer.lines[0].decode()


def last_line(answer):
    return re.sub(r"Case: \S+", "Case: X", answer.lines[-1].decode())


# What they are told.

@case
def a_milter_is_told_all_in_its_order():
    with ScriptedMilter() as child, serve(behind(child)) as daemon, daemon.peer() as peer:
        begin(peer)
        answers, end = message(peer)
        same("answers", [answers[0].kind, end.kind], ["continue", "continue"])
        peer.quit()
        until("it is told that we go", lambda: child.commands().endswith("Q"))
        # The first connection was to learn what it asks for, and stayed.
        same("commands", child.commands(), "OCHMRTLLLNBEQ")
        same("helo", child.payloads("H"), [b"mail.example.net\0"])
        same("mail", child.payloads("M"), [b"<ann@example.net>\0SIZE=100\0"])
        same("rcpt", child.payloads("R"), [b"<bob@example.com>\0"])
        same("fields", child.payloads("L")[2], b"Subject\0again\0")
        same("body", child.payloads("B"), [b"text\r\n"])
        check("macros of connect", child.macros("C").get(b"{client_addr}") == b"192.0.2.7",
              child.macros("C"))
        check("macros of HELO", child.macros("H") == {b"{tls_version}": b"TLSv1.3"},
              child.macros("H"))
        check("macros of RCPT", child.macros("R").get(b"{rcpt_addr}") == b"bob@example.com",
              child.macros("R"))


@case
def a_client_that_only_knocks_wakes_nobody():
    with ScriptedMilter() as child, serve(behind(child)) as daemon:
        for _ in range(3):
            with daemon.peer() as peer:
                begin(peer)
                peer.quit()
        until("all are gone", lambda: child.commands().endswith("Q"))
        same("one connection, to learn what it asks for", child.commands(), "OQ")


@case
def what_a_policy_refuses_no_milter_sees():
    more = 'policies: ( { name = "gone"; when = { recipient = "gone@example.com"; }; ' \
        'reject = "no-such-mailbox"; } );'
    with ScriptedMilter() as child, serve(behind(child, more=more)) as daemon:
        for _ in range(2):
            with daemon.peer() as peer:
                begin(peer)
                answers, end = message(peer, ["gone@example.com"])
                check("refused", first_line(answers[0]).startswith("550-5.1.1"), answers)
                same("no end", end, None)
                peer.quit()
        until("it is told", lambda: child.commands().endswith("Q"))
        same("never asked", child.commands(), "OQ")


@case
def the_mail_server_is_asked_for_what_milters_need():
    body_only = NO_STEPS & ~PROTOCOL["NOBODY"]
    with ScriptedMilter(protocol=NO_STEPS, actions=0) as nothing, \
            ScriptedMilter(protocol=body_only, actions=ACTIONS["ADDHDRS"]) as body:
        with serve(behind(nothing)) as daemon, daemon.peer() as peer:
            bits = names(begin(peer).protocol, PROTOCOL)
            check("nothing is needed", {"NOHDRS", "NOBODY", "NODATA", "NOUNKNOWN"} <= bits, bits)
        with serve(behind(nothing, body)) as daemon, daemon.peer() as peer:
            agreed = begin(peer)
            bits = names(agreed.protocol, PROTOCOL)
            check("the body", "NOBODY" not in bits and "NOHDRS" in bits, bits)
            same("actions", names(agreed.actions, ACTIONS), {"ADDHDRS", "SETSYMLIST"})
            message(peer)
            peer.quit()
            until("told", lambda: body.commands().endswith("Q"))
            same("no more than it asked for", body.commands(), "OBEQ")


@case
def a_milter_that_lists_its_macros_gets_these():
    with ScriptedMilter(macros={2: "{mail_addr}"}) as child, serve(behind(child)) as daemon, \
            daemon.peer() as peer:
        begin(peer)
        message(peer)
        same("macros of MAIL", child.macros("M"), {b"{mail_addr}": b"ann@example.net"})


@case
def old_versions_are_spoken():
    for version in (2, 3, 4, 6):
        actions, bits = {2: (0x3F, 0x7F), 3: (0x3F, 0x1FF), 4: (0x3F, 0x3FF),
                         6: (0x1FF, 0x1FFFFF)}[version]
        asked = []

        def negotiation(payload, version=version, actions=actions, asked=asked):
            asked.append(decode_negotiation(payload))
            return packet("O", encode_negotiation(version, actions, 0))
        with ScriptedMilter({"O": negotiation, "R": reply("550 5.1.1 User unknown")}) as child, \
                serve(behind(child, protocol=version)) as daemon, daemon.peer() as peer:
            begin(peer)
            answers, _end = message(peer)
            check("version %d: refused" % version,
                  first_line(answers[0]).startswith("550-5.1.1"), answers)
            same("version %d was offered" % version, asked[0].version, version)
            same("no bit that it cannot know", asked[0].protocol & ~bits, 0)


# What becomes of what they say.

ANSWERS = [
    # step, answer, wanted: kind and first words at RCPT, at the end
    ("R", reply("550 5.1.1 <bob@example.com>: User unknown"), "550-5.1.1 The address you wrote "
     "to does not exist at example.com.", None),
    ("R", reply("451 4.7.1 Greylisted, please try again"), "451-4.7.1 We do not know the "
     "server that sent your message yet", None),
    ("R", packet("r"), "550-5.7.1 ", None),
    ("R", packet("t"), "451-4.7.1 ", None),
    ("M", reply("550 5.1.8 Domain of sender address does not exist"), "550-5.1.8 ", None),
    ("H", reply("550 5.7.1 bad HELO name"), "550-5.7.1 ", None),
    ("C", reply("554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using "
                "bl.example.org"), "550-5.7.1 The server 192.0.2.7 that sent your message is on "
     "a blocklist", None),
    ("E", reply("554 5.7.1 Spam message rejected"), None, "550-5.7.1 Our spam filter"),
    ("L", reply("554 5.7.1 Spam message rejected"), None, "550-5.7.1 Our spam filter"),
    ("B", reply("550 5.7.1 virus found"), None, "550-5.7.1 Our scanner found"),
    ("T", reply("451 4.3.2 Too many connections"), None, "451-4.7.0 The server"),
]


@case
def refusals_go_out_in_our_words():
    for step, said, at_rcpt, at_end in ANSWERS:
        with ScriptedMilter({step: said}) as child, serve(behind(
                child, site='help = "https://example.com/mail/{reason}";')) as daemon, \
                daemon.peer() as peer:
            begin(peer)
            answers, end = message(peer)
            refused = answers[0] if at_rcpt else end
            wanted = at_rcpt or at_end
            check("%s %r: %s" % (step, said, wanted),
                  first_line(refused).startswith(wanted), refused)
            check("help and case", re.search(r"More help: https://example.com/mail/\S+ Case: X$",
                                             last_line(refused)), refused.lines)
            check("its source is logged", 'source="milter child1"' in daemon.log(), daemon.log())


@case
def unclear_words_stay():
    said = reply("554 Your kangaroo hops (%s) the other way")
    with ScriptedMilter({"E": said}) as child, serve(behind(child)) as daemon, \
            daemon.peer() as peer:
        begin(peer)
        _answers, end = message(peer)
        same("words", first_line(end), "554-5.0.0 Your kangaroo hops (?s) the other way")
        check("the original is logged", "original=" in daemon.log() and
              "kangaroo" in daemon.log(), daemon.log())


@case
def accept_ends_only_its_own_say():
    with ScriptedMilter({"M": packet("a")}) as first, \
            ScriptedMilter({"E": reply("550 5.7.1 Spam message rejected")}) as second, \
            serve(behind(first, second)) as daemon, daemon.peer() as peer:
        begin(peer)
        _answers, end = message(peer)
        check("the second is heard", first_line(end).startswith("550-5.7.1"), end)
        same("the first is left alone", first.commands(), "OCHM")
        message(peer)
        check("but asked about the next message", first.commands().startswith("OCHMM"),
              first.commands())


@case
def discard_quarantine_and_shutdown():
    with ScriptedMilter({"E": packet("d")}) as child, serve(behind(child)) as daemon, \
            daemon.peer() as peer:
        begin(peer)
        same("discard", message(peer)[1].kind, "discard")
    with ScriptedMilter({"E": changes(packet("q", b"look at it\0"))}) as child, \
            serve(behind(child)) as daemon, daemon.peer() as peer:
        begin(peer)
        same("quarantine", message(peer)[1].changes, [("quarantine", [b"look at it"])])
    with ScriptedMilter({"R": packet("4")}) as child, serve(behind(child)) as daemon, \
            daemon.peer() as peer:
        begin(peer)
        answers, _end = message(peer)
        check("shutdown", first_line(answers[0]).startswith("421-4."), answers)


@case
def a_later_milter_sees_what_earlier_ones_made():
    first = changes(add_header("X-First", "1"), insert_header(0, "X-Top", "t"),
                    change_header(2, "Subject", "changed"), change_header(1, "Subject", ""),
                    packet("b", b"new "), packet("p"), packet("b", b"body\r\n"),
                    packet("e", b"<kim@example.net>\0"), packet("+", b"<eve@example.com>\0"),
                    packet("-", b"<bob@example.com>\0"))
    second = changes(packet("b", b"last body\r\n"), add_header("X-Second", "2"))
    with ScriptedMilter({"E": first}) as one, ScriptedMilter({"E": second}) as two, \
            serve(behind(one, two)) as daemon, daemon.peer() as peer:
        begin(peer)
        _answers, end = message(peer)
        same("fields that the second saw", two.payloads("L"), [
            b"X-Top\0t\0", b"From\0ann@example.net\0", b"Subject\0changed\0", b"X-First\0001\0"])
        same("its body", two.payloads("B"), [b"new body\r\n"])
        same("changes to the mail server", [
            (name, [one for one in args if one]) for name, args in end.changes], [
            ("addheader", [b"X-First", b" 1"]), ("insheader", [b"X-Top", b" t"]),
            ("chgheader", [2, b"Subject", b" changed"]), ("chgheader", [1, b"Subject"]),
            ("chgfrom", [b"<kim@example.net>"]), ("addrcpt", [b"<eve@example.com>"]),
            ("delrcpt", [b"<bob@example.com>"]), ("addheader", [b"X-Second", b" 2"]),
            ("replbody", [b"last body\r\n"])])
        same("the end", end.kind, "continue")


@case
def leading_spaces_stay_where_they_matter():
    with ScriptedMilter(protocol=PROTOCOL["HDR_LEADSPC"]) as exact, ScriptedMilter() as plain, \
            serve(behind(exact, plain)) as daemon, daemon.peer() as peer:
        begin(peer)
        message(peer)
        same("as it is", exact.payloads("L")[0], b"From\0 ann@example.net\0")
        same("without", plain.payloads("L")[0], b"From\0ann@example.net\0")


@case
def refused_recipients_are_told_to_who_asks():
    with ScriptedMilter(protocol=PROTOCOL["RCPT_REJ"]) as asks, ScriptedMilter() as other, \
            serve(behind(asks, other)) as daemon, daemon.peer() as peer:
        begin(peer)
        peer.mail("ann@example.net")
        peer.macros("R", {"{rcpt_mailer}": "error", "{rcpt_host}": "5.1.1",
                          "{rcpt_addr}": "User unknown"})
        answer = peer.rcpt("gone@example.com", refused=True)
        check("whatever it says, it goes on", goes_on(answer), answer)
        same("who asked", asks.payloads("R"), [b"<gone@example.com>\0"])
        same("its macros", asks.macros("R").get(b"{rcpt_mailer}"), b"error")
        same("the other", other.payloads("R"), [])
        peer.macros("R", {"{rcpt_mailer}": "local", "{rcpt_addr}": "bob@example.com"})
        peer.rcpt("bob@example.com")
        same("the next is told to both", [asks.payloads("R")[1:], other.payloads("R")],
             [[b"<bob@example.com>\0"]] * 2)


@case
def an_observed_milter_is_not_obeyed():
    said = {"R": reply("550 5.1.1 User unknown"), "E": changes(add_header("X-A", "1"))}
    with ScriptedMilter(said) as child, serve(behind(child, observe="true")) as daemon, \
            daemon.peer() as peer:
        begin(peer)
        answers, end = message(peer)
        check("taken", answers[0].kind in ("continue", "no reply"), answers)
        same("unchanged", (end.kind, end.changes), ("continue", []))
        check("logged", re.search(r'outcome=observed .*source="milter child1".*no-such-mailbox',
                                  daemon.log()), daemon.log())


@case
def what_is_held_is_logged():
    said = {"E": changes(packet("q", b"look at it\0"), add_header("X-A", "1"))}
    for observe, outcome, wanted in (("enforce", "done", ["quarantine", "addheader"]),
                                     ("observe", "observed", ["addheader"])):
        with ScriptedMilter(said) as child, serve(
                behind(child), 'mode = "%s";' % observe) as daemon, daemon.peer() as peer:
            begin(peer)
            same(observe, [name for name, _args in message(peer)[1].changes], wanted)
            check("%s is logged" % observe, re.search(
                'outcome=%s action=quarantine source="milter child1".*original="look at it"'
                % outcome, daemon.log()), daemon.log())


@case
def a_message_that_is_too_large_to_be_shown():
    for on_error, wanted in (("defer", deferred), ("accept", goes_on)):
        with ScriptedMilter() as child, serve(
                behind(child, on_error='"%s"' % on_error), 'message_max = "64k";') as daemon, \
                daemon.peer() as peer:
            begin(peer)
            check("a small one", goes_on(message(peer)[1]), daemon.log())
            _answers, end = message(peer, body=b"x" * 70000)
            check(on_error, wanted(end), daemon.log())
            same("the milter saw one", child.commands().count("E"), 1)
            check("it is written down", re.search(
                'outcome=(fault|undecided) .*source="milter child1".*message_max',
                daemon.log()), daemon.log())


@case
def a_refused_client_stays_refused():
    """Of a refusal that outlives the message no byte may get lost."""
    words = "kangaroo " * 1500
    for step in "CH":
        with ScriptedMilter({step: reply("550 5.7.1 " + words)}) as child, \
                serve(behind(child)) as daemon, daemon.peer() as peer:
            begin(peer)
            for number in range(4):
                answers, _end = message(peer, ["bob%d@example.com" % number])
                check("%s: the same words" % step, first_line(answers[0]).startswith(
                    "550-5.7.1 kangaroo kangaroo"), answers)
                peer.abort()
            same("it was told once", child.commands().count(step), 1)


@case
def a_failure_in_mid_message_lasts_until_its_end():
    """Who does not know the first recipient must not judge the message."""
    again = []

    def close_at_second(_payload):
        again.append(1)
        return CLOSE if len(again) == 2 else packet("c")
    with ScriptedMilter({"R": close_at_second}) as child, serve(behind(child)) as daemon, \
            daemon.peer() as peer:
        begin(peer)
        answers, end = message(peer, ["one@example.com", "two@example.com", "three@example.com"])
        same("recipients", [deferred(one) for one in answers], [False, True, True])
        check("the message", deferred(end), end)
        check("the next is judged", goes_on(message(peer)[1]), child.commands())


@case
def a_milter_that_comes_back_with_other_wishes():
    quiet = PROTOCOL["NR_RCPT"] | PROTOCOL["NR_MAIL"] | PROTOCOL["NR_CONN"] | \
        PROTOCOL["NR_HELO"]
    for before, after in ((quiet, 0), (PROTOCOL["NORCPT"] | quiet, 0),
                          (quiet | PROTOCOL["NOBODY"], quiet), (quiet | PROTOCOL["NOHDRS"], quiet)):
        with ScriptedMilter(protocol=before) as child, serve(behind(child)) as daemon:
            with daemon.peer() as peer:
                begin(peer)
                check("at first", goes_on(message(peer)[1]), daemon.log())
                peer.quit()
            child.protocol = after
            child.script["R"] = None if after & PROTOCOL["NR_RCPT"] else \
                reply("550 5.1.1 User unknown")
            with daemon.peer() as peer:
                begin(peer)
                check("then", deferred(message(peer)[1]), daemon.log())
                peer.quit()
            with daemon.peer() as peer:
                begin(peer)
                answers, end = message(peer)
                check("at last", goes_on(end) if after & PROTOCOL["NR_RCPT"] else
                      first_line(answers[0]).startswith("550-5.1.1"), daemon.log())


@case
def a_milter_that_comes_back_wanting_all():
    """Connected to only at the end, or once more: it judges nothing half seen."""
    for before in (NO_STEPS, NO_STEPS & ~PROTOCOL["NOMAIL"] | PROTOCOL["NR_MAIL"]):
        with ScriptedMilter(protocol=before) as child, serve(behind(child)) as daemon:
            with daemon.peer() as peer:
                begin(peer)
                check("at first", goes_on(message(peer)[1]), daemon.log())
                peer.quit()
            child.protocol = 0
            with daemon.peer() as peer:
                begin(peer)
                check("then", deferred(message(peer)[1]), child.commands())
                peer.quit()
            with daemon.peer() as peer:
                begin(peer)
                check("at last", goes_on(message(peer)[1]), daemon.log())
                peer.quit()
            until("told", lambda: child.commands().endswith("Q"))
            check("all of it", child.commands().endswith("OCHMRTLLLNBEQ"), child.commands())


@case
def a_milter_that_comes_back_wanting_the_client():
    quiet = PROTOCOL["NR_CONN"] | PROTOCOL["NR_HELO"]
    with ScriptedMilter(protocol=quiet | PROTOCOL["NOCONNECT"]) as child, \
            serve(behind(child)) as daemon:
        for number, wanted in enumerate(("HMR", "CHMR")):
            child.protocol = quiet | (PROTOCOL["NOCONNECT"] if number == 0 else 0)
            with daemon.peer() as peer:
                begin(peer)
                check("goes on", goes_on(message(peer)[1]), daemon.log())
                peer.quit()
            until("told", lambda: child.commands().endswith("Q"))
            check("told again", wanted in child.commands().rsplit("O", 1)[1], child.commands())


@case
def no_verdict_comes_before_the_wishes():
    """Who wants MAIL, CONNECT or DATA this time is told it before it is heard."""
    rows = ((NO_STEPS & ~PROTOCOL["NORCPT"], "OCHMRRTLLLNBE"),
            (NO_STEPS & ~PROTOCOL["NOHELO"], "OCHMRRTLLLNBE"))
    for before, wanted in rows:
        with ScriptedMilter(protocol=before) as child, serve(
                behind(child), 'message_max = "1M";') as daemon:
            with daemon.peer() as peer:
                begin(peer)
                message(peer)
                peer.quit()
            until("told", lambda: child.commands().endswith("Q"))
            child.protocol = 0
            for _ in range(2):
                with daemon.peer() as peer:
                    begin(peer)
                    last = message(peer, ["a@example.com", "b@example.com"])
                    peer.quit()
                until("told", lambda: child.commands().endswith("Q"))
            check("at last", goes_on(last[1]), daemon.log())
            for one in child.commands().split("O")[2:]:
                check("no recipient without its sender",
                      "R" not in one or one.startswith("CHM"), child.commands())
            same("all of it", "O" + child.commands().rsplit("O", 1)[1], wanted + "Q")


@case
def macros_are_those_of_their_recipient():
    more = 'policies: ( { name = "gone"; when = { recipient = "gone@example.com"; }; ' \
        'reject = "no-such-mailbox"; } );'
    with ScriptedMilter() as child, serve(behind(child, more=more)) as daemon, \
            daemon.peer() as peer:
        begin(peer)
        message(peer, ["gone@example.com"] * 5 + ["bob@example.com"])
        given = [payload for payload in child.payloads("D") if payload.startswith(b"R")]
        same("one set of macros", len(given), 1)
        same("with one address", given[0].count(b"{rcpt_addr}"), 1)
        same("its own", child.macros("R").get(b"{rcpt_addr}"), b"bob@example.com")


@case
def an_unknown_command_between_messages_spoils_nothing():
    for said in (CLOSE, packet("a")):
        with ScriptedMilter({"U": said, "E": reply("550 5.7.1 Spam message rejected")}) as child, \
                serve(behind(child, on_error='"accept"')) as daemon, daemon.peer() as peer:
            begin(peer)
            for _ in range(3):
                _answers, end = message(peer)
                check("judged", first_line(end).startswith("550-5.7.1 Our spam"), end)
                peer.unknown("FOO")


@case
def a_shutdown_stays_one():
    more = 'recognise: ( { reply = "*Service unavailable - try*"; reason = "greylisted"; } );'
    with ScriptedMilter({"R": packet("4")}) as child, serve(behind(child, more=more)) as daemon, \
            daemon.peer() as peer:
        begin(peer)
        answers, _end = message(peer, ["one@example.com", "two@example.com"])
        for answer in answers:
            check("421", first_line(answer).startswith("421-4."), answers)


@case
def what_is_only_observed_is_written_down_once():
    with ScriptedMilter({"E": changes(packet("q", b"look\0"))}) as child, \
            serve(behind(child, observe="true")) as daemon, daemon.peer() as peer:
        begin(peer)
        same("not held", message(peer)[1].changes, [])
        same("one line", daemon.log().count("outcome=observed action=quarantine"), 1)
    with ScriptedMilter({"R": packet("d")}) as child, serve(behind(child, observe="true")) as daemon, \
            daemon.peer() as peer:
        begin(peer)
        check("taken", goes_on(message(peer, ["a@example.com"] * 4)[1]), daemon.log())
        same("one line", daemon.log().count("outcome=observed action=discard"), 1)


# When they misbehave.

GARBAGE = b"\xff\xff\xff\xff" + b"x" * 50
LONG = reply("550 5.7.1 " + "word " * 20000)
MISDEEDS = [
    # name, step, what it sends
    ("closes", CLOSE),
    ("hangs", HANG),
    ("no length", b"\0\0\0\0"),
    ("garbage length", GARBAGE),
    ("an unknown answer", packet("Z")),
    ("a reply without code", reply("no code at all")),
    ("a reply of class 2", reply("250 2.1.0 fine")),
    ("half a packet", b"\0\0\0\x20y550"),
]
STEPS = "CHMRTLNBE"


def misbehave(on_error, wanted_rcpt, wanted_end):
    """Each misdeed at each step; the three milters of a wave share a daemon."""
    for name, said in MISDEEDS:
        slow = said is HANG or name in ("half a packet",)
        for step in "RE" if slow else STEPS:
            with ScriptedMilter({step: said}) as child, serve(behind(
                    child, on_error='"%s"' % on_error, timeout=1, end_timeout=1,
                    failures=1000)) as daemon, daemon.peer() as peer:
                begin(peer)
                began = time.monotonic()
                answers, end = message(peer)
                what = "%s at %s, %s" % (name, step, on_error)
                check("%s: in time" % what, time.monotonic() - began < 30)
                at_end = step in "TLNBE"
                refused = end if at_end else answers[0]
                wanted = wanted_end if at_end else wanted_rcpt
                check("%s: %r" % (what, refused), wanted(refused), daemon.log())
                peer.quit()


def deferred(answer):
    return answer is not None and answer.kind == "reply" and answer.lines[0] == \
        b"451-4.3.0 Our mail system cannot check the content of your message right now."


def goes_on(answer):
    return answer is not None and answer.kind in ("continue", "no reply")


@case
def misdeeds_defer():
    misbehave("defer", deferred, deferred)


@case
def misdeeds_accept():
    misbehave("accept", goes_on, goes_on)


@case
def misdeeds_skip():
    misbehave("skip", goes_on, goes_on)


TWICE = packet("c") * 2
SPAM = reply("550 5.7.1 Spam message rejected")
NO_ANSWERS = sum(PROTOCOL[name] for name in ("NR_CONN", "NR_HELO", "NR_MAIL", "NR_RCPT", "NR_DATA",
                                             "NR_UNKN", "NR_HDR", "NR_EOH", "NR_BODY"))
SURPLUS = [
    # step, what it sends there, at the end, and the steps that are not answered
    *((step, TWICE, SPAM, 0) for step in "CHMRTLNB"),
    *((step, packet("c"), SPAM, NO_ANSWERS) for step in "CHMRTLNB"),
    ("L", packet("c"), SPAM, PROTOCOL["NR_HDR"]),
    ("E", None, packet("c") + SPAM, 0),
    ("E", None, packet("c") + SPAM, NO_ANSWERS),
]


@case
def an_answer_too_many_is_no_verdict_about_somebody_else():
    for step, said, end, quiet in SURPLUS:
        script = {step: said, "E": end}
        with ScriptedMilter(script, protocol=quiet) as child, serve(
                behind(child, failures=1000)) as daemon, daemon.peer() as peer:
            begin(peer)
            for sender in ("ann@example.net", "innocent@example.net"):
                answers, end_answer = message(peer, sender=sender)
                last = end_answer or answers[-1]
                check("%s, quiet %x, %s: %r" % (step, quiet, sender, last), deferred(last),
                      daemon.log())
            check("it is said", "more often than it was asked" in daemon.log(), daemon.log())


@case
def who_answers_as_agreed_is_told_all_of_each_message():
    for quiet, wanted in ((0, ["OCHMRTLLLNBEMRAMRTLLLNBEQ"]),
                          (NO_ANSWERS, ["OCHMRTLLLNBEQ", "OCHMRAQ", "OCHMRTLLLNBEQ"])):
        with ScriptedMilter(protocol=quiet) as child, serve(behind(child)) as daemon, \
                daemon.peer() as peer:
            begin(peer)
            check("the first", goes_on(message(peer)[1]), daemon.log())
            peer.macros("M", {"i": "4Zx1"})
            peer.mail("ann@example.net")
            peer.macros("R", {"i": "4Zx1"})
            peer.rcpt("bob@example.com")
            peer.abort()
            check("the last", goes_on(message(peer)[1]), daemon.log())
            peer.quit()
            until("it is told", lambda: ["".join(talk) for talk in child.talks] == wanted)


@case
def all_answers_at_the_end_have_one_time_limit():
    def late(_payload):
        time.sleep(0.7)
        return packet("c")
    with ScriptedMilter({"T": late, "E": late}) as child, serve(
            behind(child, timeout=1, end_timeout=1)) as daemon, daemon.peer() as peer:
        begin(peer)
        _answers, end = message(peer)
        check("put off", deferred(end), daemon.log())
        check("it is said", re.search(r"end of message: (no answer within|it took too long)",
                                      daemon.log()), daemon.log())


@case
def who_has_steps_without_an_answer_and_never_closes_is_believed():
    with ScriptedMilter({"Q": HANG}, protocol=NO_ANSWERS) as child, serve(behind(child)) as daemon, \
            daemon.peer() as peer:
        begin(peer)
        for number in range(2):
            check("message %d" % number, goes_on(message(peer)[1]), daemon.log())
        peer.quit()
        until("each has a connection", lambda: ["".join(talk) for talk in child.talks] ==
              ["OCHMRTLLLNBEQ"] * 2)


INJECTED = [
    add_header("X-A", "one\nX-B: two"),
    add_header("X-A", "one\r\nX-B: two"),
    insert_header(0, "X-A", "one\n\nbody"),
    change_header(1, "Subject", "one\r\n\r\n body"),
    add_header("X-A", "one\n"),
    add_header("X-A: one\nX-B", "two"),
    add_header("X-A", "x" * 70000),
    packet("e", b"<kim@example.net>\r\nDATA\0"),
    packet("+", b"<eve@example.com>\nDATA\0"),
]


@case
def a_change_is_no_more_than_it_says():
    for change in INJECTED:
        with ScriptedMilter({"E": changes(add_header("X-First", "1"), change)}) as child, \
                ScriptedMilter() as second, serve(behind(
                    child, second, on_error='"accept"')) as daemon, daemon.peer() as peer:
            begin(peer)
            _answers, end = message(peer)
            same("%r" % change[:40], (end.kind, end.changes), ("continue", []))
            same("nor does a later milter see it", second.payloads("L"), [
                b"From\0ann@example.net\0", b"Subject\0hello\0", b"Subject\0again\0"])
            check("it is said", "state=failing" in daemon.log(), daemon.log())


@case
def a_huge_reply_and_one_with_crlf_and_percent():
    with ScriptedMilter({"E": LONG}) as child, serve(behind(child)) as daemon, \
            daemon.peer() as peer:
        begin(peer)
        _answers, end = message(peer)
        check("bounded", end.kind == "reply" and sum(map(len, end.lines)) < 1000, end)
    said = reply("550-5.7.1 one %s\r\n550 5.7.1 two %n\r\nRSET")
    with ScriptedMilter({"E": said}) as child, serve(behind(child)) as daemon, \
            daemon.peer() as peer:
        begin(peer)
        _answers, end = message(peer)
        check("every line is a reply line", all(re.match(rb"550[- ]5\.7\.1 ", line)
                                                for line in end.lines), end.lines)
        check("one line of words", b"one ?s two ?n RSET" in end.lines[0], end.lines)


@case
def a_dead_milter_rests_and_comes_back():
    with ScriptedMilter() as child:
        child.stop()
        with serve(behind(child, on_error='"accept"', failures=2, rest=1)) as daemon:
            for _ in range(6):
                with daemon.peer() as peer:
                    begin(peer)
                    same("taken", message(peer)[1].kind, "continue")
                    peer.quit()
            log = daemon.log()
            same("it was said once", len(re.findall("state=down", log)), 1)
            check("why", "Connection refused" in log, log)
            child.start()
            time.sleep(1.1)
            with daemon.peer() as peer:
                begin(peer)
                message(peer)
                peer.quit()
            check("asked again", "E" in child.commands(), child.commands())
            same("and said", len(re.findall("state=up", daemon.log())), 1)


@case
def who_only_knocks_does_not_end_a_rest():
    with ScriptedMilter({"E": HANG}) as child, serve(behind(
            child, end_timeout=1, failures=2, rest=3600, on_error='"accept"')) as daemon, \
            daemon.peer() as old:
        begin(old)
        old.mail("ann@example.net")
        old.rcpt("bob@example.com")
        for _ in range(3):
            with daemon.peer() as peer:
                begin(peer)
                same("taken", message(peer)[1].kind, "continue")
                peer.mail("ann@example.net")
                peer.rcpt("bob@example.com")
                peer.abort()
                peer.quit()
        old.abort()
        old.quit()
        until("it is told", lambda: "Q" in child.commands())
        same("asked until it rested", child.commands().count("E"), 2)
        same("it rests", re.findall("state=(down|up)", daemon.log()), ["down"])


@case
def many_sessions_at_once():
    """One milter that hangs must not hold up sessions that ask another."""
    with ScriptedMilter({"E": reply("550 5.7.1 Spam message rejected")}) as child, \
            serve(behind(child)) as daemon:
        wrong = []

        def one():
            with daemon.peer() as peer:
                begin(peer)
                for _ in range(5):
                    _answers, end = message(peer)
                    if not first_line(end).startswith("550-5.7.1 Our spam filter"):
                        wrong.append(end)
                peer.quit()
        threads = [threading.Thread(target=one) for _ in range(30)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        same("wrong answers", wrong, [])


run()
