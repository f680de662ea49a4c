"""Free TCP ports on the loopback interface.

    from ports import free_port, wait_listening
    port = free_port()
    wait_listening(port, timeout=10)

A port stays reserved for the process that asked, so that test suites running
at the same time never get the same one. The range lies below the ports which
the kernel gives to outgoing connections.
"""

import random
import socket
import time

FIRST, LAST = 20000, 32000

_reserved = {}


def _reserve(port):
    """Take the machine-wide reservation of port; None when somebody has it."""
    mark = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        mark.bind("\0milter-reply-test-port-%d" % port)
    except OSError:
        mark.close()
        return None
    return mark


def is_free(port):
    """True when nothing listens at port on 127.0.0.1."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port():
    """Return a port number that is free and stays ours until the process ends."""
    for _ in range(1000):
        port = random.randrange(FIRST, LAST)
        mark = _reserve(port)
        if mark is None:
            continue
        if is_free(port):
            _reserved[port] = mark
            return port
        mark.close()
    raise RuntimeError("no free port between %d and %d" % (FIRST, LAST))


def wait_listening(port, timeout=10.0, alive=lambda: True):
    """Wait until somebody listens at port, without connecting to it. Returns
    False when alive() turned false or the timeout passed before that."""
    end = time.monotonic() + timeout
    while is_free(port):
        if not alive() or time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True
