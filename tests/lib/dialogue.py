"""Policies and messages that tests of the protocol share.

    from dialogue import ENVELOPE, begin, send
    with Served(program, None, ENVELOPE) as daemon, daemon.peer() as peer:
        begin(peer)                       # up to HELO; what was agreed
        answer, end = send(peer, "nobody@example.com")
"""

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

# A message that BODY refuses.
MIME = (("MIME-Version", "1.0"), ("Content-Type", "multipart/mixed; boundary=b"))
DOCM = (b"--b\r\nContent-Type: text/plain\r\n\r\nHello\r\n--b\r\n"
        b"Content-Type: application/octet-stream\r\n"
        b"Content-Disposition: attachment; filename=\"x.docm\"\r\n\r\nUEsDBA\r\n--b--\r\n")


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
