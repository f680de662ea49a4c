#!/usr/bin/env python3
"""The daemon from outside: what it asks of a mail server, what it answers, and
that nothing a peer, an operator or a signal does takes it down.

    python3 tests/e2e/daemon.py build/milter-reply [NAME...]

Prints "ok NAME", "skip NAME: why" or "not ok NAME: why" a case; ends with 1 if
any failed.  What needs root is skipped without it.
"""

import grp
import os
import pwd
import random
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from milterproto import ACTIONS, PROTOCOL, VERSION, encode_negotiation, names, packet  # noqa: E402
from mta import exit_on_sigterm  # noqa: E402
from peer import MilterPeer, PeerClosed  # noqa: E402
from ports import free_port  # noqa: E402

BINARY = None
CASES = []

# For a binary built with -fsanitize=thread: libmilter makes a mutex in one of
# its threads and destroys it when the process exits, whatever they do.
TSAN_SUPPRESSIONS = "race:mi_control_startup\n"

ENVELOPE = """
policies: ( { name = "no bad"; when = { sender = "bad@example.org"; }; reject = "sender-refused"; },
            { name = "not here"; when = { recipient = "nobody@example.com"; };
              reject = "no-such-mailbox"; },
            { name = "later"; when = { recipient = "later@example.com"; }; defer = "greylisted"; } );
"""
HEADERS = """
policies: ( { name = "by field"; when = { header = { X-Spam = "yes"; }; }; reject = "spam"; } );
"""
BODY = """
policies: ( { name = "docm"; when = { attachment = "*.docm"; }; reject = "attachment-type"; } );
"""


class Skip(Exception):
    """This case cannot run here."""


def case(function):
    CASES.append(function)
    return function


def check(what, truth, detail=""):
    if not truth:
        raise AssertionError("%s%s" % (what, ": %s" % (detail,) if detail != "" else ""))


def same(what, got, want):
    check(what, got == want, "got %r, want %r" % (got, want))


def until(what, condition, timeout=10.0):
    end = time.monotonic() + timeout
    while not condition():
        check("in time: " + what, time.monotonic() < end)
        time.sleep(0.01)


class Daemon:
    """One daemon with a folder of its own; daemon_settings go into daemon: {}."""

    def __init__(self, policies=ENVELOPE, settings="", listen=None, environment=None, rest="", **how):
        self.folder = tempfile.mkdtemp(prefix="milter-reply-e2e.")
        os.chmod(self.folder, 0o755)
        self.config = os.path.join(self.folder, "milter-reply.conf")
        self.errors = os.path.join(self.folder, "stderr")
        self.socket = listen(self.folder) if listen else "inet:%d@127.0.0.1" % free_port()
        self.settings = settings
        self.rest = rest
        self.write(policies)
        suppressions = os.path.join(self.folder, "tsan.supp")
        with open(suppressions, "w", encoding="ascii") as file:
            file.write(TSAN_SUPPRESSIONS)
        self.environment = dict(os.environ, TSAN_OPTIONS="atexit_sleep_ms=0 suppressions=" +
                                suppressions, **(environment or {}))
        self.how = how
        self.process = None

    def write(self, policies):
        text = 'daemon: { milter = "%s"; %s };\n%s\n%s' % (self.socket, self.settings, self.rest,
                                                         policies)
        with open(self.config + ".new", "w", encoding="ascii") as file:
            file.write(text)
        os.rename(self.config + ".new", self.config)

    def launch(self):
        with open(self.errors, "ab") as errors:
            self.process = subprocess.Popen([BINARY, "-c", self.config, "serve"], stderr=errors,
                                            stdin=subprocess.DEVNULL, env=self.environment,
                                            **self.how)

    def start(self):
        before = self.log().count("event=start") if self.process else 0
        self.launch()
        until("the daemon starts\n" + self.log(),
              lambda: self.log().count("event=start") > before or self.process.poll() is not None,
              30)
        check("the daemon runs", self.process.poll() is None, self.log())
        time.sleep(0.1)         # until libmilter's threads wait: see daemon/signals.h
        return self

    def refused(self):
        """Starts a daemon that must not come up; returns its stderr."""
        self.launch()
        same("exit code", self.process.wait(30), 1)
        return self.log()

    def log(self):
        with open(self.errors, "r", encoding="latin-1") as file:
            return file.read()

    def kill(self, number):
        self.process.send_signal(number)

    def reload(self, policies, good=True):
        before = self.log().count("event=reload")
        self.write(policies)
        self.kill(signal.SIGUSR1)
        until("the reload", lambda: self.log().count("event=reload") > before)
        same("a good reload", "level=error" not in self.log()[self.log().rindex("event=reload"):],
             good)

    def stop(self, number=signal.SIGTERM):
        """Stops it; returns the seconds that it took."""
        began = time.monotonic()
        self.kill(number)
        code = self.process.wait(30)
        same("exit code after a signal\n" + self.log(), code, 0)
        return time.monotonic() - began

    def peer(self, **how):
        return MilterPeer(self.socket, **how)

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *_rest):
        try:
            alive = self.process.poll() is None
            if kind is None:
                check("the daemon lives to the end", alive, self.log())
            if alive:
                self.stop()
            if kind is None:
                check("no sanitizer complains", "Sanitizer" not in self.log() and
                      "runtime error" not in self.log(), self.log()[-3000:])
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            if kind is not None:
                sys.stderr.write(self.log()[-3000:])
            self.remove()

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def begin(peer, **offer):
    agreed = peer.negotiate(**offer)
    peer.connect("client.example.org", "192.0.2.7", 12345)
    peer.helo("client.example.org")
    return agreed


def send(peer, recipient="alice@example.com", sender="carol@example.org", fields=(), body=b""):
    """One message up to its end; returns (answer to RCPT, answer to the end)."""
    peer.mail(sender)
    answer = peer.rcpt(recipient)
    if answer.kind not in ("continue", "no reply"):
        peer.abort()
        return answer, None
    peer.data()
    peer.header("Subject", "test")
    for name, value in fields:
        peer.header(name, value)
    peer.eoh()
    if body:
        peer.body(body)
    return answer, peer.eom()


def docm():
    return (b"--b\r\nContent-Type: text/plain\r\n\r\nHello\r\n--b\r\n"
            b"Content-Type: application/octet-stream\r\n"
            b"Content-Disposition: attachment; filename=\"x.docm\"\r\n\r\nUEsDBA\r\n--b--\r\n")


MIME = (("MIME-Version", "1.0"), ("Content-Type", "multipart/mixed; boundary=b"))


# What is asked of the mail server.

@case
def envelope_plan_sends_no_message():
    with Daemon(ENVELOPE) as daemon, daemon.peer() as peer:
        agreed = begin(peer)
        bits = names(agreed.protocol, PROTOCOL)
        check("no headers, no body", {"NOHDRS", "NOBODY", "NOEOH", "NODATA", "NOUNKNOWN"} <= bits,
              bits)
        check("quiet where nothing is refused", {"NR_CONN", "NR_MAIL"} <= bits, bits)
        check("RCPT is answered", not {"NR_RCPT", "NORCPT", "RCPT_REJ"} & bits, bits)
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
    with Daemon(HEADERS) as daemon, daemon.peer() as peer:
        bits = names(begin(peer).protocol, PROTOCOL)
        check("headers without answers", "NR_HDR" in bits and "NOHDRS" not in bits, bits)
        check("no body", "NOBODY" in bits, bits)
        check("RCPT without answers", "NR_RCPT" in bits, bits)
        _answer, end = send(peer, fields=[("X-Spam", "yes")])
        same("refused at the end", (end.kind, end.code // 100), ("reply", 5))
        _answer, end = send(peer, fields=[("X-Spam", "no")])
        same("taken", end.kind, "continue")
        peer.quit()


@case
def body_plan_asks_for_the_body():
    with Daemon(BODY) as daemon, daemon.peer() as peer:
        bits = names(begin(peer).protocol, PROTOCOL)
        check("headers and body", not {"NOHDRS", "NOBODY"} & bits, bits)
        check("without answers", {"NR_HDR", "NR_BODY"} <= bits, bits)
        _answer, end = send(peer, fields=MIME, body=docm())
        same("refused at the end", (end.kind, end.code // 100), ("reply", 5))
        _answer, end = send(peer, fields=MIME, body=docm().replace(b"docm", b"text"))
        same("taken", end.kind, "continue")
        peer.quit()


@case
def early_plan_answers_mail():
    with Daemon(ENVELOPE, 'refuse_at = "earliest";') as daemon, daemon.peer() as peer:
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
    with Daemon(ENVELOPE, 'mode = "observe";') as daemon, daemon.peer() as peer:
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
    with Daemon(policies) as daemon, daemon.peer() as peer:
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
        with Daemon(policies) as daemon:
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
                        _answer, end = send(peer, fields=MIME, body=docm())
                        same(name + ": taken", end.kind, "continue")
                    else:
                        peer.abort()
                        _answer, end = send(peer, fields=MIME + (("X-Spam", "yes"),), body=docm())
                        same(name + ": refused at the end", end.kind, "reply")
                    peer.quit()


@case
def recipient_refused_by_the_mta_is_left_alone():
    with Daemon(ENVELOPE) as daemon, daemon.peer() as peer:
        begin(peer)
        peer.mail("a@example.org")
        peer.send("D", b"R{rcpt_mailer}\0error\0{rcpt_host}\0005.1.1\0")    # unasked
        same("no refusal", peer.rcpt("nobody@example.com").kind, "continue")
        peer.send("D", b"R{rcpt_mailer}\0local\0")
        same("a refusal", peer.rcpt("nobody@example.com").kind, "reply")
        peer.quit()


@case
def clients_without_address_are_survived():
    with Daemon(ENVELOPE) as daemon:
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
    with Daemon(ENVELOPE) as daemon, daemon.peer() as peer:
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
    with Daemon(ACTING) as daemon, daemon.peer() as peer:
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
    with Daemon(ACTING) as daemon, daemon.peer() as peer:
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
    with Daemon(HEADERS) as daemon, daemon.peer() as peer:
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

    with Daemon(ENVELOPE) as daemon:
        threads = [threading.Thread(target=talk, args=(daemon, n)) for n in range(100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        same("failures", failures, [])


# Reload.

@case
def reload_is_for_new_connections():
    with Daemon(ENVELOPE) as daemon, daemon.peer() as old:
        begin(old)
        same("before", send(old, "nobody@example.com")[0].code, 550)
        daemon.reload(ENVELOPE.replace("nobody@", "nemo@"))
        same("old keeps", send(old, "nobody@example.com")[0].code, 550)
        same("old keeps this, too", send(old, "nemo@example.com")[0].kind, "continue")
        with daemon.peer() as new:
            begin(new)
            same("new", send(new, "nemo@example.com")[0].code, 550)
            same("new, too", send(new, "nobody@example.com")[0].kind, "continue")
            new.quit()
        old.quit()


@case
def reload_with_errors_changes_nothing():
    with Daemon(ENVELOPE) as daemon:
        daemon.reload(ENVELOPE.replace("no-such-mailbox", "no-such-mailbux"), good=False)
        check("file and line", "place=%s:" % daemon.config in daemon.log(), daemon.log())
        check("what was meant", "no-such-mailbox" in daemon.log(), daemon.log())
        daemon.reload("policies: (", good=False)
        os.rename(daemon.config, daemon.config + ".away")
        daemon.kill(signal.SIGUSR1)
        until("the third", lambda: daemon.log().count("event=reload") == 3)
        with daemon.peer() as peer:
            begin(peer)
            same("as before", send(peer, "nobody@example.com")[0].code, 550)
            peer.quit()
        os.rename(daemon.config + ".away", daemon.config)
        daemon.reload(ENVELOPE.replace("nobody@", "nemo@"))
        with daemon.peer() as peer:
            begin(peer)
            same("the next good one", send(peer, "nemo@example.com")[0].code, 550)
            peer.quit()


@case
def reload_says_what_needs_a_restart():
    with Daemon(ENVELOPE) as daemon:
        daemon.settings = "timeout = 100;"
        daemon.reload(ENVELOPE)
        check("said so", "only a restart takes note of it: daemon.timeout" in daemon.log(),
              daemon.log())


@case
def no_session_mixes_two_configurations():
    """A refuses at RCPT and asks for no headers, B the other way round."""
    plan = {"A": ENVELOPE, "B": HEADERS}
    failures = []
    seen = set()
    done = threading.Event()

    def talk(daemon):
        try:
            while not done.is_set():
                with daemon.peer(timeout=60) as peer:
                    agreed = begin(peer)
                    mine = "A" if agreed.protocol & PROTOCOL["NOHDRS"] else "B"
                    seen.add(mine)
                    for _round in range(3):
                        answer, end = send(peer, "nobody@example.com", fields=[("X-Spam", "yes")])
                        if mine == "A":
                            same("A at RCPT", answer.code, 550)
                        else:
                            same("B at the end", (answer.kind, end.kind), ("no reply", "reply"))
                    peer.quit()
        except Exception as problem:    # pylint: disable=broad-except
            failures.append(repr(problem))

    with Daemon(ENVELOPE) as daemon:
        threads = [threading.Thread(target=talk, args=(daemon,)) for _n in range(8)]
        for thread in threads:
            thread.start()
        for number in range(30):
            new = "BA"[number % 2]
            daemon.reload(plan[new])
            seen.discard(new)
            if number % 5 == 0:
                daemon.reload("policies: ( broken", good=False)
                until("a session with " + new, lambda new=new: new in seen or failures, 60)
        done.set()
        for thread in threads:
            thread.join()
        same("failures", failures, [])


# Start and stop.

def unix(folder):
    return "unix:%s/milter.sock" % folder


@case
def term_stops_cleanly_and_soon():
    daemon = Daemon(ENVELOPE, listen=unix)
    daemon.settings = 'pid_file = "%s/pid";' % daemon.folder
    daemon.write(ENVELOPE)
    with daemon, daemon.peer() as idle, daemon.peer() as busy:
        begin(idle)
        begin(busy)
        busy.mail("a@example.org")
        busy.rcpt("alice@example.com")
        check("socket", os.path.exists(daemon.socket[5:]))
        with open(daemon.folder + "/pid", encoding="ascii") as file:
            same("pid", int(file.read()), daemon.process.pid)
        took = daemon.stop()
        check("within 2 seconds", took < 2, took)
        check("no socket", not os.path.exists(daemon.socket[5:]))
        check("no pid file", not os.path.exists(daemon.folder + "/pid"))
        idle.wait_closed()
        busy.wait_closed()
        check("said so", "event=stop" in daemon.log(), daemon.log())
        daemon.start()          # once more, for __exit__


@case
def hup_and_int_stop_as_well():
    for number in (signal.SIGHUP, signal.SIGINT):
        with Daemon(ENVELOPE, listen=unix) as daemon:
            took = daemon.stop(number)
            check("within 2 seconds", took < 2, took)
            check("no socket", not os.path.exists(daemon.socket[5:]))
            daemon.start()


@case
def term_while_busy_loses_no_answer():
    """Every answer that comes is the right one, and none comes half."""
    for _round in range(5):
        with Daemon(ENVELOPE) as daemon:
            wrong = []

            def talk(daemon=daemon, wrong=wrong):
                try:
                    with daemon.peer() as peer:
                        begin(peer)
                        while True:
                            answer, _end = send(peer, "nobody@example.com")
                            if answer.code != 550:
                                wrong.append(answer)
                except (OSError, PeerClosed):
                    pass

            threads = [threading.Thread(target=talk) for _n in range(8)]
            for thread in threads:
                thread.start()
            time.sleep(0.2)
            daemon.stop()
            for thread in threads:
                thread.join()
            same("wrong answers", wrong, [])
            daemon.start()


@case
def socket_gets_mode_and_group():
    if os.geteuid() != 0:
        raise Skip("needs root")
    group = grp.getgrnam("mail")
    nobody = pwd.getpwnam("nobody")
    with Daemon(ENVELOPE, 'socket_mode = "0620"; socket_group = "mail"; user = "nobody";',
                listen=unix) as daemon:
        found = os.stat(daemon.socket[5:])
        same("mode", oct(stat.S_IMODE(found.st_mode)), oct(0o620))
        same("group", found.st_gid, group.gr_gid)
        same("owner", found.st_uid, nobody.pw_uid)


@case
def group_that_is_unknown_is_refused():
    daemon = Daemon(ENVELOPE, 'socket_group = "nosuchgroup";', listen=unix)
    try:
        text = daemon.refused()
        check("says so", 'there is no group "nosuchgroup"' in text, text)
        check("no socket", not os.path.exists(daemon.socket[5:]))
    finally:
        daemon.remove()


@case
def privileges_are_dropped():
    if os.geteuid() != 0:
        raise Skip("needs root")
    nobody = pwd.getpwnam("nobody")
    with Daemon(ENVELOPE, 'user = "nobody";') as daemon:
        with open("/proc/%d/status" % daemon.process.pid, encoding="ascii") as file:
            status = dict(line.rstrip("\n").split(":", 1) for line in file)
        same("user", set(status["Uid"].split()), {str(nobody.pw_uid)})
        same("group", set(status["Gid"].split()), {str(nobody.pw_gid)})
        check("no group of root", "0" not in status["Groups"].split(), status["Groups"])
        same("capabilities", int(status["CapEff"], 16), 0)
        daemon.reload(ENVELOPE.replace("nobody@", "nemo@"))     # may still read it
        with daemon.peer() as peer:
            begin(peer)
            same("serves", send(peer, "nemo@example.com")[0].code, 550)
            peer.quit()


@case
def pid_file_of_root_is_emptied():
    """Its folder lets the user remove nothing: no old number stays behind."""
    if os.geteuid() != 0:
        raise Skip("needs root")
    daemon = Daemon(ENVELOPE)
    daemon.settings = 'user = "nobody"; pid_file = "%s/pid";' % daemon.folder
    daemon.write(ENVELOPE)
    with daemon:
        daemon.stop()
        with open(daemon.folder + "/pid", encoding="ascii") as file:
            same("empty", file.read(), "")
        daemon.start()


@case
def user_without_root():
    if os.geteuid() != 0:
        raise Skip("needs root to become another user")
    with Daemon(ENVELOPE, 'user = "nobody";', user="nobody", group="nogroup",
                extra_groups=[]) as daemon, daemon.peer() as peer:
        begin(peer)
        same("serves", send(peer, "nobody@example.com")[0].code, 550)
        peer.quit()
    for user, want in (("daemon", 'cannot become user "daemon": only root can'),
                       ("nosuchuser", 'there is no user "nosuchuser"')):
        daemon = Daemon(ENVELOPE, 'user = "%s";' % user, user="nobody", group="nogroup",
                        extra_groups=[])
        try:
            check("says so", want in daemon.refused(), daemon.log())
        finally:
            daemon.remove()


@case
def stale_socket_is_replaced():
    daemon = Daemon(ENVELOPE, listen=unix)
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(daemon.socket[5:])
    with daemon, daemon.peer() as peer:
        begin(peer)
        same("serves", send(peer, "nobody@example.com")[0].code, 550)
        peer.quit()
        daemon.kill(signal.SIGKILL)           # leaves its own
        daemon.process.wait()
        check("left", os.path.exists(daemon.socket[5:]))
        daemon.start()


@case
def file_at_the_socket_is_left_alone():
    daemon = Daemon(ENVELOPE, listen=unix)
    try:
        with open(daemon.socket[5:], "w", encoding="ascii") as file:
            file.write("precious")
        text = daemon.refused()
        check("says so", "there is something else of this name" in text, text)
        with open(daemon.socket[5:], encoding="ascii") as file:
            same("file", file.read(), "precious")
    finally:
        daemon.remove()


@case
def second_instance_is_refused():
    for listen in (unix, None):
        with Daemon(ENVELOPE, listen=listen) as first:
            second = Daemon(ENVELOPE, listen=lambda _folder, first=first: first.socket)
            try:
                text = second.refused()
                check("names the socket", "a process listens there already" in text and
                      "socket \"" in text, text)
            finally:
                second.remove()
            with first.peer() as peer:
                begin(peer)
                same("the first serves", send(peer, "nobody@example.com")[0].code, 550)
                peer.quit()


@case
def second_pid_file_is_refused():
    first = Daemon(ENVELOPE)
    first.settings = 'pid_file = "%s/pid";' % first.folder
    first.write(ENVELOPE)
    with first:
        second = Daemon(ENVELOPE, first.settings)
        try:
            want = "process %d holds it" % first.process.pid
            check("says so", want in second.refused(), second.log())
        finally:
            second.remove()
        check("still there", os.path.exists(first.folder + "/pid"))


@case
def bad_configuration_does_not_start():
    daemon = Daemon('daemn: { };\n' + ENVELOPE)
    try:
        text = daemon.refused()
        check("file, line, severity", "%s:" % daemon.config in text and ": error: " in text, text)
    finally:
        daemon.remove()


@case
def bad_sockets_do_not_start():
    for name in ("inet:8894@192.0.2.1", "unix:/nonexistent/s", "inet:8894@nosuchhost.invalid"):
        daemon = Daemon(ENVELOPE, listen=lambda _folder, name=name: name)
        try:
            text = daemon.refused()
            check("names the socket", name.split(":")[1].split("@")[0] in text and
                  "error" in text, text)
        finally:
            daemon.remove()


@case
def ipv6_socket():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
            port = probe.getsockname()[1]
    except OSError as problem:
        raise Skip("no IPv6 here: %s" % problem) from None
    with Daemon(ENVELOPE, listen=lambda _folder: "inet6:%d@::1" % port):
        socket.create_connection(("::1", port)).close()


@case
def systemd_is_told():
    folder = tempfile.mkdtemp(prefix="milter-reply-e2e.")
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
            told.bind(folder + "/notify")
            told.settimeout(10)
            with Daemon(ENVELOPE, environment={"NOTIFY_SOCKET": folder + "/notify"}) as daemon:
                told.setblocking(False)
                try:
                    first = told.recv(4096)
                except BlockingIOError:
                    raise Skip("built without libsystemd") from None
                told.settimeout(10)
                check("ready", b"READY=1" in first, first)
                daemon.reload(ENVELOPE)
                text = told.recv(4096)
                check("reloading", b"RELOADING=1" in text and b"MONOTONIC_USEC=" in text, text)
                check("ready again", b"READY=1" in told.recv(4096))
                daemon.reload("policies: (", good=False)
                told.recv(4096)
                check("ready with errors", b"READY=1" in told.recv(4096))
                daemon.stop()
                check("stopping", b"STOPPING=1" in told.recv(4096))
                daemon.write(ENVELOPE)
                daemon.start()
    finally:
        shutil.rmtree(folder)


@case
def start_says_what_is_asked():
    with Daemon(ENVELOPE) as daemon:
        line = [line for line in daemon.log().split("\n") if line.startswith("event=start")][0]
        for want in ("version=", "files=%s" % daemon.config, "policies=3", "headers=no", "body=no",
                     "mode=enforce"):
            check("the line has " + want, want in line, line)


# Peers that do what they should not.

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
        with Daemon(policies, 'refuse_at = "earliest";') as daemon, daemon.peer() as good:
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
            _answer, end = send(good, fields=MIME + (("X-Spam", "yes"),), body=docm())
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
    with Daemon(BODY) as daemon:
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
            _answer, end = send(peer, fields=MIME, body=docm())
            same("served", end.kind, "reply")
            peer.quit()


@case
def reused_connection_is_deferred():
    """"Quit, but a new connection follows": nothing is agreed for it.  libmilter
    heeds it only behind the end of a message."""
    with Daemon(ENVELOPE) as daemon, daemon.peer() as peer:
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
    with Daemon(BODY) as daemon:
        hung = []
        for _n in range(20):
            peer = daemon.peer()
            begin(peer)
            peer.mail("a@example.org")
            peer.raw(b"\0\0\xff\xffB")          # and no more
            hung.append(peer)
        time.sleep(0.2)
        took = daemon.stop()
        check("within 2 seconds", took < 2, took)
        for peer in hung:
            peer.close()
        daemon.start()


def main():
    global BINARY                       # pylint: disable=global-statement
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    BINARY = os.path.abspath(sys.argv[1])
    exit_on_sigterm()                   # so that no daemon is left behind
    failed = 0
    for function in CASES:
        name = function.__name__
        if len(sys.argv) > 2 and name not in sys.argv[2:]:
            continue
        try:
            function()
            print("ok " + name, flush=True)
        except Skip as why:
            print("skip %s: %s" % (name, why), flush=True)
        except Exception as problem:    # pylint: disable=broad-except
            failed += 1
            if not isinstance(problem, AssertionError):
                traceback.print_exc()
            print("not ok %s: %s" % (name, problem), flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
