"""The configurations that are measured, and the files that they read.

All of it is counted out, not drawn by lot: every run and every machine has the
same.  No policy holds for the mail that tests/bench/load sends.
"""

import os
import re

# What a site writes about client and envelope.  {n} makes each its own; {a}, {b}
# and {c} are bytes of it.
ENVELOPE = [
    'client_ip = "198.18.{b}.{c}"',
    'sender_domain = ".d{n}.example"',
    'sender = "user{n}@shop-{n}.example"',
    'helo = "*.dyn{n}.example"',
    'recipient = "gone{n}@example.com"',
    'client_ip = "10.{a}.{b}.{c}/32"',
    'sender = "*-bounce-{n}@*"',
    'sender_domain = "mail{n}.example.org"',
    'recipient = "*+offer{n}@example.com"',
    'helo = "host{n}.example.net"; client_ip = "172.{a}.{b}.0/24"',
]
# Ten of theirs are tried on every mail that an index cannot exclude: most
# expressions have words that must occur, some have none.
EXPRESSIONS = [
    'subject = "/\\\\b(?:cheap|discount) pills? no\\\\.? ?{n}\\\\b/"',
    'sender = "/^bounce[-+][a-z0-9]+-{n}@/"',
    'header = {{ X-Mailer = "/^MassMailer v{n}\\\\./"; }}',
    'subject = "/^(?:re|fwd): invoice (?:no|nr)\\\\.? ?{n}$/"',
    'sender = "/@mail{n}\\\\.(?:top|click|xyz)$/"',
    'header = {{ List-Unsubscribe = "/https?:\\\\/\\\\/[a-z]+\\\\.track{n}\\\\./"; }}',
    'subject = "/lottery.{{0,20}}ticket {n}\\\\b/"',
    'sender = "/^[a-z]+\\\\.[a-z]+{n}@freemail\\\\./"',
    'header = {{ From = "/Prize Office {n}/"; }}',
    'subject = "/(?:[0-9]{{4}}[- ]){{3}}{n}/"',
]
WITHOUT_WORDS = 'subject = "/^[^a-z]{{40,}}[A-Z]?[0-9]+{n}$/"'
NO_WORDS_EACH = 50      # one expression in so many is of this kind


def _fill(template, n):
    return template.format(n=n, a=16 + n // 65536 % 16, b=n // 256 % 256, c=n % 256)


def _policies(conditions):
    return "policies: (\n%s );\n" % ",\n".join(
        '{ name = "p%d"; when = { %s; }; reject = "client-refused"; }' % (n, condition)
        for n, condition in enumerate(conditions))


def _envelope(count):
    return [_fill(ENVELOPE[n % len(ENVELOPE)], n) for n in range(count)]


def _expressions(count):
    return [_fill(WITHOUT_WORDS if n % NO_WORDS_EACH == NO_WORDS_EACH - 1
                  else EXPRESSIONS[n % len(EXPRESSIONS)], n) for n in range(count)]


def nothing():
    """No policies at all."""
    return ""


def envelope(count=10):
    """Policies about client, HELO, sender and recipient."""
    return _policies(_envelope(count))


HEADERS = [
    'subject = "*casino*"',
    'header = { Precedence = [ "bulk", "junk" ]; }',
    'header = { X-Mailer = "MassMailer*"; }',
    'header = { From = "*prize office*"; }',
    'hops = "> 50"',
]


def headers():
    """Policies about header fields, decided at the end of the message."""
    return _policies(HEADERS)


def body():
    """Policies about header fields, the text and the files of a message."""
    return _policies(HEADERS + ['body = "/\\\\bcasino\\\\b/"', 'body = "*lottery*"',
                                'attachment = [ "*.exe", "*.scr", "*.js", "*.docm" ]'])


def mixed(count, expressions):
    """Policies of all kinds, so many, and so many of them regular expressions."""
    return _policies(_envelope(count - expressions) + _expressions(expressions))


def sample(root, socket):
    """The configuration that is installed, at another socket."""
    with open(os.path.join(root, "etc", "milter-reply.conf"), encoding="utf-8") as conf:
        text, count = re.subn(r'milter = "[^"]*"', lambda _: 'milter = "%s"' % socket,
                              conf.read(), count=1)
    if count != 1:
        raise ValueError("etc/milter-reply.conf names no socket")
    return text


def _domain(n):
    """Looks like one; no two are the same."""
    word = "".join("bcdfghjklmnpqrstvwxz"[n * 7919 // 20 ** i % 20] + "aeiou"[n // 5 ** i % 5]
                   for i in range(3))
    return "%s%x.%s" % (word, n, ("example", "test", "invalid")[n % 3])


def big_lists(folder, domains=1000000, blocks=100000):
    """Files of so many domains and address blocks; returns their names."""
    names = [os.path.join(folder, name) for name in ("domains", "blocks")]
    with open(names[0], "w", encoding="ascii") as out:
        out.writelines("%s%s\n" % ("." if n % 2 else "", _domain(n)) for n in range(domains))
    with open(names[1], "w", encoding="ascii") as out:
        out.writelines("%d.%d.%d.0/%d\n" % (11 + n // 65536, n // 256 % 256, n % 256, 24 + n % 3)
                       for n in range(blocks))
    return names


def add_entries(lists):
    """One more line, which never holds, at the end of each file of big_lists()."""
    for name, line in zip(lists, (".added.example", "240.0.0.1")):
        with open(name, "a", encoding="ascii") as out:
            out.write("%s\n" % line)


def everything(lists):
    """10,000 policies, 500 expressions, the big lists and rows of recognise."""
    rows = ",\n".join('{ reply = "*our own words no %d:*"; reason = "spam"; '
                      'cases = [ "554 5.7.1 our own words no %d: no" ]; }' % (n, n)
                      for n in range(200))
    return ('lists: { domains = { file = "%s"; }; blocks = { file = "%s"; }; };\n' % tuple(lists) +
            "recognise: (\n%s );\n" % rows +
            _policies(['sender_domain = "@domains"', 'client_ip = "@blocks"'] +
                      _envelope(9498) + _expressions(500)))


def replies(build):
    """Refusals of all software that is known, the tests of our knowledge of it."""
    with open(os.path.join(build, "made", "reply", "cases.def"), encoding="ascii") as cases:
        found = re.findall(r'^CASE\("[^"]*", \d+, "((?:[^"\\]|\\.)*)"', cases.read(), re.MULTILINE)
    texts = [re.sub(r"\\([0-7]{3})|\\(.)",
                    lambda part: chr(int(part[1], 8)) if part[1] else part[2], text)
             for text in found]
    return [text for text in texts if text.isprintable()]
