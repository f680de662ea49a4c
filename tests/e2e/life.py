#!/usr/bin/env python3
"""The daemon's life: start, reload and stop; sockets, users and files.

    life.py PROGRAM [NAME ...]
"""

import functools
import grp
import os
import pwd
import signal
import socket
import stat
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from cases import case, check, run, same, until         # noqa: E402
from dialogue import ENVELOPE, HEADERS, begin, send     # noqa: E402
from milterproto import PROTOCOL                        # noqa: E402
from peer import PeerClosed                             # noqa: E402
from served import Served                               # noqa: E402

serve = functools.partial(Served, os.path.abspath(sys.argv[1]), None)


# Reload.

@case
def reload_is_for_new_connections():
    with serve(ENVELOPE) as daemon, daemon.peer() as old:
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
    with serve(ENVELOPE) as daemon:
        daemon.reload(ENVELOPE.replace("no-such-mailbox", "no-such-mailbux"), good=False)
        check("file and line", "place=%s:" % daemon.file in daemon.log(), daemon.log())
        check("what was meant", "no-such-mailbox" in daemon.log(), daemon.log())
        daemon.reload("policies: (", good=False)
        os.rename(daemon.file, daemon.file + ".away")
        daemon.kill(signal.SIGUSR1)
        until("the third", lambda: daemon.log().count("event=reload") == 3)
        with daemon.peer() as peer:
            begin(peer)
            same("as before", send(peer, "nobody@example.com")[0].code, 550)
            peer.quit()
        os.rename(daemon.file + ".away", daemon.file)
        daemon.reload(ENVELOPE.replace("nobody@", "nemo@"))
        with daemon.peer() as peer:
            begin(peer)
            same("the next good one", send(peer, "nemo@example.com")[0].code, 550)
            peer.quit()


@case
def reload_says_what_needs_a_restart():
    with serve(ENVELOPE) as daemon:
        daemon.settings = "timeout = 100;"
        daemon.reload(ENVELOPE)
        check("said so", "only a restart takes note of it: daemon.timeout" in daemon.log(),
              daemon.log())


LISTED = """
lists: { gone = { file = "gone"; }; };
policies: ( { name = "gone"; when = { recipient = "@gone"; }; reject = "no-such-mailbox"; } );
"""


def refuses(daemon, who):
    """True if a new connection's recipient is refused."""
    with daemon.peer() as peer:
        begin(peer)
        code = send(peer, who + "@example.com")[0].code
        peer.quit()
    return code == 550


@case
def reload_sees_each_change_of_a_list():
    """However it is made, and where neither its size nor its times tell."""
    daemon = serve(ENVELOPE)
    path = os.path.join(daemon.folder, "gone")

    def edit(who):
        with open(path, "r+b") as file:
            file.write(who.encode() + b"@example.com")

    def replace(who):
        with open(path + ".new", "wb") as file:
            file.write(who.encode() + b"@example.com\n")
        os.rename(path + ".new", path)

    def append(who):
        with open(path, "ab") as file:
            file.write(who.encode() + b"@example.com\n")

    replace("nobody")
    times = os.stat(path)
    daemon.write(LISTED)
    with daemon:
        check("at first", refuses(daemon, "nobody") and not refuses(daemon, "nemo01"))
        daemon.reload()
        check("no change", refuses(daemon, "nobody") and not refuses(daemon, "nemo01"))
        before = "nobody"
        for number, change in enumerate((edit, replace, edit, edit, replace)):
            name = "nemo%02d" % number
            change(name)
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
            same("size", os.stat(path).st_size, times.st_size)
            daemon.reload()
            check("the new one", refuses(daemon, name), change.__name__)
            check("no more the old one", not refuses(daemon, before), change.__name__)
            before = name
        append("more")
        daemon.reload()
        check("both", refuses(daemon, before) and refuses(daemon, "more"))
        daemon.reload("policies: ( broken", good=False)
        edit("nobody")
        daemon.reload(LISTED)
        check("after a bad one", refuses(daemon, "nobody") and refuses(daemon, "more"))
        os.remove(path)
        daemon.reload(LISTED, good=False)
        check("no file", refuses(daemon, "nobody"))


@case
def requests_during_a_load_become_one_more():
    """The last one counts, whatever was being loaded when it came."""
    with serve(ENVELOPE) as daemon:
        for number in range(60):
            daemon.write(ENVELOPE.replace("nobody@", "nemo%d@" % number))
            daemon.kill(signal.SIGUSR1)
        until("the last", lambda: refuses(daemon, "nemo59"), 60)
        check("no longer the first", not refuses(daemon, "nobody"))
        with daemon.peer() as held:     # has the snapshot that is replaced
            begin(held)
            daemon.reload(ENVELOPE)
            same("it keeps", send(held, "nemo59@example.com")[0].code, 550)
            held.quit()


@case
def term_ends_a_load():
    daemon = serve(ENVELOPE)
    with open(os.path.join(daemon.folder, "gone"), "w", encoding="ascii") as file:
        for number in range(300000):
            file.write("host%d.example\n" % number)
    with daemon:
        check("there is something to count", refuses(daemon, "nobody"))
        daemon.write(LISTED)
        daemon.kill(signal.SIGUSR1)
        daemon.wait_log("event=counters")       # told when a load begins
        daemon.stop()
        daemon.write(ENVELOPE)
        daemon.start()


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
                            same("B at the end", (answer.kind, end.kind), ("continue", "reply"))
                    peer.quit()
        except Exception as problem:    # pylint: disable=broad-except
            failures.append(repr(problem))

    with serve(ENVELOPE) as daemon:
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

@case
def term_stops_cleanly_and_soon():
    daemon = serve(ENVELOPE, listen="unix")
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
        with serve(ENVELOPE, listen="unix") as daemon:
            took = daemon.stop(number)
            check("within 2 seconds", took < 2, took)
            check("no socket", not os.path.exists(daemon.socket[5:]))
            daemon.start()


@case
def term_while_busy_loses_no_answer():
    """Every answer that comes is the right one, and none comes half."""
    for _round in range(5):
        with serve(ENVELOPE) as daemon:
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
    group = grp.getgrnam("mail")
    nobody = pwd.getpwnam("nobody")
    with serve(ENVELOPE, 'socket_mode = "0620"; socket_group = "mail"; user = "nobody";',
                listen="unix") as daemon:
        found = os.stat(daemon.socket[5:])
        same("mode", oct(stat.S_IMODE(found.st_mode)), oct(0o620))
        same("group", found.st_gid, group.gr_gid)
        same("owner", found.st_uid, nobody.pw_uid)


@case
def group_that_is_unknown_is_refused():
    daemon = serve(ENVELOPE, 'socket_group = "nosuchgroup";', listen="unix")
    try:
        text = daemon.refused()
        check("says so", 'there is no group "nosuchgroup"' in text, text)
        check("no socket", not os.path.exists(daemon.socket[5:]))
    finally:
        daemon.remove()


@case
def privileges_are_dropped():
    nobody = pwd.getpwnam("nobody")
    with serve(ENVELOPE, 'user = "nobody";') as daemon:
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
    daemon = serve(ENVELOPE)
    daemon.settings = 'user = "nobody"; pid_file = "%s/pid";' % daemon.folder
    daemon.write(ENVELOPE)
    with daemon:
        daemon.stop()
        with open(daemon.folder + "/pid", encoding="ascii") as file:
            same("empty", file.read(), "")
        daemon.start()


@case
def user_without_root():
    with serve(ENVELOPE, 'user = "nobody";', user="nobody", group="nogroup",
                extra_groups=[]) as daemon, daemon.peer() as peer:
        begin(peer)
        same("serves", send(peer, "nobody@example.com")[0].code, 550)
        peer.quit()
    for user, want in (("daemon", 'cannot become user "daemon": only root can'),
                       ("nosuchuser", 'there is no user "nosuchuser"')):
        daemon = serve(ENVELOPE, 'user = "%s";' % user, user="nobody", group="nogroup",
                        extra_groups=[])
        try:
            check("says so", want in daemon.refused(), daemon.log())
        finally:
            daemon.remove()


@case
def stale_socket_is_replaced():
    daemon = serve(ENVELOPE, listen="unix")
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
    daemon = serve(ENVELOPE, listen="unix")
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
    for listen in ("unix", None):
        with serve(ENVELOPE, listen=listen) as first:
            second = serve(ENVELOPE, listen=first.socket)
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
    first = serve(ENVELOPE)
    first.settings = 'pid_file = "%s/pid";' % first.folder
    first.write(ENVELOPE)
    with first:
        second = serve(ENVELOPE, first.settings)
        try:
            want = "process %d holds it" % first.process.pid
            check("says so", want in second.refused(), second.log())
        finally:
            second.remove()
        check("still there", os.path.exists(first.folder + "/pid"))


@case
def bad_configuration_does_not_start():
    daemon = serve('daemn: { };\n' + ENVELOPE)
    try:
        text = daemon.refused()
        check("file, line, severity", "%s:" % daemon.file in text and ": error: " in text, text)
    finally:
        daemon.remove()


@case
def bad_sockets_do_not_start():
    for name in ("inet:8894@192.0.2.1", "unix:/nonexistent/s", "inet:8894@nosuchhost.invalid"):
        daemon = serve(ENVELOPE, listen=name)
        try:
            text = daemon.refused()
            check("names the socket", name.split(":")[1].split("@")[0] in text and
                  "error" in text, text)
        finally:
            daemon.remove()


@case
def ipv6_socket():
    with socket.socket(socket.AF_INET6) as probe:
        probe.bind(("::1", 0))
        port = probe.getsockname()[1]
    with serve(ENVELOPE, listen="inet6:%d@::1" % port):
        socket.create_connection(("::1", port)).close()


@case
def systemd_is_told():
    with tempfile.TemporaryDirectory() as folder, \
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(folder + "/notify")
        told.settimeout(10)
        with serve(ENVELOPE, environment={"NOTIFY_SOCKET": folder + "/notify"}) as daemon:
            check("ready", b"READY=1" in told.recv(4096))
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


@case
def start_says_what_is_asked():
    with serve(ENVELOPE) as daemon:
        line = [line for line in daemon.log().split("\n") if line.startswith("event=start")][0]
        for want in ("version=", "files=%s" % daemon.file, "policies=3", "headers=no", "body=no",
                     "mode=enforce"):
            check("the line has " + want, want in line, line)
        check("no milters", "milters=" not in line, line)


@case
def start_says_which_milters_there_are():
    rows = ['{ name = "%s"; socket = "unix:/nowhere/%s"; }' % (name, name)
            for name in ("one", "two")]
    with serve(ENVELOPE + "milters: ( %s );" % ", ".join(rows)) as daemon:
        daemon.wait_log(r"event=start .* milters=one,two ")


if __name__ == "__main__":
    run()
