#!/usr/bin/env python3
"""The socketmap service: alone, and asked by a real Postfix.

    maps.py PROGRAM
    maps.py PROGRAM --postfix=FOLDER      one from 3.11 on, with a filter as well

FOLDER is a system in which that Postfix is installed, such as debootstrap makes.
"""

import concurrent.futures
import os
import re
import resource
import shlex
import socket
import stat
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))

from cases import Folder, case, check, run, same, until     # noqa: E402
from dns import Dns                                         # noqa: E402
from mta import Postfix, bounce                             # noqa: E402
from ports import free_port                                 # noqa: E402
from served import Served                                   # noqa: E402
from refusals import (CLIENTS, KINDS, Client, Refusing, all_at_once, listed, relay,  # noqa: E402
                      sender_domain, zone)
from smtp import Smtp, SmtpClosed                           # noqa: E402
from socketmap import Socketmap, ask, netstring, request    # noqa: E402

PROGRAM = os.path.abspath(sys.argv[1])
SITE = 'site: { help = "https://example.com/mail/{reason}"; %s };\n'
POLICIES = """
policies: (
  { name = "gone"; when = { recipient = "gone@example.com"; }; reject = "no-such-mailbox"; },
  { name = "words"; when = { subject = "*gtube*"; }; reject = "spam"; } );
"""
CASE = r"[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}"
RELAY = "554 5.7.1 <kim@example.org>: Relay access denied"
ROOT = None
if len(sys.argv) > 2 and sys.argv[2].startswith("--postfix="):
    ROOT = os.path.abspath(sys.argv.pop(2).partition("=")[2])


class Mapped(Served):
    """A daemon with the maps service at .maps."""

    def __init__(self, folder, configuration, settings="", maps=None, **how):
        self.maps = maps or "inet:%d@127.0.0.1" % free_port()
        super().__init__(PROGRAM, folder, configuration,
                         'maps = "%s"; %s' % (self.maps, settings), **how)

    def records(self):
        """The records of the log that a map has asked for, as dictionaries."""
        lines = [dict(word.partition("=")[::2] for word in shlex.split(line))
                 for line in self.log().splitlines() if "outcome=" in line]
        return [line for line in lines if "map" in line]


@case
def three_tables():
    with Mapped(None, SITE % "") as daemon:
        kind, text = ask(daemon.maps, "filter", RELAY)
        same("filter", kind, "OK")
        lines = text.split("\r\n")
        check("its lines", len(lines) == 3 and all(
            re.match(r"550-5\.7\.1 \w", line) for line in lines[:2]) and re.fullmatch(
                "550 5.7.1 More help: https://example.com/mail/relay-denied Case: " + CASE,
                lines[2]), text)
        kind, text = ask(daemon.maps, "footer", RELAY)
        same("footer", kind, "OK")
        check("its template", "\n" not in text and re.search(
            r"\\nMore help: https://example\.com/mail/relay-denied Case: %s$" % CASE, text), text)
        kind, text = ask(daemon.maps, "delivery", "5.1.1 host mx.example.org[192.0.2.9] said: "
                         "550 5.1.1 <kim@example.org>: Recipient address rejected: User unknown "
                         "in local recipient table (in reply to RCPT TO command)")
        same("delivery", kind, "OK")
        check("its status", text.startswith("5.1.1 ") and "mx.example.org" in text, text)
        for table, key in (("filter", "250 2.1.5 Ok"), ("delivery", "2.0.0 sent"),
                           ("footer", "550 5.1.1 x Case: 7K3Q-X2M9"), ("filter", "")):
            same("%s of %r" % (table, key), ask(daemon.maps, table, key), ("NOTFOUND", ""))
        kind, text = ask(daemon.maps, "nothing", RELAY)
        same("an unknown table", (kind, text[:18]), ("PERM", 'no table "nothing"'))
        records = daemon.records()
        same("records", [record["map"] for record in records], ["filter", "footer", "delivery"])
        same("the reason", records[0]["reason"], "relay-denied")


@case
def a_reload_and_observing():
    with Mapped(None, SITE % "") as daemon, Socketmap(daemon.maps) as client:
        same("before", client.ask("filter", RELAY)[0], "OK")
        daemon.reload('site: { help = "https://example.org/{reason}"; };')
        check("after", "https://example.org/relay-denied" in client.ask("filter", RELAY)[1])
    with Mapped(None, "", 'mode = "observe";') as daemon:
        same("observing", ask(daemon.maps, "filter", RELAY), ("NOTFOUND", ""))
        daemon.wait_log(r"outcome=observed .*map=filter")


@case
def many_connections_at_once():
    def converse(_number):
        with Socketmap(daemon.maps) as client:
            return sum(client.ask("footer", "554 5.7.1 <u%d@example.org>: Relay access denied" %
                                  turn)[0] == "OK" for turn in range(100))
    with Mapped(None, SITE % "") as daemon:
        with concurrent.futures.ThreadPoolExecutor(50) as pool:
            same("answers", sum(pool.map(converse, range(50))), 5000)


@case
def requests_in_one_write_and_in_pieces():
    with Mapped(None, SITE % "") as daemon, Socketmap(daemon.maps) as client:
        keys = ["550 5.1.1 <u%d@example.com>: Recipient address rejected: User unknown" % n
                for n in range(1000)]
        sender = threading.Thread(target=client.send, args=(
            b"".join(request("filter", key) for key in keys),))
        sender.start()
        for key in keys:
            kind, text = client.answer()
            same("kind", kind, "OK")
            check("in their order", text.startswith("550-5.1.1 "), text)
        sender.join()
        for octet in request("footer", RELAY):
            client.send(bytes([octet]))
        same("in pieces", client.answer()[0], "OK")
        whole = request("footer", RELAY)
        client.send(whole + whole[:20])
        same("one and a half", client.answer()[0], "OK")
        client.send(whole[20:])
        same("the other half", client.answer()[0], "OK")


@case
def what_is_no_request_ends_the_connection():
    wrong = [b"hello\r\n", b"\0\0\0\0", b"5:hello,", b"4:abc,", b"3:a b;", b"0:,", b"01:a,",
             b"-1:a,", b"99999999999999999999:", b"200000:filter 550 ", b":,",
             b"GET / HTTP/1.0\r\n"]
    with Mapped(None, SITE % "") as daemon:
        with Socketmap(daemon.maps) as good:
            for octets in wrong:
                with Socketmap(daemon.maps) as client:
                    client.send(octets + b"x" * 8)
                    check("%r ends it" % octets, client.is_closed())
            same("others live on", good.ask("footer", RELAY)[0], "OK")
        with Socketmap(daemon.maps) as client:
            client.send(request("footer", RELAY) + b"nonsense")
            same("what came before is answered", client.answer()[0], "OK")
            check("then it ends", client.is_closed())
        with Socketmap(daemon.maps) as client:
            try:
                client.send(netstring("filter 554 5.7.1 " + "x" * 200000))
                check("a key of 200 kB ends it", client.is_closed())
            except (BrokenPipeError, ConnectionResetError):
                pass
        kind, text = ask(daemon.maps, "filter", "554 5.7.1 " + "x" * 99000)
        check("a key of 99 kB is answered in short", kind == "OK" and len(text) < 5000, len(text))
        same("one log line for all", daemon.log().count("event=maps"), 1)


@case
def a_unix_socket_has_its_mode_and_goes_at_the_end():
    with Folder() as folder:
        path = os.path.join(folder, "maps.sock")
        with Mapped(folder, SITE % "", 'socket_mode = "0666";', "unix:" + path) as daemon:
            same("mode", stat.S_IMODE(os.stat(path).st_mode), 0o666)
            same("an answer", ask(daemon.maps, "footer", RELAY)[0], "OK")
        check("removed", not os.path.exists(path))


@case
def an_inet6_socket():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return                              # this machine has none
    with Mapped(None, SITE % "", maps="inet6:%d@[::1]" % free_port()) as daemon:
        same("an answer", ask(daemon.maps, "footer", RELAY)[0], "OK")


@case
def a_taken_socket_is_a_reason_not_to_start():
    with Mapped(None, "") as daemon:
        other = Mapped(None, "", maps=daemon.maps)
        check("it says why", "a process listens there already" in other.refused())
        other.remove()


@case
def idle_connections_do_not_hold_up_the_stop():
    daemon = Mapped(None, SITE % "")
    try:
        daemon.start()
        clients = [Socketmap(daemon.maps) for _ in range(20)]
        clients[0].send(b"100:half a request")
        same("an answer", clients[1].ask("footer", RELAY)[0], "OK")
        took = daemon.stop()
        check("it stops at once", took < 4 or "tsan" in PROGRAM, took)
        for client in clients:
            check("closed", client.is_closed())
            client.close()
    finally:
        daemon.remove()


class Silent(Socketmap):
    """A client that asks more than the sockets hold, and does not read."""

    def __init__(self, where):
        super().__init__(where)
        self._sender = threading.Thread(target=self._ask)
        self._sender.start()

    def _ask(self):
        try:
            self.send(request("filter", RELAY) * 20000)
        except OSError:
            pass                            # closed by one of the two

    def close(self):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._sender.join()
        super().close()

    def rest(self):
        """How many whole answers still come, until the server closes."""
        count = 0
        try:
            while True:
                same("kind", self.answer()[0], "OK")
                count += 1
        except (EOFError, ConnectionResetError):
            return count


def wait_blocked(daemon):
    """Until the daemon answers no more."""
    sizes = [0]

    def stays():
        time.sleep(0.3)
        sizes.append(len(daemon.log()))
        return sizes[-1] == sizes[-2] > 0
    until("nothing is answered", stays, 60)


@case
def clients_that_do_not_read_hold_up_nobody():
    with Folder() as folder, Mapped(folder, SITE % "", maps="unix:%s/maps" % folder) as daemon:
        silent = [Silent(daemon.maps) for _ in range(20)]
        try:
            wait_blocked(daemon)
            with Socketmap(daemon.maps) as client:
                for _ in range(20):
                    same("others are answered", client.ask("footer", RELAY)[0], "OK")
            for _ in range(1000):
                same("and they go on", silent[0].answer()[0], "OK")
        finally:
            for client in silent:
                client.close()


@case
def answers_that_were_begun_go_out_at_the_stop():
    with Folder() as folder:
        daemon = Mapped(folder, SITE % "", maps="unix:%s/maps" % folder).start()
        try:
            with Silent(daemon.maps) as client:
                wait_blocked(daemon)
                answered = daemon.log().count("map=filter")
                with concurrent.futures.ThreadPoolExecutor(1) as pool:
                    stopped = pool.submit(daemon.stop)
                    until("the socket goes", lambda: not os.path.exists(folder + "/maps"))
                    same("answers", client.rest(), answered)
                check("it waits for no more", stopped.result() < 4 or "tsan" in PROGRAM)
        finally:
            daemon.remove()


def few_files():
    """In the daemon, before it starts."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200))


@case
def beyond_the_bound_a_connection_waits():
    with Mapped(None, SITE % "", preexec_fn=few_files) as daemon:
        clients = [Socketmap(daemon.maps) for _ in range(200 // 4 + 1)]
        for client in clients:
            same("an answer", client.ask("filter", "")[0], "NOTFOUND")
        with Socketmap(daemon.maps, timeout=1) as late:
            late.send(request("filter", ""))
            try:
                late.answer()
                raise AssertionError("answered beyond the bound")
            except TimeoutError:
                clients.pop().close()
            same("its turn", late.answer()[0], "NOTFOUND")
            with daemon.peer() as peer:
                peer.negotiate()
        for client in clients:
            client.close()


# From here on with a real Postfix.

def table(daemon, name):
    """A lookup table of Postfix, at the service."""
    port = daemon.maps.split("@")[0].split(":")[1]
    return "socketmap:inet:127.0.0.1:%s:%s" % (port, name)


def footers(daemon):
    """The parameters that attach the service."""
    return {"smtpd_reject_footer_maps": table(daemon, "footer"),
            "smtp_delivery_status_filter": table(daemon, "delivery"),
            "virtual_delivery_status_filter": table(daemon, "delivery")}


def filters(daemon):
    """The same for a Postfix from 3.11 on, whose whole replies are ours.  The
    footer that is asked as well finds that nothing is missing."""
    return {**footers(daemon), "smtpd_reject_filter_maps": table(daemon, "filter")}


def check_values(what, lines, n):
    """The lines have no values of other clients than n."""
    for other in re.findall(r"\bd(\d+)\.invalid|203\.0\.113\.(\d+)|198\.51\.100\.(\d+)",
                            " ".join(lines)):
        numbers = [int(other[0])] if other[0] else [int(max(other[1:])) - 1]
        same(what + ", only its own values", numbers, [n])


def check_refusal(how, lines, n, whole=False):
    """The reply to client n is Postfix's line and ours, or ours as a whole."""
    _, first, reason, value, ours = how
    first, value = (text.format(n=n, m=n + 1) for text in (first, value))
    what = "%s of client %d" % (how[0].__name__, n)
    if not whole:
        same(what, lines[0], first)
        ours = first[:3] + " " + first[4:9]
    for number, line in enumerate(lines):
        last = number == len(lines) - 1
        same(what + ", codes", line[:9], ours[:3] + (" " if last else "-") + ours[4:])
    check(what + ", our last line", re.fullmatch(
        r".{10}More help: https://example\.com/mail/%s Case: %s" % (reason, CASE), lines[-1]),
        lines)
    rest = lines[0 if whole else 1:-1]
    check(what + ", values", value in " ".join(rest) or (not whole and value in first and rest),
          lines)
    check_values(what, rest, n)


def check_record(record, n):
    """What the record of client n's refusal tells of a session is of that one."""
    for field, its in (("client_ip", r"(198\.51\.100|203\.0\.113)\.%d" % (n + 1)),
                       ("client_name", r"c%d\.example\.net" % n),
                       ("helo", r"c%d\.example\.net" % n),
                       ("sender", r"(s%d@example\.net|ann@d%d\.invalid)" % (n, n)),
                       ("recipient", r"kim%d@example\.org|[a-z]+@.*" % n)):
        if field in record:
            check("%s of client %d" % (field, n), re.fullmatch(its, record[field]), record)


def check_all_refusals(tables, whole):
    """All kinds of refusals through these tables, of all clients at once."""
    with Folder() as folder, Mapped(folder, SITE % "" + POLICIES) as daemon, Dns(zone) as dns, \
            Refusing(folder, daemon.socket, dns, tables(daemon), root=ROOT) as mx:
        for how in KINDS:
            since = len(daemon.records())
            replies = all_at_once(mx, how)
            for n, lines in enumerate(replies):
                check_refusal(how, lines, n, whole)
            records = {record["case"]: record for record in daemon.records()[since:]}
            same("records of " + how[0].__name__, len(records), CLIENTS)
            for n, lines in enumerate(replies):
                record = records[lines[-1][-len("7K3Q-X2M9"):]]
                check_record(record, n)
                if how[0] in (relay, sender_domain, listed):
                    check("client %d is known in %s" % (n, how[0].__name__),
                          "client_ip" in record, record)


@case
def refusals_of_postfix_in_our_words_among_fifty_others():
    check_all_refusals(footers, False)


@case
def a_session_is_known_where_no_policy_asks_for_it():
    """The note must be there before the map is asked: for that, Postfix has to
    wait for an answer to RCPT which nothing else needs."""
    with Folder() as folder, Mapped(folder, SITE % "") as daemon:
        refuse = {"smtpd_helo_restrictions": "check_helo_access inline:{{c1.example.net=REJECT}}",
                  "smtpd_delay_reject": "yes"}
        with Postfix(folder, daemon.socket, params={**footers(daemon), **refuse},
                     root=ROOT) as mx:
            with concurrent.futures.ThreadPoolExecutor(10) as pool:
                list(pool.map(lambda n: relay(mx, n), range(100, 200)))
            records = daemon.records()
            same("records", len(records), 100)
            for record in records:
                n = int(re.match(r"kim(\d+)@", record["recipient"]).group(1))
                same("client", record.get("client_ip"), "198.51.100.%d" % (n + 1))
                same("its HELO", record.get("helo"), "c%d.example.net" % n)
            with Client(mx, 1) as client:
                same("by its HELO", client.refusal("bob@example.com")[0],
                     "554-5.7.1 <c1.example.net>: Helo command rejected: Access denied")
            same("found by its HELO", daemon.records()[-1].get("client_ip"), "198.51.100.2")


@case
def replies_of_ours_stay_as_they_are():
    for tables in (footers, filters) if ROOT else (footers,):
        for show in ("", "show_case = false;"):
            with Folder() as folder, Mapped(folder, SITE % show + POLICIES) as daemon, \
                    Postfix(folder, daemon.socket, params=tables(daemon), root=ROOT) as mx:
                with Smtp("127.0.0.1", mx.port) as client:
                    client.ehlo()
                    client.mail("ann@example.net")
                    gone = client.rcpt("gone@example.com")
                    same("bob", client.rcpt("bob@example.com")[0][:3], b"250")
                    spam = client.data(b"Subject: gtube\r\n\r\nx\r\n")
                for what, lines, link in (("gone", gone, b"no-such-mailbox"),
                                          ("spam", spam, b"spam")):
                    same("lines of " + what, len(lines), 3)
                    same("cases of " + what, len(re.findall(CASE.encode(), b" ".join(lines))),
                         0 if show else 1)
                    check("help of " + what, b"/mail/" + link in lines[2], lines)
                same("no record of a map", daemon.records(), [])


@case
def postscreen_gets_the_footer():
    port = free_port()
    master = ("127.0.0.1:%d inet n - n - 1 postscreen\nsmtpd pass - - n - - smtpd\n"
              "dnsblog unix - - n - 0 dnsblog\n" % port)
    with Folder() as folder, Mapped(folder, SITE % "") as daemon:
        asking = {"postscreen_reject_footer_maps": table(daemon, "footer"),
                  "postscreen_access_list": "static:DUNNO", "postscreen_cache_map": "",
                  "postscreen_greet_wait": "1s", "postscreen_greet_action": "enforce"}
        with Postfix(folder, daemon.socket, params=asking, master=master, root=ROOT), \
                socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            client.sendall(b"EHLO hasty.example.net\r\n")       # before its greeting
            lines = client.makefile("r", encoding="ascii", newline="\r\n")
            for command in (b"MAIL FROM:<ann@example.net>\r\n", b"RCPT TO:<bob@example.com>\r\n"):
                while not (line := lines.readline()).startswith("250 "):
                    check("an answer", line)
                client.sendall(command)
            said = [lines.readline().rstrip() for _ in range(4)]
        same("postscreen's line", said[0], "550-5.5.1 Protocol error")
        check("ours", said[3].startswith("550 5.5.1 More help: https://example.com/mail/"
                                         "protocol-error"), said)


@case
def a_bounce_of_postfix_for_a_remote_refusal():
    with Folder() as folder, Mapped(folder, SITE % "") as daemon:
        with Postfix(folder, recipients=["bob"]) as mx, \
                Postfix(folder, domain="example.org", hostname="queue.example.org",
                        routes={"example.com": mx.port}, params=footers(daemon),
                        root=ROOT) as queue:
            text = bounce(queue, "nobody@example.com")
            until("a record", lambda: daemon.records())
            record = daemon.records()[0]
            same("the reason", record["reason"], "no-such-mailbox")
            plain = b" ".join(text.split())
            check("our words", record["case"].encode() in plain, text)
            check("theirs behind", b"User unknown in virtual mailbox table" in plain, text)


# From here on only a Postfix from 3.11 on, which knows the filter.

case_of_filter = case if ROOT else lambda function: function


@case_of_filter
def whole_refusals_in_our_words_among_fifty_others():
    check_all_refusals(filters, True)


# What programs act on by its code, and what they get.
DIALOGUE = [
    ("FOO", "500 5.5.2"), ("VRFY bob", "502 5.5.1"), ("MAIL ann", "501 5.5.4"),
    ("MAIL FROM:<ann@example.net> FOO=1", "555 5.5.4"), ("DATA", "503 5.5.1"),
    ("MAIL FROM:<ann@example.net> SIZE=99999999", "552 5.3.4"),
]


@case_of_filter
def codes_of_the_dialogue_stay():
    with Folder() as folder, Mapped(folder, SITE % "show_case = false;") as daemon, \
            Postfix(folder, daemon.socket, root=ROOT, params={
                **filters(daemon), "disable_vrfy_command": "yes",
                "message_size_limit": "100000"}) as mx:
        with Smtp("127.0.0.1", mx.port) as client:
            client.ehlo()
            for command, status in DIALOGUE:
                lines = [line.decode("ascii") for line in client.cmd(command)]
                same("codes of " + command, {line[:3] + " " + line[4:9] for line in lines},
                     {status})
                check("our words for " + command, len(lines) == 3 and "More help: " in lines[2],
                      lines)
        same("the footer had nothing to add", [record["map"] for record in daemon.records()],
             ["filter"] * len(DIALOGUE))


@case_of_filter
def a_421_still_closes_the_connection():
    """Postfix closes by the code that it reads in the reply, and only by that."""
    grey = {"smtpd_recipient_restrictions":
            "check_recipient_access inline:{{new@example.com=421 4.7.1 Greylisted}}"}
    with Folder() as folder, Mapped(folder, SITE % "") as daemon, \
            Postfix(folder, daemon.socket, params={**filters(daemon), **grey}, root=ROOT) as mx:
        with Client(mx, 1) as client:
            same("other clients go on", client.refusal("nobody@example.org")[0][:3], "550")
            same("other clients go on", client.cmd("NOOP")[0][:3], b"250")
            lines = client.refusal("new@example.com")
            check("its name", lines[0].startswith("421-4.7.0 mx.example.com "), lines)
            try:
                raise AssertionError("still open: %r" % client.cmd("NOOP"))
            except (SmtpClosed, ConnectionError):
                pass


@case_of_filter
def without_the_service_postfix_says_its_own_words_at_once():
    with Folder() as folder, Mapped(folder, SITE % "") as daemon, \
            Postfix(folder, None, params=filters(daemon), recipients=["bob"], root=ROOT) as mx:
        with Client(mx, 1) as client:
            same("with it", len(client.refusal("nobody@example.com")), 3)
            daemon.stop()
            began = time.monotonic()
            same("without it", client.refusal("nobody@example.com"),
                 ["550 5.1.1 <nobody@example.com>: Recipient address rejected: User unknown in "
                  "virtual mailbox table"])
            check("at once", time.monotonic() - began < 5)
            daemon.start()
            same("again", len(client.refusal("nobody@example.com")), 3)


run()
