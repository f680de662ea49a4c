#!/usr/bin/env python3
"""Peers that do what they should not: none takes the daemon down, or harms
another.

    hostile.py PROGRAM [NAME ...]
"""

import functools
import os
import random
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from cases import case, check, run, same                # noqa: E402
from dialogue import (BODY, DOCM, ENVELOPE, HEADERS, MIME,  # noqa: E402
                      begin, send)
from milterproto import encode_negotiation, packet      # noqa: E402
from served import Served                               # noqa: E402

serve = functools.partial(Served, os.path.abspath(sys.argv[1]), None)


def hostile_octets():
    begin_ok = packet("O", encode_negotiation(6, 0x1FF, 0x1FFFFF))
    connect = packet("C", b"c.example.org\0" + b"4" + struct.pack(">H", 25) + b"192.0.2.7\0")
    mail = packet("M", b"<a@example.org>\0")
    yield "nothing", b""
    yield "an HTTP request", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    yield "length 0", b"\0\0\0\0"
    yield "length 4 G", b"\xff\xff\xff\xffO"
    yield "length 2 G", b"\x7f\xff\xff\xffO" + b"x" * 1000
    yield "half a length", b"\0\0"
    yield "half a packet", begin_ok[:9]
    yield "short negotiation", packet("O", b"\0\0\0\6")
    yield "old version", packet("O", encode_negotiation(1, 1, 1))
    yield "unknown command", packet("?", b"x")
    yield "MAIL first", mail + packet("R", b"<nobody@example.com>\0") + packet("E")
    yield "negotiation twice", begin_ok + begin_ok + begin_ok
    yield "connect without end", begin_ok + packet("C", b"host")
    yield "connect without address", begin_ok + packet("C", b"host\0" + b"4\0\0")
    yield "connect with a bad address", begin_ok + packet("C", b"host\0" + b"4\0\x19" + b"nonsense\0")
    yield "connect with a bad family", begin_ok + packet("C", b"host\0" + b"Z\0\x19" + b"x\0")
    yield "helo without end", begin_ok + connect + packet("H", b"helo")
    yield "mail without end", begin_ok + connect + packet("M", b"<a@example.org>")
    yield "mail empty", begin_ok + connect + packet("M", b"\0") + packet("R", b"\0")
    yield "field without value", begin_ok + connect + mail + packet("L", b"X-Spam\0")
    yield "body without mail", begin_ok + connect + packet("U", b"x\0") + packet("B", b"body")
    yield "field without mail", begin_ok + connect + packet("L", b"A\0b\0") + packet("N") + packet("E")
    yield "rcpt without mail", begin_ok + connect + packet("U", b"x\0") + packet("R", b"<a@b>\0")
    yield "end without mail", begin_ok + connect + packet("E")
    yield "end with a body", begin_ok + connect + mail + packet("R", b"<a@b>\0") + packet("E", b"body")
    yield "macros for nobody", begin_ok + packet("D", b"Zx\0y\0") + connect
    yield "macros empty", begin_ok + packet("D", b"C") + connect + packet("D", b"M") + mail
    yield "mail twice", begin_ok + connect + mail + mail + mail + packet("R", b"<a@b>\0")
    yield "abort first", packet("A") + begin_ok + packet("A") + packet("A") + packet("Q")
    yield "quit first", packet("Q")
    yield "a new connection", (begin_ok + connect + mail + packet("K") + connect + mail +
                               packet("R", b"<a@b>\0") + packet("E") + packet("K") + packet("Q"))
    noise = random.Random(4711)
    for number in range(30):
        yield "noise %d" % number, noise.randbytes(200)
    letters = b"ABCEHKLMNQRTU"
    for number in range(60):
        yield "disorder %d" % number, begin_ok + b"".join(
            packet(chr(noise.choice(letters)), noise.choice(
                [b"", b"x\0", b"<a@b>\0", b"X-Spam\0yes\0", b"h\0" + b"4\0\x19" + b"192.0.2.1\0"]))
            for _n in range(12))


@case
def hostile_peers_harm_nobody():
    for policies in (ENVELOPE, HEADERS, BODY):
        with serve(policies, 'refuse_at = "earliest";') as daemon, daemon.peer() as good:
            begin(good)
            hangs = []
            for name, octets in hostile_octets():
                peer = daemon.peer()
                try:
                    peer.raw(octets)
                except OSError:
                    pass                # closed on us already: as it should
                if len(hangs) < 20:
                    hangs.append(peer)  # stays open, in the middle
                else:
                    peer.close()
                check("alive after: " + name, daemon.process.poll() is None, daemon.log()[-2000:])
            _answer, end = send(good, fields=MIME + (("X-Spam", "yes"),), body=DOCM)
            same("the good one is served", end.kind, "continue" if policies == ENVELOPE else
                 "reply")
            with daemon.peer() as fresh:
                begin(fresh)
                check("a new one is served", send(fresh)[0].kind in ("continue", "no reply"))
                fresh.quit()
            for peer in hangs:
                peer.close()
            good.quit()


@case
def peers_that_vanish_mid_message():
    with serve(BODY) as daemon:
        for step in range(7):
            for _again in range(5):
                peer = daemon.peer()
                peer.negotiate()
                steps = [lambda p=peer: p.connect("c.example.org", "192.0.2.7", 1),
                         lambda p=peer: p.helo("c"), lambda p=peer: p.mail("a@b"),
                         lambda p=peer: p.rcpt("alice@example.com"),
                         lambda p=peer: p.header("Subject", "x"),
                         lambda p=peer: p.send("B", b"x" * 60000)]
                for do in steps[:step]:
                    do()
                peer.close()
        with daemon.peer() as peer:
            begin(peer)
            _answer, end = send(peer, fields=MIME, body=DOCM)
            same("served", end.kind, "reply")
            peer.quit()


@case
def reused_connection_is_deferred():
    """"Quit, but a new connection follows": nothing is agreed for it.  libmilter
    heeds it only behind the end of a message."""
    with serve(ENVELOPE) as daemon, daemon.peer() as peer:
        begin(peer)
        same("a message", send(peer)[1].kind, "continue")
        peer.quit_new_connection()
        peer.connect("c.example.org", "192.0.2.7", 1)
        peer.send("M", b"<a@example.org>\0")
        peer.send("R", b"<alice@example.com>\0")
        same("for now", peer.answer().kind, "tempfail")
        peer.send("Q")


@case
def hung_peers_do_not_hold_up_the_stop():
    with serve(BODY) as daemon:
        # All are in a message before the first falls silent: behind silent ones
        # libmilter may let a new connection wait for a worker.
        hung = [daemon.peer() for _n in range(20)]
        for peer in hung:
            begin(peer)
            peer.mail("a@example.org")
        for peer in hung:
            peer.raw(b"\0\0\xff\xffB")          # and no more
        time.sleep(0.2)
        took = daemon.stop()
        check("within 2 seconds", took < 2, took)
        for peer in hung:
            peer.close()
        daemon.start()


if __name__ == "__main__":
    run()
