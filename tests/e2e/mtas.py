#!/usr/bin/env python3
"""The product attached to real mail servers: steps, bounces, content, drops.

    mtas.py PROGRAM
"""

import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))

from cases import BUILD, Folder, case, check, run, same  # noqa: E402
from mta import Postfix, Sendmail, bounce              # noqa: E402
from ports import free_port                            # noqa: E402
from served import Served                              # noqa: E402
from smtp import Smtp                                  # noqa: E402
from tap import MTA, MilterTap                         # noqa: E402

PROGRAM = os.path.abspath(sys.argv[1])
TREE = os.path.join(BUILD, "sendmail")

ENVELOPE = """
site: { help = "https://example.com/mail/{reason}"; };
policies: (
  { name = "gone"; when = { recipient = "gone@example.com"; }; reject = "no-such-mailbox"; },
  { name = "blocked"; when = { client_ip = "198.51.100.0/24"; }; reject = "client-refused"; } );
"""
CONTENT = """
site: { help = "https://example.com/mail/{reason}"; };
policies: (
  { name = "macros"; when = { attachment = "*.docm"; }; reject = "attachment-type"; },
  { name = "words"; when = { subject = "*gtube*"; }; reject = "spam"; },
  { name = "hold"; when = { subject = "hold"; }; quarantine = "held by policy"; },
  { name = "throw away"; when = { subject = "nothing"; }; discard = true; },
  { name = "trap"; when = { recipient = "trap@example.com"; }; discard = true; } );
"""
GONE = ["550-5.1.1 The address you wrote to does not exist at example.com.",
        "550-5.1.1 Check the spelling, or ask the person for the current address. "
        "Sending again to this address will not help.",
        "550 5.1.1 More help: https://example.com/mail/no-such-mailbox Case: XXXX-XXXX"]
DOCM = (b"Subject: report\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
        b"--b\r\nContent-Type: application/octet-stream\r\n"
        b"Content-Disposition: attachment; filename=\"=?utf-8?B?YmVyaWNodC5kb2Nt?=\"\r\n\r\nx\r\n"
        b"--b--\r\n")


def servers(folder, socket, **options):
    """Both mail servers, one after the other, as (name, running server)."""
    with Postfix(folder, socket, **options) as mx:
        yield "Postfix", mx
    with Sendmail(folder, TREE, socket, **options) as mx:
        yield "Sendmail", mx


def text(lines):
    """A reply as text, without its case and what Sendmail puts in front."""
    return [re.sub(r"[2-9A-Z]{4}-[2-9A-Z]{4}$", "XXXX-XXXX",
                   re.sub(r"<[^>]*>\.\.\. ", "", line.decode("ascii"))) for line in lines]


def send(mx, message=b"Subject: x\r\n\r\nx\r\n", sender="ann@example.net",
         to=("bob@example.com",)):
    """Sends one message; returns the replies to each recipient and to its end."""
    client = Smtp("127.0.0.1", mx.port)
    client.ehlo("mail.example.net")
    client.mail(sender)
    replies = [client.rcpt(address) for address in to]
    replies.append(client.data(message))
    client.quit()
    return [text(reply) for reply in replies]


def tapped(daemon):
    """A tap in front of the daemon, and its socket."""
    listen = "inet:%d@127.0.0.1" % free_port()
    return listen, MilterTap(listen, daemon.socket)


@case
def three_lines_at_rcpt_and_the_mail_goes_through_for_the_others():
    with Folder() as folder, Served(PROGRAM, folder, ENVELOPE) as daemon:
        for name, mx in servers(folder, daemon.socket):
            gone, bob, end = send(mx, to=("gone@example.com", "bob@example.com"))
            same(name, gone, GONE)
            same(name + " bob", bob[0][:3], "250")
            same(name + " end", end[0][:3], "250")
            mx.wait_delivered(1)


@case
def envelope_only_policies_cost_a_negotiation_the_recipients_and_the_end():
    with Folder() as folder, Served(PROGRAM, folder, ENVELOPE) as daemon:
        listen, tap = tapped(daemon)
        with tap:
            for name, mx in servers(folder, listen):
                before = len(tap.connections)
                send(mx, b"Subject: x\r\nX-One: 1\r\n\r\n" + b"body\r\n" * 1000,
                     to=("bob@example.com", "carl@example.com"))
                tap.wait_closed(before + 1)
                seen = tap.connections[before]
                commands = [letter for letter in seen.commands() if letter not in "DAQ"]
                same(name + " commands", "".join(commands), "OCMRRE")
                answers = [letter for letter in seen.answers()]
                same(name + " round trips", len(answers), 1 + 2 + 1)


@case
def content_policies_get_headers_and_body_without_waiting():
    with Folder() as folder, Served(PROGRAM, folder, CONTENT) as daemon:
        listen, tap = tapped(daemon)
        with tap:
            for name, mx in servers(folder, listen):
                before = len(tap.connections)
                send(mx, b"Subject: x\r\n\r\n" + b"body\r\n" * 1000)
                tap.wait_closed(before + 1)
                seen = tap.connections[before]
                for letter in "LBE":
                    if letter not in seen.commands():
                        raise AssertionError("%s did not send %s" % (name, letter))
                same(name + " round trips", len(seen.answers()), 1 + 1 + 1)


@case
def a_protected_recipient_and_another_come_in_two_deliveries():
    """Real queue managers take the 452 as it is meant: both get the mail, and
    neither shields the other."""
    with Folder() as folder, Served(PROGRAM, folder, CONTENT) as daemon:
        with Postfix(folder, daemon.socket) as mx, \
                Postfix(folder, domain="example.org", hostname="queue.example.org",
                        routes={"example.com": mx.port}) as queue:
            queue.sendmail(["-f", "ann@example.org", "bob@example.com", "abuse@example.com"],
                           b"Subject: hello\n\nx\n")
            mx.wait_delivered(1)
            daemon.wait_log(r"outcome=separated .*452 4\.5\.3 We take mail")
        for name, mx in servers(folder, daemon.socket):
            bob, abuse, end = send(mx, DOCM, to=("bob@example.com", "abuse@example.com"))
            same(name, (bob[0][:3], abuse[0][:9], end[0][:3]), ("250", "452-4.5.3", "550"))


@case
def addresses_are_what_the_mail_server_makes_of_them():
    """Quotes, comments, and no domain hide nobody from a policy."""
    with Folder() as folder, Served(PROGRAM, folder, ENVELOPE) as daemon:
        for name, mx in servers(folder, daemon.socket):
            for path in (b'<"gone"@example.com>', b"<g\\one@example.com>",
                         b"<gone(c)@example.com>", b"<@a.example:gone@example.com>"):
                client = Smtp("127.0.0.1", mx.port)
                client.ehlo("mail.example.net")
                client.mail("ann@example.net")
                reply = client.cmd(b"RCPT TO:" + path)
                if reply[0][:3] not in (b"550", b"553", b"501"):
                    raise AssertionError("%s took %r: %r" % (name, path, reply))
                client.close()
            client = Smtp("127.0.0.1", mx.port)
            client.ehlo("localhost")
            client.mail("ann@example.net")
            same(name + " postmaster", client.cmd(b"RCPT TO:<postmaster>")[0][:3], b"250")
            client.close()


@case
def an_attachment_is_refused_at_the_end_of_the_message():
    with Folder() as folder, Served(PROGRAM, folder, CONTENT) as daemon:
        for name, mx in servers(folder, daemon.socket):
            end = send(mx, DOCM)[-1]
            same(name, end, [
                "550-5.7.1 Your message has a file of a type that we do not accept: .docm.",
                "550-5.7.1 Send the file in another format, or share it through a download link.",
                "550 5.7.1 More help: https://example.com/mail/attachment-type Case: XXXX-XXXX"])


@case
def discard_and_quarantine_are_silent_and_one_recipient_can_be_taken_out():
    with Folder() as folder, Served(PROGRAM, folder, CONTENT) as daemon:
        for name, mx in servers(folder, daemon.socket):
            same(name + " discard", send(mx, b"Subject: nothing\r\n\r\nx\r\n")[-1][0][:3], "250")
            same(name + " hold", send(mx, b"Subject: hold\r\n\r\nx\r\n")[-1][0][:3], "250")
            same(name + " drop", send(mx, b"Subject: kept\r\n\r\nx\r\n",
                                      to=("trap@example.com", "bob@example.com"))[-1][0][:3],
                 "250")
            mx.wait_delivered(1)
            time.sleep(1)
            got = mx.delivered()
            same(name + " deliveries", [b"Subject: kept" in message for message in got], [True])


@case
def the_bounce_has_all_three_lines():
    with Folder() as folder, Served(PROGRAM, folder, ENVELOPE) as daemon:
        with Postfix(folder, daemon.socket) as mx, \
                Postfix(folder, domain="example.org", hostname="queue.example.org",
                        routes={"example.com": mx.port}) as queue:
            notice = bounce(queue, "gone@example.com")
            words = re.sub(r"[\s]+", " ", notice.decode("latin-1"))
            for line in GONE:
                wanted = re.sub(r"^550[ -]5\.1\.1 | Case: .*", "", line)
                if wanted not in words:
                    raise AssertionError("%r is not in the bounce:\n%s" %
                                         (wanted, notice.decode("latin-1")))
            case_id = re.search(r"Case: (\S+)", words).group(1)
            daemon.wait_log("case=" + case_id)


@case
def a_message_of_postfix_itself_bounces_with_all_three_lines():
    """Refused by the milter in Postfix's own cleanup (non_smtpd_milters): one
    machine, no second server."""
    with Folder() as folder, Served(PROGRAM, folder, CONTENT) as daemon:
        port = re.search(r"\d+", daemon.socket).group()
        with Postfix(folder, params={"non_smtpd_milters": "inet:127.0.0.1:" + port}) as mx:
            said = mx.sendmail(["-f", "ann@example.com", "bob@example.com"],
                               b"Subject: gtube\n\nx\n")
            if said.returncode == 0:
                mx.wait_delivered(1)
            words = re.sub(r"\s+", " ", (b"".join(mx.delivered()) + said.stderr +
                                         mx.log().encode("latin-1")).decode("latin-1"))
            for wanted in ("Our spam filter refused your message because of its content",
                           "If it is not spam, contact us",
                           "More help: https://example.com/mail/spam Case:"):
                if wanted not in words:
                    raise AssertionError("%r is not in %s" % (wanted, words))


@case
def xclient_addresses_meet_address_policies():
    with Folder() as folder, Served(PROGRAM, folder, ENVELOPE) as daemon:
        with Postfix(folder, daemon.socket) as mx:
            for address, refused in (("198.51.100.7", True), ("192.0.2.7", False)):
                client = Smtp("127.0.0.1", mx.port)
                client.ehlo("mail.example.net")
                client.xclient(ADDR=address, NAME="mail.example.net")
                client.ehlo("mail.example.net")
                client.mail("ann@example.net")
                reply = text(client.rcpt("bob@example.com"))
                same(address, reply[0][:3], "550" if refused else "250")
                if refused and address not in reply[0]:
                    raise AssertionError("the address is not in %r" % reply)
                client.close()


@case
def swaks_reads_the_same():
    with Folder() as folder, Served(PROGRAM, folder, ENVELOPE) as daemon:
        with Postfix(folder, daemon.socket) as mx:
            said = subprocess.run(
                ["swaks", "--server", "127.0.0.1:%d" % mx.port, "--from", "ann@example.net",
                 "--to", "gone@example.com", "--helo", "mail.example.net"],
                capture_output=True, text=True, timeout=60)
            lines = re.findall(r"^<\*\* (.*)$", said.stdout, re.M)
            same("swaks", text([line.encode() for line in lines]), GONE)


@case
def reload_under_load_mixes_nothing_and_fails_nobody():
    """Sessions run through Postfix while good and bad files are loaded."""
    def version(name):
        return ENVELOPE.replace("/mail/", "/%s/" % name)

    with Folder() as folder, Served(PROGRAM, folder, version("v0")) as daemon:
        with Postfix(folder, daemon.socket) as mx:
            for number in range(1, 12):
                client = Smtp("127.0.0.1", mx.port)
                client.ehlo("mail.example.net")
                client.mail("ann@example.net")
                first = client.rcpt("gone@example.com")[-1]
                bad = number % 3 == 0
                daemon.reload("policies: ( { nonsense" if bad else version("v%d" % number),
                              good=not bad)
                second = client.rcpt("gone@example.com")[-1]
                same("one session, one configuration", second.split(b" Case")[0],
                     first.split(b" Case")[0])
                client.quit()
                now = send(mx, to=("gone@example.com", "bob@example.com"))[0][-1]
                wanted = "/v%d/" % (number - 1 if bad else number)
                if wanted not in now:
                    raise AssertionError("%r is not in %r" % (wanted, now))


@case
def what_the_mail_server_refuses_itself_is_noted():
    """Both tell of users that they do not know; the text stays theirs."""
    with Folder() as folder, Served(PROGRAM, folder, ENVELOPE) as daemon:
        for name, mx in servers(folder, daemon.socket, recipients=["bob"]):
            seen = len(daemon.log())
            with Smtp("127.0.0.1", mx.port) as client:
                client.ehlo("mail.example.net")
                client.mail("ann@example.net")
                lines = client.rcpt("nobody@example.com")
                check("%s refuses in its own words" % name,
                      lines[-1].startswith(b"550 5.1.1") and b"Case:" not in lines[-1], lines)
                client.rcpt("bob@example.com")
                client.quit()
            daemon.wait_log("outcome=noted", since=seen)
            noted = [line for line in daemon.log()[seen:].splitlines() if "outcome=noted" in line]
            same("%s: lines" % name, len(noted), 1)
            for field in ("source=mta", "reason=no-such-mailbox", "sender=ann@example.net",
                          "recipient=nobody@example.com", "original=\"5.1.1 "):
                check("%s: %s" % (name, field), field in noted[0], noted[0])


if __name__ == "__main__":
    run()
