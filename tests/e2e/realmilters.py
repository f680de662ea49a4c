#!/usr/bin/env python3
"""Debian's milters behind us: OpenDKIM, OpenDMARC, clamav-milter and rspamd, one
after the other; what they add arrives, what they refuse arrives in our words.

    realmilters.py PROGRAM
"""

import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))

from cases import BUILD, Folder, case, check, run                # noqa: E402
from dns import Dns                                              # noqa: E402
from mta import Postfix, Sendmail                                # noqa: E402
from realmilters import VIRUS, ClamAv, OpenDkim, OpenDmarc, Rspamd  # noqa: E402
from served import Served                                        # noqa: E402
from smtp import Smtp                                            # noqa: E402

PROGRAM = os.path.abspath(sys.argv[1])
TREE = os.path.join(BUILD, "sendmail")

CONFIGURATION = """
site: { help = "https://example.com/mail/{reason}"; };
milters: (
  { name = "opendkim";  socket = "%s"; },
  { name = "opendmarc"; socket = "%s"; },
  { name = "clamav";    socket = "%s"; },
  { name = "rspamd";    socket = "%s"; } );
recognise: ( { from = "milter clamav"; reply = "*Command rejected"; reason = "malware"; } );
"""

GTUBE = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
LETTER = (b"From: Ann <ann@%s>\r\nTo: bob@example.com\r\nSubject: hello\r\n"
          b"Date: Sun, 22 Nov 2026 08:00:00 +0000\r\nMessage-ID: <1@%s>\r\n\r\n%s\r\n")


def zone(name, kind):
    """A domain whose owner asks to refuse what does not pass, and one without."""
    if kind == "TXT" and name == "_dmarc.strict.example":
        return ["v=DMARC1; p=reject"]
    if kind == "TXT" and name == "strict.example":
        return ["v=spf1 -all"]
    if kind in ("A", "MX") and name in ("strict.example", "example.com", "example.net"):
        return ["192.0.2.1"] if kind == "A" else ["10 mx." + name]
    return None if name.endswith(".example") else []


def letter(domain, text):
    return LETTER % (domain.encode(), domain.encode(), text)


def refusal(mx, sender, message, source=None):
    """What a client reads that sends this; its lines, without the case."""
    with Smtp("127.0.0.1", mx.port, source=source) as client:
        client.ehlo()
        client.mail(sender)
        client.rcpt("bob@example.com")
        lines = [line.decode("ascii") for line in client.data(message)]
        client.quit()
    return [re.sub(r"Case: \S+", "Case: X", line) for line in lines]


def each_server(folder, socket):
    with Postfix(folder, socket) as mx:
        yield "Postfix", mx
    with Sendmail(folder, TREE, socket, macros={}) as mx:
        yield "Sendmail", mx


REFUSALS = [
    # name, sender, text, client, status, first words, log
    ("virus", "ann@example.com", VIRUS, None, "550-5.7.1", "harmful software",
     'source="milter clamav"'),
    ("gtube", "ann@example.com", GTUBE, None, "554-5.7.1|550-5.7.1", "spam filter",
     'source="milter rspamd"'),
    ("not signed", "ann@example.net", b"hi", "127.0.0.2", "550-5.7.20", "DKIM",
     'source="milter opendkim"'),
]


@case
def four_milters_one_after_the_other():
    with Folder() as folder, Dns(zone) as dns, OpenDkim(folder, dns.address) as dkim, \
            OpenDmarc(folder, dns.address) as dmarc, ClamAv(folder) as clamav, \
            Rspamd(folder, dns.address) as rspamd:
        configuration = CONFIGURATION % (dkim.socket, dmarc.socket, clamav.socket, rspamd.socket)
        with Served(PROGRAM, folder, configuration) as daemon:
            for name, mx in each_server(folder, daemon.socket):
                with Smtp("127.0.0.1", mx.port) as client:
                    client.ehlo()
                    client.mail("ann@example.com")
                    client.rcpt("bob@example.com")
                    lines = client.data(letter("example.com", b"An honest mail."))
                check("%s takes an honest mail" % name, lines[-1].startswith(b"250"), lines)
                head = mx.wait_delivered(1)[-1].decode("latin-1").split("\n\n")[0].lower()
                for field in ("dkim-signature:", "authentication-results:", "x-virus-scanned:",
                              "x-spamd-bar:"):
                    check("%s: the message has %s" % (name, field), field in head, head)
                for what, sender, text, source, status, words, log in REFUSALS:
                    lines = refusal(mx, sender, letter(sender.split("@")[1], text), source)
                    check("%s: %s: status" % (name, what),
                          re.match(status, lines[0]), lines)
                    check("%s: %s: our words" % (name, what), words in lines[0], lines)
                    check("%s: %s: help and case" % (name, what),
                          re.search(r"More help: https://example.com/mail/\S+ Case: X$",
                                    lines[-1]), lines)
                    check("%s: %s: log" % (name, what), log in daemon.log(), daemon.log())


@case
def the_policy_of_a_sender_domain():
    with Folder() as folder, Dns(zone) as dns, OpenDmarc(folder, dns.address) as dmarc:
        configuration = ('milters: ( { name = "opendmarc"; socket = "%s"; } );'
                         % dmarc.socket)
        with Served(PROGRAM, folder, configuration) as daemon:
            for name, mx in each_server(folder, daemon.socket):
                lines = refusal(mx, "ann@strict.example", letter("strict.example", b"x"),
                                "127.0.0.2")
                check("%s: our words with the value" % name,
                      re.match(r"550-5\.7\.1 .*strict\.example.*\(DMARC\)", lines[0]), lines)
                check("%s: what it said is logged" % name,
                      'source="milter opendmarc"' in daemon.log() and
                      "original=\"550 5.7.1 rejected by DMARC policy for strict.example" in
                      daemon.log(), daemon.log())


run()
