#!/usr/bin/env python3
"""What `setup' prints is what Postfix takes, and `--check' sees each slip; what
`audit' makes of a real log.

    setup.py PROGRAM [NAME ...]
"""

import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))

from cases import BUILD, Folder, case, check, run, same  # noqa: E402
from mta import Postfix, Sendmail, bounce              # noqa: E402
from ports import free_port                            # noqa: E402
from scripted import ScriptedMilter, changes, reply             # noqa: E402
from served import Served                              # noqa: E402
from smtp import Smtp                                  # noqa: E402

PROGRAM = os.path.abspath(sys.argv[1])
TREE = os.path.join(BUILD, "sendmail")
BARE = "compatibility_level = 3.6\nmaillog_file = /dev/stdout\n"
CONFIG = 'daemon: { maps = "inet:8895@127.0.0.1"; on_error = "defer"; };\n'


class Place:
    """A configuration of ours and a main.cf, without a mail server."""

    def __init__(self, folder, config=CONFIG, main=BARE):
        self.config = os.path.join(folder, "ours.conf")
        self.dir = os.path.join(folder, "postfix")
        os.mkdir(self.dir)
        self.write(self.config, config)
        self.write(os.path.join(self.dir, "main.cf"), main)
        shutil.copy("/usr/share/postfix/master.cf.dist", os.path.join(self.dir, "master.cf"))

    @staticmethod
    def write(path, text):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def setup(self, *options):
        """The finished `setup postfix'."""
        return subprocess.run([PROGRAM, "-c", self.config, "setup", "postfix", "--config-dir",
                               self.dir, *options], capture_output=True, text=True, timeout=60,
                              check=False)

    def check(self):
        """Exit status of --check, and {setting: state} of what is not fine."""
        done = self.setup("--check", "--json")
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        return done.returncode, {row["setting"]: row["state"] for row in rows
                                 if row["setting"] and row["state"] != "fine"}

    def set(self, *settings):
        subprocess.run(["postconf", "-c", self.dir, "-e", *settings], check=True, timeout=60)

    def get(self, name):
        return subprocess.run(["postconf", "-c", self.dir, "-h", name], capture_output=True,
                              text=True, check=True, timeout=60).stdout.strip()

    def attach(self):
        """Runs the commands that setup prints."""
        commands = [line.lstrip("# ") for line in self.setup().stdout.splitlines()
                    if line.startswith("#   postconf ")]
        check("there are commands", commands)
        for command in commands:
            subprocess.run(["sh", "-c", command], check=True, timeout=60)


@case
def what_it_prints_makes_check_content():
    with Folder() as folder:
        place = Place(folder)
        status, wrong = place.check()
        same("before", (status, wrong), (1, {
            "smtpd_milters": "missing", "smtpd_reject_footer_maps": "missing",
            "default_delivery_status_filter": "missing"}))
        place.attach()
        same("after", place.check(), (0, {}))
        same("milters", place.get("smtpd_milters"), "inet:127.0.0.1:8894")
        same("footer", place.get("smtpd_reject_footer_maps"),
             "socketmap:inet:127.0.0.1:8895:footer")
        check("it says so", "is attached as it should be" in place.setup("--check").stdout)


@case
def the_lines_themselves_can_be_pasted():
    with Folder() as folder:
        place = Place(folder)
        lines = place.setup().stdout
        with open(os.path.join(place.dir, "main.cf"), "a", encoding="utf-8") as file:
            file.write(lines)
        same("after", place.check(), (0, {}))


@case
def what_is_there_stays():
    others = "inet:127.0.0.1:11332, { unix:opendkim/sock, default_action=accept }"
    with Folder() as folder:
        place = Place(folder, main=BARE + "mine = %s\nsmtpd_milters = $mine\n"
                      "smtp_delivery_status_filter = pcre:/etc/it's\n"
                      "milter_default_action = accept\n" % others)
        place.attach()
        same("after", place.check(), (0, {}))
        same("milters", place.get("smtpd_milters"),
             "$mine, { inet:127.0.0.1:8894, default_action = tempfail }")
        same("action", place.get("milter_default_action"), "accept")
        same("own filter", place.get("smtp_delivery_status_filter"),
             "pcre:/etc/it's, socketmap:inet:127.0.0.1:8895:delivery")


SLIPS = {
    "smtpd_milters=inet:127.0.0.1:8893": {"smtpd_milters": "missing"},
    "smtpd_milters={ inet:localhost:8894, default_action=accept }": {"smtpd_milters": "differs"},
    "milter_default_action=accept": {"milter_default_action": "differs"},
    "milter_default_action=reject": {"milter_default_action": "differs"},
    "milter_protocol=2": {"milter_protocol": "differs"},
    "smtpd_reject_footer_maps=socketmap:inet:127.0.0.1:8896:footer":
        {"smtpd_reject_footer_maps": "differs"},
    "smtpd_reject_footer_maps=": {"smtpd_reject_footer_maps": "missing"},
    "default_delivery_status_filter=": {"default_delivery_status_filter": "missing"},
    "pipe_delivery_status_filter=pcre:/etc/x": {"pipe_delivery_status_filter": "missing"},
    "non_smtpd_milters=$smtpd_milters": {"non_smtpd_milters": "differs"},
    "smtpd_milters=inet:localhost:8894": {},
}


@case
def check_sees_each_slip():
    for slip, wanted in SLIPS.items():
        with Folder() as folder:
            place = Place(folder)
            place.attach()
            place.set(slip)
            same(slip, place.check(), (1 if wanted else 0, wanted))


# The times add up to 80, 320 and 320 seconds; the defaults are 30, 30 and 300.
BEHIND = """milters: ( { name = "one"; socket = "inet:7001@127.0.0.1"; on_error = "accept"; },
    { name = "two"; socket = "inet:7002@127.0.0.1"; end_timeout = 50; },
    { name = "three"; socket = "inet:7003@127.0.0.1"; end_timeout = 50; } );
"""
TIMES = {"milter_connect_timeout": "80s", "milter_command_timeout": "320s",
         "milter_content_timeout": "320s"}


@case
def milters_behind_us_are_waited_for():
    with Folder() as folder:
        place = Place(folder, BEHIND)
        same("before", place.check(), (1, {"smtpd_milters": "missing",
                                           **{name: "missing" for name in TIMES}}))
        place.attach()
        same("after", place.check(), (0, {}))
        same("times", {name: place.get(name) for name in TIMES}, TIMES)
        place.set("milter_content_timeout=10m", "milter_command_timeout=319s",
                  "milter_connect_timeout=30")
        same("another time", place.check(), (1, {"milter_command_timeout": "differs",
                                                 "milter_connect_timeout": "missing"}))
        place.attach()
        same("longer stays", place.get("milter_content_timeout"), "10m")
        place.set("milter_default_action=accept")
        same("unseen", place.check(), (1, {"milter_default_action": "differs"}))
        done = place.setup("--check").stdout
        check("whose setting it is", "of the milter \"two\"" in " ".join(done.split()), done)


@case
def milters_behind_us_and_others_beside_us():
    with Folder() as folder:
        place = Place(folder, BEHIND, BARE + "smtpd_milters = inet:127.0.0.1:11332\n")
        place.attach()
        same("after", place.check(), (0, {}))
        same("ours alone waits", place.get("smtpd_milters"),
             "inet:127.0.0.1:11332, { inet:127.0.0.1:8894, connect_timeout = 80s, "
             "command_timeout = 320s, content_timeout = 320s }")
        same("for others", place.get("milter_command_timeout"), "30s")
        place.set("smtpd_milters={ inet:127.0.0.1:8894, connect_timeout = 80s, "
                  "command_timeout = 1m }, inet:127.0.0.1:11332")
        same("too short", place.check(), (1, {"smtpd_milters": "differs",
                                              "milter_content_timeout": "missing"}))


TWO = """milters: ( { name = "rspamd"; socket = "inet:11332@localhost"; on_error = "accept"; },
    { name = "clamav"; socket = "unix:%s/clamav.ctl"; on_error = "accept"; %s },
    { name = "dkim"; socket = "inet6:8891@::1"; on_error = "accept"; } );
"""


@case
def milters_behind_us_are_not_asked_twice():
    with Folder() as folder:
        place = Place(folder, TWO % ("/var/spool/postfix/clamav", ""), BARE +
                      "more = { unix:clamav/clamav.ctl, default_action = accept }\n"
                      "smtpd_milters = inet:127.0.0.1:11332, inet:127.0.0.1:9999, $more, "
                      "inet:[::1]:8891\n")
        printed = " ".join(place.setup().stdout.replace("\n#", "").split())
        check("why", "Left out: inet:127.0.0.1:11332 (rspamd), unix:clamav/clamav.ctl (clamav), "
              "inet:[::1]:8891 (dkim). milter-reply asks what is in its list milters, and each "
              "mail would be scanned twice." in printed, printed)
        same("before", place.check()[1]["smtpd_milters"], "differs")
        place.attach()
        milters = place.get("smtpd_milters")
        check("others stay", milters.startswith("inet:127.0.0.1:9999, { inet:127.0.0.1:8894, "),
              milters)
        same("after", place.check(), (0, {}))
        place.set("smtpd_milters=" + milters + ", localhost:11332")
        done = place.setup("--check")
        same("status", done.returncode, 1)
        check("what to do", "Take out localhost:11332 (rspamd): " in " ".join(done.stdout.split()),
              done.stdout)
        place.attach()
        same("again", (place.get("smtpd_milters"), place.check()), (milters, (0, {})))
        with open(os.path.join(place.dir, "master.cf"), "a", encoding="utf-8") as file:
            file.write("2525 inet n - y - - smtpd -o "
                       "smtpd_milters=inet:127.0.0.1:8894,inet:127.0.0.1:11332\n")
        told = " ".join(place.setup("--check").stdout.split())
        check("a service", "The service 2525/inet has each mail scanned twice by "
              "inet:127.0.0.1:11332 (rspamd)" in told, told)


@case
def one_that_only_observes_stays_with_the_mail_server():
    with Folder() as folder:
        place = Place(folder, TWO % ("/run", "observe = true;"), BARE +
                      "smtpd_milters = unix:/run/clamav.ctl\n")
        place.attach()
        check("it stays", place.get("smtpd_milters").startswith("unix:/run/clamav.ctl, "))
        same("after", place.check(), (0, {}))


@case
def safer_than_asked_is_fine():
    with Folder() as folder:
        place = Place(folder, "")
        place.attach()
        same("as asked", place.get("milter_default_action"), "accept")
        check("no note", "safer" not in place.setup("--check").stdout)
        for slip in ("milter_default_action=tempfail",
                     "smtpd_milters={ inet:127.0.0.1:8894, default_action=tempfail }"):
            place.set(slip)
            done = place.setup("--check")
            same(slip, done.returncode, 0)
            check("note", "which is safer than the configuration asks for" in
                  " ".join(done.stdout.split()), done.stdout)
        place.set("milter_default_action=reject", "smtpd_milters=inet:127.0.0.1:8894")
        same("reject", place.check(), (1, {"milter_default_action": "differs"}))


@case
def the_manuals_say_what_it_prints():
    shipped = os.path.join(HERE, "..", "..")
    done = subprocess.run([PROGRAM, "-c", os.path.join(shipped, "etc", "milter-reply.conf"),
                           "setup", "postfix", "--mta-version", "3.7"], capture_output=True,
                          text=True, timeout=60, check=True)
    lines = [line for line in done.stdout.splitlines() if line and line[0] != "#"]
    with open(os.path.join(shipped, "README.md"), encoding="utf-8") as file:
        check("README", "    " + "\n    ".join(lines) + "\n" in file.read(), lines)
    with open(os.path.join(shipped, "milter", "milter-reply.8"), encoding="utf-8") as file:
        check("manual", "\n" + "\n".join(lines) + "\n.Ed\n" in file.read(), lines)
    done = subprocess.run([PROGRAM, "-c", os.path.join(shipped, "etc", "milter-reply.conf"),
                           "setup", "sendmail"], capture_output=True, text=True, timeout=60,
                          check=True)
    lines = [line for line in done.stdout.splitlines() if line.startswith("INPUT")]
    with open(os.path.join(shipped, "README.md"), encoding="utf-8") as file:
        check("README of Sendmail", "    " + lines[0] + "\n" in file.read(), lines)
    with open(os.path.join(shipped, "milter", "milter-reply.8"), encoding="utf-8") as file:
        check("manual of Sendmail", lines[0].replace(", `", ",\n  `") in file.read(), lines)


@case
def maps_without_a_service_are_seen():
    with Folder() as folder:
        place = Place(folder)
        place.attach()
        place.write(place.config, 'daemon: { on_error = "defer"; };\n')
        same("check", place.check(), (1, {
            "smtpd_reject_footer_maps": "differs", "default_delivery_status_filter": "differs"}))
        place.attach()
        same("after", place.check(), (0, {}))
        same("footer", place.get("smtpd_reject_footer_maps"), "")


@case
def services_that_do_not_ask_are_named():
    with Folder() as folder:
        place = Place(folder)
        place.attach()
        with open(os.path.join(place.dir, "master.cf"), "a", encoding="utf-8") as file:
            file.write("2525 inet n - y - - smtpd -o smtpd_milters=\n")
        done = place.setup("--check")
        same("status", done.returncode, 0)
        check("note", "The service 2525/inet does not ask" in done.stdout, done.stdout)


@case
def a_folder_without_main_cf_is_told():
    with Folder() as folder:
        place = Place(folder)
        os.unlink(os.path.join(place.dir, "main.cf"))
        done = place.setup()
        same("status", done.returncode, 1)
        check("why", "main.cf: No such file" in done.stderr, done.stderr)


NEWER = """#!/bin/sh
# postconf as a Postfix of 3.11 would have it, which knows one more parameter.
%(real)s "$@" | sed 's/^mail_version = .*/mail_version = 3.11.2/'
case "$*" in
*-P*) ;;
*) grep '^smtpd_reject_filter_maps' %(folder)s/postfix/main.cf ;;
esac
exit 0
"""


@case
def a_newer_postfix_gets_the_filter_and_no_footer():
    with Folder() as folder:
        place = Place(folder)
        place.attach()                    # with a footer, as 3.7 has it
        os.mkdir(os.path.join(folder, "bin"))
        fake = os.path.join(folder, "bin", "postconf")
        place.write(fake, NEWER % {"real": shutil.which("postconf"), "folder": folder})
        os.chmod(fake, 0o755)
        before = os.environ["PATH"]
        os.environ["PATH"] = os.path.join(folder, "bin") + os.pathsep + before
        try:
            same("before", place.check(), (1, {
                "smtpd_reject_filter_maps": "missing", "smtpd_reject_footer_maps": "differs",
                "postscreen_reject_footer_maps": "missing"}))
            with open(os.path.join(place.dir, "main.cf"), "a", encoding="utf-8") as file:
                file.write(place.setup().stdout)
            same("after", place.check(), (0, {}))
        finally:
            os.environ["PATH"] = before


def sendmail_setup(daemon, *options):
    return subprocess.run([PROGRAM, "-c", daemon.file, "setup", "sendmail", *options],
                          capture_output=True, text=True, timeout=60, check=False)


def first_answers(mx):
    """What a client gets at its two recipients."""
    with Smtp("127.0.0.1", mx.port) as client:
        client.ehlo("mail.example.net")
        said = [client.mail("ann@example.net")]
        if said[0][-1][:1] == b"2":
            said = [client.rcpt("gone@example.com"), client.rcpt("bob@example.com")]
        return [lines[0].decode()[:9] for lines in said]


@case
def a_real_sendmail_takes_what_is_printed():
    refuses = {"R": lambda payload: reply("550 5.1.1 User unknown")
               if b"gone@" in payload else changes()}
    with Folder() as folder, ScriptedMilter(refuses) as child, Served(
            PROGRAM, folder, 'milters: ( { name = "child"; socket = "%s"; } );' %
            child.socket) as daemon:
        printed = sendmail_setup(daemon).stdout
        check("mail is put off", "F=T, T=C:30s;S:30s;R:210s;E:5m" in printed, printed)
        with Sendmail(folder, TREE, m4=printed) as mx:
            done = sendmail_setup(daemon, "--check", "--config-dir", mx.folder)
            same("status", (done.returncode, done.stderr), (0, ""))
            check("it says so", "Sendmail is attached as it should be" in done.stdout, done.stdout)
            same("asked", first_answers(mx), ["550-5.1.1", "250 2.1.5"])
            daemon.stop()
            check("put off", first_answers(mx)[0].startswith("451"), mx.transcript())
            daemon.start()
            with open(mx.path("sendmail.cf"), encoding="utf-8") as file:
                made = file.read()
        for old, new in ((", F=T", ""), ("R:210s", "R:209s"), ("E:5m", "E:209s"),
                         ("T=C:30s;S:30s;R:210s;E:5m", "T=C:5m"), ("R:210s", "R:soon")):
            check(old + " is in sendmail.cf", old in made)
            Place.write(os.path.join(folder, "sendmail.cf"), made.replace(old, new))
            done = sendmail_setup(daemon, "--check", "--json", "--config-dir", folder)
            states = {row["setting"]: row["state"] for row in
                      map(json.loads, done.stdout.splitlines()) if row["setting"]}
            same(new or old, (done.returncode, states),
                 (1, {"INPUT_MAIL_FILTER": "differs", "InputMailFilters": "fine"}))


POLICY = """
site: { help = "https://example.com/mail/{reason}"; };
policies: ( { name = "gone"; when = { recipient = "gone@example.com"; };
              reject = "no-such-mailbox"; } );
"""


@case
def a_real_log_is_read():
    with Folder() as folder, Served(PROGRAM, folder, POLICY) as daemon, \
            Postfix(folder, daemon.socket, recipients=["bob", "gone"]) as mx:
        client = Smtp("127.0.0.1", mx.port)
        client.ehlo("mail.example.net")
        client.mail("ann@example.net")
        client.rcpt("gone@example.com")
        client.rcpt("nobody@example.com")
        client.rcpt("bob@example.com")
        client.quit()
        mx.wait_log(r"reject: RCPT.*nobody@")
        for path, text, source in (("ours first", daemon.log() + mx.log(), "policy"),
                                   ("ours last", mx.log() + daemon.log(), "policy"),
                                   ("its alone", mx.log(), "ours")):
            log = os.path.join(folder, path)
            Place.write(log, text)
            done = subprocess.run([PROGRAM, "audit", "--json", log], capture_output=True,
                                  text=True, timeout=60, check=True)
            rows = [json.loads(line) for line in done.stdout.splitlines()]
            same(path, {(row["reason"], row["source"]): row["count"] for row in rows
                        if row["kind"] == "reason"},
                 {("no-such-mailbox", source): 1, ("no-such-mailbox", "mta"): 1})
            same(path + " ours", rows[-1]["ours"], 1)


@case
def a_bounce_in_our_words_is_the_other_servers_refusal():
    with Folder() as folder:
        port = free_port()
        with Served(PROGRAM, folder, POLICY,
                    'maps = "inet:%d@127.0.0.1";' % port) as daemon, \
                Postfix(folder, recipients=["bob"]) as mx, \
                Postfix(folder, domain="example.org", hostname="queue.example.org",
                        routes={"example.com": mx.port},
                        params={"smtp_delivery_status_filter":
                                "socketmap:inet:127.0.0.1:%d:delivery" % port}) as queue:
            bounce(queue, "nobody@example.com")
            theirs, ours = queue.log(), daemon.log()
        check("our words are in the log", "Case: " in theirs and " The server said: " in theirs,
              theirs)
        for logs in (theirs, theirs + ours, ours + theirs):
            log = os.path.join(folder, "log")
            Place.write(log, logs)
            done = subprocess.run([PROGRAM, "audit", "--json", log], capture_output=True,
                                  text=True, timeout=60, check=True)
            rows = [json.loads(line) for line in done.stdout.splitlines()]
            same("counted", [(row["kind"], row.get("reason"), row.get("source"), row.get("count"))
                             for row in rows if row["kind"] != "total"],
                 [("reason", "no-such-mailbox", "remote", 1)])


@case
def what_sendmail_logs_without_a_code_is_counted():
    with Folder() as folder, Sendmail(folder, TREE, [], recipients=["bob"]) as mx:
        client = Smtp("127.0.0.1", mx.port)
        client.ehlo("mail.example.net")
        client.mail("ann@example.net")
        client.rcpt("nobody@example.com")
        client.rcpt("bob@example.com")
        client.cmd("RCPT TO:<bad@@x>")
        client.rset()
        client.quit()
        mx.wait_log(r"stat=RSET")
        log = os.path.join(folder, "log")
        Place.write(log, mx.log())
        done = subprocess.run([PROGRAM, "audit", "--json", log], capture_output=True, text=True,
                              timeout=60, check=True)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        same("counted", {(row["reason"], row["source"]): row["count"] for row in rows
                         if row["kind"] == "reason"},
             {("no-such-mailbox", "mta"): 1, ("bad-recipient-address", "mta"): 1})


run()
