#!/usr/bin/env python3
"""What the daemon asks of a mail server, and what it answers to each step.

    steps.py PROGRAM [NAME ...]
"""

import functools
import os
import random
import struct
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from cases import case, check, run, same, until         # noqa: E402
from dialogue import (BODY, DOCM, ENVELOPE, HEADERS, MIME,  # noqa: E402
                      begin, send)
from milterproto import ACTIONS, PROTOCOL, VERSION, names   # noqa: E402
from served import Served                               # noqa: E402

serve = functools.partial(Served, os.path.abspath(sys.argv[1]), None)


# What is asked of the mail server.

@case
def envelope_plan_sends_no_message():
    with serve(ENVELOPE) as daemon, daemon.peer() as peer:
        agreed = begin(peer)
        bits = names(agreed.protocol, PROTOCOL)
        check("no headers, no body", {"NOHDRS", "NOBODY", "NOEOH", "NODATA", "NOUNKNOWN"} <= bits,
              bits)
        check("quiet where nothing is refused", {"NR_CONN", "NR_MAIL"} <= bits, bits)
        check("RCPT is answered", not {"NR_RCPT", "NORCPT"} & bits, bits)
        check("refused recipients are told", "RCPT_REJ" in bits, bits)
        same("actions", names(agreed.actions, ACTIONS), {"SETSYMLIST"})
        same("version", agreed.version, VERSION)
        answer, end = send(peer)
        same("RCPT", answer.kind, "continue")
        same("end", end.kind, "continue")
        answer, _end = send(peer, "nobody@example.com")
        same("refused", (answer.kind, answer.code), ("reply", 550))
        check("enhanced code", answer.lines[0].startswith(b"550-5.1.1 "), answer.lines)
        answer, _end = send(peer, "later@example.com")
        same("deferred", (answer.kind, answer.code), ("reply", 451))
        answer, _end = send(peer, sender="bad@example.org")
        same("sender, at RCPT", (answer.kind, answer.code), ("reply", 550))
        peer.quit()


@case
def header_plan_asks_for_headers_only():
    with serve(HEADERS) as daemon, daemon.peer() as peer:
        bits = names(begin(peer).protocol, PROTOCOL)
        check("headers without answers", "NR_HDR" in bits and "NOHDRS" not in bits, bits)
        check("no body", "NOBODY" in bits, bits)
        check("RCPT with answers: a protected recipient comes alone",
              "NR_RCPT" not in bits, bits)
        _answer, end = send(peer, fields=[("X-Spam", "yes")])
        same("refused at the end", (end.kind, end.code // 100), ("reply", 5))
        _answer, end = send(peer, fields=[("X-Spam", "no")])
        same("taken", end.kind, "continue")
        peer.quit()


@case
def nobody_protected_means_no_answer_at_rcpt():
    with serve("site: { never_refuse = [ ]; };" + HEADERS) as daemon, daemon.peer() as peer:
        bits = names(begin(peer).protocol, PROTOCOL)
        check("RCPT without answers", "NR_RCPT" in bits, bits)
        answer, end = send(peer, fields=[("X-Spam", "yes")])
        same("refused at the end", (answer.kind, end.kind), ("no reply", "reply"))
        peer.quit()


@case
def body_plan_asks_for_the_body():
    with serve(BODY) as daemon, daemon.peer() as peer:
        bits = names(begin(peer).protocol, PROTOCOL)
        check("headers and body", not {"NOHDRS", "NOBODY"} & bits, bits)
        check("without answers", {"NR_HDR", "NR_BODY"} <= bits, bits)
        _answer, end = send(peer, fields=MIME, body=DOCM)
        same("refused at the end", (end.kind, end.code // 100), ("reply", 5))
        _answer, end = send(peer, fields=MIME, body=DOCM.replace(b"docm", b"text"))
        same("taken", end.kind, "continue")
        peer.quit()


@case
def early_plan_answers_mail():
    with serve(ENVELOPE, 'refuse_at = "earliest";') as daemon, daemon.peer() as peer:
        bits = names(begin(peer).protocol, PROTOCOL)
        check("MAIL is answered", "NR_MAIL" not in bits and "NR_CONN" in bits, bits)
        for _again in range(3):         # without abort in between
            answer = peer.mail("bad@example.org")
            same("refused at MAIL", (answer.kind, answer.code), ("reply", 550))
        same("a fresh message", peer.mail("good@example.org").kind, "continue")
        same("RCPT", peer.rcpt("alice@example.com").kind, "continue")
        peer.quit()


@case
def observing_answers_nothing():
    with serve(ENVELOPE, 'mode = "observe";') as daemon, daemon.peer() as peer:
        bits = names(begin(peer).protocol, PROTOCOL)
        check("no answer before the end", {"NR_CONN", "NR_MAIL", "NR_RCPT"} <= bits, bits)
        answer, end = send(peer, "nobody@example.com")
        same("taken", (answer.kind, end.kind), ("no reply", "continue"))
        peer.quit()
        until("the record", lambda: "outcome=observed" in daemon.log())


@case
def macros_are_asked_for():
    policies = """policies: ( { name = "signed in"; when = { auth_user = "*"; }; accept = true; },
        { name = "if"; when = { macro = { if_addr = "192.0.2.9"; }; }; reject = "client-refused"; } );"""
    with serve(policies) as daemon, daemon.peer() as peer:
        agreed = peer.negotiate()
        same("a list for every place", sorted(agreed.symbols), sorted("CHMRTEN"))
        check("auth", "{auth_authen}" in agreed.symbols["M"].split(), agreed.symbols)
        check("if_addr", "{if_addr}" in " ".join(agreed.symbols.values()), agreed.symbols)
        check("queue id", "i" in agreed.symbols["E"].split(), agreed.symbols)
        where = [letter for letter, text in agreed.symbols.items() if "{if_addr}" in text][0]
        peer.connect("client.example.org", "192.0.2.7", 1)
        peer.helo("c")
        for letter in "CM":
            peer.macros(letter, {"{if_addr}": "192.0.2.9"} if letter == where else {"j": "mx"})
        peer.mail("a@example.org")
        answer = peer.rcpt("b@example.com")
        if where == "M":
            same("refused by the macro", answer.kind, "reply")
        peer.abort()
        peer.macros("M", {"{auth_authen}": "carol", "{if_addr}": "192.0.2.9"})
        peer.mail("a@example.org")
        same("signed in", peer.rcpt("b@example.com").kind, "continue")
        peer.quit()


@case
def old_mail_servers_are_served():
    offers = [("no NR bits", {"protocol": 0x0000037F}),
              ("version 2", {"protocol": 0x3F, "actions": 0x3F, "version": 2}),
              ("nothing", {"protocol": PROTOCOL["NOEOH"], "actions": 0x0F, "version": 3}),
              ("zeros", {"protocol": 0, "actions": 0, "version": 2})]
    for policies in (ENVELOPE, HEADERS, BODY):
        with serve(policies) as daemon:
            for name, offer in offers:
                with daemon.peer() as peer:
                    agreed = begin(peer, **offer)
                    offered = offer["protocol"] or 0x3F
                    same(name + ": only offered bits", agreed.protocol & ~offered, 0)
                    same(name + ": only offered actions",
                         agreed.actions & ~(offer.get("actions", 0x1FF) or 0x0F), 0)
                    same(name + ": no macro lists", bool(agreed.symbols),
                         bool(agreed.actions & ACTIONS["SETSYMLIST"]))
                    peer.mail("a@example.org")
                    answer = peer.rcpt("nobody@example.com" if policies == ENVELOPE else
                                       "alice@example.com")
                    if policies == ENVELOPE:
                        same(name + ": refused", answer.code, 550)
                        peer.abort()
                        _answer, end = send(peer, fields=MIME, body=DOCM)
                        same(name + ": taken", end.kind, "continue")
                    else:
                        peer.abort()
                        _answer, end = send(peer, fields=MIME + (("X-Spam", "yes"),), body=DOCM)
                        same(name + ": refused at the end", end.kind, "reply")
                    peer.quit()


@case
def recipient_refused_by_the_mta_is_left_alone():
    with serve(ENVELOPE) as daemon, daemon.peer() as peer:
        begin(peer)
        peer.mail("a@example.org")
        peer.send("D", b"R{rcpt_mailer}\0error\0{rcpt_host}\0005.1.1\0")    # unasked
        same("no refusal", peer.rcpt("nobody@example.com").kind, "continue")
        peer.send("D", b"R{rcpt_mailer}\0local\0")
        same("a refusal", peer.rcpt("nobody@example.com").kind, "reply")
        peer.quit()


@case
def clients_without_address_are_survived():
    with serve(ENVELOPE) as daemon:
        for family, address in (("U", ""), ("L", "/tmp/x"), ("6", "2001:db8::1"),
                                ("6", "::ffff:192.0.2.1")):
            with daemon.peer() as peer:
                peer.negotiate()
                payload = b"unknown\0" + family.encode()
                if family != "U":
                    payload += struct.pack(">H", 25) + address.encode() + b"\0"
                peer.send("C", payload)
                peer.send("M", b"<>\0")
                peer.send("R", b"<nobody@example.com>\0")
                same("refused", peer.answer().code, 550)
                peer.quit()


# Answers.

@case
def percent_signs_are_doubled():
    """A value is the one place where lint lets them through."""
    with serve(ENVELOPE) as daemon, daemon.peer() as peer:
        begin(peer)
        answer, _end = send(peer, "nobody@example.com", sender="50%off@example.org")
        same("kind", answer.kind, "reply")
        check("no single one", b"%" not in answer.text.replace(b"%%", b""), answer.text)
        check("all lines have both codes",
              all(line[:9] in (b"550-5.1.1", b"550 5.1.1") for line in answer.lines), answer.lines)
        peer.quit()


ACTING = """policies: (
    { name = "drop"; when = { recipient = "drop@example.com"; }; discard = true; },
    { name = "hold"; when = { sender = "hold@example.org"; }; quarantine = "look at it"; } );"""


@case
def messages_are_dropped_held_and_thinned():
    with serve(ACTING) as daemon, daemon.peer() as peer:
        agreed = begin(peer)
        same("actions", names(agreed.actions, ACTIONS), {"SETSYMLIST", "QUARANTINE", "DELRCPT"})
        _answer, end = send(peer, "drop@example.com")
        same("discarded", end.kind, "discard")
        _answer, end = send(peer, sender="hold@example.org")
        same("held", (end.kind, end.changes), ("continue", [("quarantine", [b"look at it"])]))
        peer.mail("a@example.org")
        peer.rcpt("alice@example.com")
        peer.rcpt("drop@example.com")
        end = peer.eom()
        same("one taken out", (end.kind, end.changes),
             ("continue", [("delrcpt", [b"<drop@example.com>"])]))
        peer.quit()


@case
def actions_that_are_not_offered_defer():
    with serve(ACTING) as daemon, daemon.peer() as peer:
        begin(peer, actions=ACTIONS["ADDHDRS"])
        _answer, end = send(peer, sender="hold@example.org")
        same("no quarantine", (end.kind, end.changes), ("tempfail", []))
        peer.mail("a@example.org")
        peer.rcpt("alice@example.com")
        peer.rcpt("drop@example.com")
        same("no deletion", peer.eom().kind, "tempfail")
        _answer, end = send(peer)
        same("others pass", end.kind, "continue")
        peer.quit()
        check("said so", "did not quarantine" in daemon.log() and
              "did not take out a recipient" in daemon.log(), daemon.log())


@case
def messages_on_one_connection_are_apart():
    with serve(HEADERS) as daemon, daemon.peer() as peer:
        begin(peer)
        for _round in range(3):
            peer.mail("a@example.org")
            peer.rcpt("alice@example.com")
            peer.data()
            peer.header("X-Spam", "yes")
            peer.abort()                        # in the middle
            _answer, end = send(peer)
            same("not of the aborted one", end.kind, "continue")
            _answer, end = send(peer, fields=[("X-Spam", "yes")])
            same("refused", end.kind, "reply")
        peer.helo("again.example.org")
        _answer, end = send(peer)
        same("after HELO", end.kind, "continue")
        peer.quit()


@case
def many_sessions_at_once():
    failures = []

    def talk(daemon, number):
        try:
            with daemon.peer(timeout=60) as peer:
                begin(peer)
                for _round in range(5):
                    refuse = random.random() < 0.5
                    answer, _end = send(peer, "nobody@example.com" if refuse else
                                        "u%d@example.com" % number)
                    same("answer", answer.kind, "reply" if refuse else "continue")
                peer.quit()
        except Exception as problem:    # pylint: disable=broad-except
            failures.append(repr(problem))

    with serve(ENVELOPE) as daemon:
        threads = [threading.Thread(target=talk, args=(daemon, n)) for n in range(100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        same("failures", failures, [])


if __name__ == "__main__":
    run()
