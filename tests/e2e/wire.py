#!/usr/bin/env python3
"""Every reason on the wire of real mail servers.

    wire.py PROGRAM

For each reason of the catalogue, permanent and temporary, a policy refuses a
recipient, and again a message at its end; what a client of Postfix and of
Sendmail reads must be, line by line, what `milter-reply reasons' prints for the
same facts.  The facts are hostile: "%", CR, LF, quotes, 8-bit bytes, addresses
of 300 characters.  Sendmail's own "<address>... " in front is taken off.

The daemon listens at a unix socket: by TCP, both mail servers write two packets
before they wait, and Nagle's algorithm makes that 40 ms a step.
"""

import concurrent.futures
import functools
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))

from cases import BUILD, Folder, exit_on_sigterm, say  # noqa: E402
from mta import Postfix, Sendmail                      # noqa: E402
from served import Served                              # noqa: E402
from smtp import Smtp, SmtpClosed                      # noqa: E402

PROGRAM = os.path.abspath(sys.argv[1])
TREE = os.path.join(BUILD, "sendmail")
SITE = ('site: { help = "https://example.com/mail/{reason}"; detail = "%s"; '
        'host = "mx.example.com"; };\n')

# Values that policies set; hostile where a reply could be broken by them.
VALUES = {
    "limit": "90", "count": "12", "minutes": "5", "tls_min": "TLSv1.2",
    "list": 'b"l".example 100% \xe4\r\n550 x', "list_url": "https://bl.example.org/look-up",
    "period": "hour\n%", "source": "a%d@example.net", "ext": ".d%ocm\x01", "header": "Da%te",
    "list_addr": "talk%@lists.example.com", "owner": "a" * 300 + "@lists.example.com",
    "new_rcpt": "bob@example.org",
}
SENDERS = {
    "percent and quotes": r'"q\"u %s%n\\ote"@example.net',
    "300 characters": "a" * 60 + "@" + ".".join(["b" * 57] * 4) + ".example.net",
    # The longest that Sendmail takes.
    "250 characters": "a" * 60 + "@" + ".".join(["b" * 44] * 4) + ".example.net",
}
HELO = "%s%n.example.net"
CASE = "2222-2222"      # stands for that of a reply


def quoted(text):
    """Text as a string of the configuration."""
    return '"%s"' % "".join(
        "\\" + c if c in '"\\' else c if " " <= c <= "~" else "\\x%02x" % ord(c)
        for c in text)


@functools.cache
def reasons(config, *options):
    """What `reasons' prints, as a list of objects; asked once."""
    said = subprocess.run([PROGRAM, "-c", config, "reasons", "--json", *options],
                          capture_output=True, check=True)
    return [json.loads(line) for line in said.stdout.splitlines()]


def local_part(row):
    return "%s-%s" % (row["reason"], row["form"])


def policies(rows):
    """A policy for each reason and form: at RCPT, and for content at the end."""
    verbs = {"permanent": "reject", "temporary": "defer"}
    values = " ".join("%s = %s;" % (name, quoted(text)) for name, text in VALUES.items())
    out = []
    for row in rows:
        name = local_part(row)
        act = "%s = \"%s\"; values = { %s };" % (verbs[row["form"]], row["reason"], values)
        out.append('{ name = "%s"; when = { recipient = "%s@example.com"; }; %s }' %
                   (name, name, act))
        out.append('{ name = "%s at end"; when = { header = { X-Reason = "%s"; }; }; %s }' %
                   (name, name, act))
    return "policies: (\n%s\n);\n" % ",\n".join(out)


def fields(row):
    """The header of the message that content policies refuse, whole, so that
    Postfix adds nothing."""
    return [("X-Reason", local_part(row)), ("Subject", "x"), ("From", "<ann@author.example>"),
            ("To", "<bob@example.com>"), ("Date", "Sun, 22 Nov 2026 10:00:00 +0000"),
            ("Message-Id", "<1@author.example>")]


def options_for(sender, recipient, header):
    """The same facts as options of `reasons'."""
    options = ["--header=%s: %s" % field for field in header]
    options += ["--client-ip", "127.0.0.1", "--from", sender, "--rcpt", recipient,
               "--macro", "j=mx.example.com", "--helo", HELO, "--case", CASE]
    for name, text in VALUES.items():
        options += ["--value", ("%s=%s" % (name, text)).encode("latin-1")]
    return options


def expected(config, row, case_id, sender, recipient, header):
    """The lines that the wire must carry.  `reasons' prints both forms for the
    facts of the permanent one: the other's name is as long, and put in."""
    def permanent(text):
        return text.replace(local_part(row), "%s-permanent" % row["reason"])

    facts = options_for(sender, permanent(recipient),
                        [(name, permanent(text)) for name, text in header])
    for printed in reasons(config, row["reason"], *facts):
        if printed["form"] == row["form"]:
            lines, status = printed["lines"], printed["status"]
            last = len(lines) - 1
            code, enhanced = status.split(" ")
            return ["%s%s%s %s" % (code, " " if n == last else "-", enhanced, line.replace(
                "%s-permanent" % row["reason"], local_part(row)).replace(
                    "Case: " + CASE, "Case: %s" % case_id))
                    for n, line in enumerate(lines)]
    raise AssertionError("reasons does not print the form")


def read(client, lines):
    """Lines of a reply as text, without what Sendmail puts in front."""
    return [re.sub(r"^(\d{3}[ -]\d\.\d+\.\d+) <[^>]*>\.\.\. ", r"\1 ",
                   line.decode("latin-1")) for line in lines]


def begin(mx, sender):
    client = Smtp("127.0.0.1", mx.port)
    client.ehlo(HELO)
    return client, client.mail(sender)


def at_rcpt(mx, row, sender):
    client, answer = begin(mx, sender)
    if not answer[-1].startswith(b"250"):
        raise AssertionError("MAIL was answered %r:\n%s" % (answer, mx.log()[-2000:]))
    lines = client.rcpt(local_part(row) + "@example.com")
    client.close()
    return read(client, lines)


def at_end(mx, row, sender):
    client, _ = begin(mx, sender)
    client.rcpt("bob@example.com")
    lines = client.data("".join("%s: %s\r\n" % field for field in fields(row)).encode() +
                        b"\r\nx\r\n")
    client.close()
    return read(client, lines)


def compare(mx, config, row, sender, when, recipient):
    """None, or why the wire differs."""
    try:
        got = when(mx, row, sender)
    except SmtpClosed as problem:
        return "the connection was closed: %s" % problem
    case_id = re.search(r"Case: (\S+)$", got[-1])
    wanted = expected(config, row, case_id and case_id.group(1), sender, recipient,
                      fields(row) if when is at_end else [])
    if got != wanted:
        return "got:\n  %s\nwanted:\n  %s" % ("\n  ".join(got), "\n  ".join(wanted))
    return None


def each_reason(mx, name, config, rows, senders):
    """Compares all of them; returns False if one differs."""
    good = True
    for label in senders:
        sender = SENDERS[label]
        problems = []
        for row in rows:
            recipient = local_part(row) + "@example.com"
            for when, to in ((at_rcpt, recipient), (at_end, "bob@example.com")):
                problem = compare(mx, config, row, sender, when, to)
                if problem:
                    problems.append("%s, %s: %s" % (local_part(row), when.__name__, problem))
        good &= say("%s, %s, %d replies twice" % (name, label, len(rows)),
                    "\n".join(problems) if problems else None)
    return good


def with_postfix(folder, daemon, detail, rows, labels):
    with Postfix(folder, daemon.socket) as mx:
        return each_reason(mx, "Postfix, " + detail, daemon.file, rows, labels)


def with_sendmail(folder, daemon, detail, rows, labels):
    with Sendmail(folder, TREE, daemon.socket) as mx:
        return each_reason(mx, "Sendmail, " + detail, daemon.file, rows, labels)


def main():
    good = True
    quotes, longest, longest_of_sendmail = SENDERS
    exit_on_sigterm()
    with Folder() as folder, concurrent.futures.ThreadPoolExecutor(2) as pool:
        for detail in ("full", "brief", "minimal"):
            empty = os.path.join(folder, "empty-%s.conf" % detail)
            with open(empty, "w", encoding="ascii") as conf:
                conf.write(SITE % detail)
            rows = reasons(empty)
            some = [quotes] if detail == "full" else []
            with Served(PROGRAM, folder, SITE % detail + policies(rows),
                        'socket_mode = "0666";', name=detail, listen="unix") as daemon:
                servers = [
                    pool.submit(with_postfix, folder, daemon, detail, rows, some + [longest]),
                    pool.submit(with_sendmail, folder, daemon, detail, rows,
                                some + [longest_of_sendmail])]
                for server in servers:
                    good &= server.result()
                good &= say("no reply lost its values, " + detail,
                            "\n".join(re.findall(r".* lint=.*", daemon.log())) or None)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
