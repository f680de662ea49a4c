"""Refusals of a real Postfix, of many clients at once.

    from refusals import KINDS, Refusing, all_at_once
    with Dns(zone) as dns, Refusing(folder, milter, dns, {...}) as mx:
        for how in KINDS:
            all_at_once(mx, how)              # the replies to clients 0, 1, ...

Each client has an address, a name and a sender of its own: client 7 is
c7.example.net[198.51.100.8], or 203.0.113.8 where it is to be on a blocklist.
"""

import concurrent.futures
import socket
import threading

from cases import same
from mta import Postfix
from smtp import Smtp

CLIENTS = 51


def zone(name, kind):
    """What the tests' DNS knows."""
    if name.endswith(".113.0.203.bl.example.org"):
        return {"A": ["127.0.0.2"], "TXT": ["listed for spam"]}.get(kind, [])
    if name.endswith("example.net"):
        return ["10 mail.example.net"] if kind == "MX" else (
            ["192.0.2.1"] if kind == "A" else [])
    if name.endswith("slow.example"):
        raise ValueError("this server is broken")
    return None


class Policy:
    """A policy service: refuses mail for policy@example.com."""

    def __init__(self):
        self._server = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            client, _ = self._server.accept()
            threading.Thread(target=self._converse, args=(client,), daemon=True).start()

    @staticmethod
    def _converse(client):
        with client, client.makefile("rb") as lines:
            wanted = {}
            for line in lines:
                name, _, value = line.decode("latin-1").strip().partition("=")
                wanted[name] = value
                if name == "":
                    refuse = wanted.get("recipient") == "policy@example.com"
                    client.sendall(b"action=%s\n\n" % (
                        b"DEFER_IF_PERMIT Greylisted for 5 minutes" if refuse else b"DUNNO"))
                    wanted = {}


class Refusing(Postfix):
    """A Postfix that refuses all KINDS.  It asks a DNS server of the test, in a
    mount name space, and a policy service."""

    def __init__(self, base, milters, dns, params, **options):
        service = Policy()
        super().__init__(base, milters, recipients=["bob", "policy"], params={
            "disable_dns_lookups": "no", "message_size_limit": "100000",
            "smtpd_recipient_limit": "3", "smtpd_recipient_overshoot_limit": "10",
            "smtpd_client_restrictions": "reject_rbl_client bl.example.org",
            "smtpd_sender_restrictions": "reject_unknown_sender_domain",
            "smtpd_recipient_restrictions":
                "reject_unauth_destination, check_policy_service inet:127.0.0.1:%d" % service.port,
            **params}, **options)
        self.dns = dns

    def _command(self):
        with open(self.path("resolv.conf"), "w", encoding="ascii") as file:
            file.write("nameserver %s\noptions timeout:2 attempts:2\n" % self.dns.address)
        return ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/resolv.conf; exec "$@"',
                self.path("resolv.conf")] + super()._command()


class Client(Smtp):
    """Number n of many clients, each with address, name and sender of its own."""

    def __init__(self, mx, n, network="198.51.100", sender=None):
        super().__init__("127.0.0.1", mx.port, timeout=120)
        self.ehlo()
        self.ip = "%s.%d" % (network, n + 1)
        self.name = "c%d.example.net" % n
        self.cmd("XCLIENT NAME=%s ADDR=%s" % (self.name, self.ip))
        self.ehlo(self.name)
        self.sender = sender or "s%d@example.net" % n
        self.begun = [line.decode("ascii") for line in self.mail(self.sender)]

    def refusal(self, recipient):
        """The lines of the reply to RCPT."""
        return [line.decode("ascii") for line in self.rcpt(recipient)]


def relay(mx, n):
    with Client(mx, n) as client:
        return client.refusal("kim%d@example.org" % n)


def relay_of_all(mx, n):
    with Client(mx, n) as client:
        return client.refusal("kim@example.org")


def unknown_user(mx, n):
    with Client(mx, n) as client:
        return client.refusal("nobody@example.com")


def sender_domain(mx, n):
    with Client(mx, n, sender="ann@d%d.invalid" % n) as client:
        return client.refusal("bob@example.com")


def too_big(mx, n):
    with Client(mx, n) as client:
        client.cmd("RSET")
        return [line.decode("ascii") for line in client.mail(client.sender, b"SIZE=99999999")]


def too_many(mx, n):
    with Client(mx, n) as client:
        for _ in range(3):
            same("a recipient", client.refusal("bob@example.com")[0][:3], "250")
        return client.refusal("bob@example.com")


def listed(mx, n):
    with Client(mx, n, network="203.0.113") as client:
        return client.refusal("bob@example.com")


def policy(mx, n):
    with Client(mx, n) as client:
        return client.refusal("policy@example.com")


# How each is refused: the first line, the reason, what must stand in our lines
# to client n, and our codes where the whole reply is ours.
KINDS = [
    (relay, "554-5.7.1 <kim{n}@example.org>: Relay access denied", "relay-denied",
     "example.org", "550 5.7.1"),
    (relay_of_all, "554-5.7.1 <kim@example.org>: Relay access denied", "relay-denied",
     "example.org", "550 5.7.1"),
    (unknown_user, "550-5.1.1 <nobody@example.com>: Recipient address rejected: "
     "User unknown in virtual mailbox table", "no-such-mailbox", "Check the spelling",
     "550 5.1.1"),
    (sender_domain, "450-4.1.8 <ann@d{n}.invalid>: Sender address rejected: Domain not found",
     "sender-domain-unknown", "d{n}.invalid", "451 4.1.8"),
    (too_big, "552-5.3.4 Message size exceeds fixed limit", "too-big", "", "552 5.3.4"),
    (too_many, "452-4.5.3 Error: too many recipients", "too-many-recipients", "", "452 4.5.3"),
    (listed, "554-5.7.1 Service unavailable; Client host [203.0.113.{m}] blocked using "
     "bl.example.org; listed for spam", "ip-blocklisted", "203.0.113.{m}", "550 5.7.1"),
    (policy, "450-4.7.1 <policy@example.com>: Recipient address rejected: Greylisted for 5 "
     "minutes", "greylisted", "", "451 4.7.1"),
]


def all_at_once(mx, how):
    """The replies to all clients, who come at the same time."""
    together = threading.Barrier(CLIENTS)

    def refuse(n):
        together.wait()
        return how[0](mx, n)
    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(refuse, range(CLIENTS)))
