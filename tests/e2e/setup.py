#!/usr/bin/env python3
"""What `setup' prints is what Postfix takes, and `--check' sees each slip; what
`audit' makes of a real log.

    setup.py PROGRAM
"""

import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))

from cases import Folder, case, check, run, same       # noqa: E402
from mta import Postfix                                # noqa: E402
from served import Served                              # noqa: E402
from smtp import Smtp                                  # noqa: E402

PROGRAM = os.path.abspath(sys.argv[1])
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
        for path, text in (("both", daemon.log() + mx.log()), ("mx", mx.log())):
            log = os.path.join(folder, path)
            Place.write(log, text)
            done = subprocess.run([PROGRAM, "audit", "--json", log], capture_output=True,
                                  text=True, timeout=60, check=True)
            rows = [json.loads(line) for line in done.stdout.splitlines()]
            same(path, {(row["reason"], row["source"]): row["count"] for row in rows
                        if row["kind"] == "reason"},
                 {("no-such-mailbox", "policy"): 1, ("no-such-mailbox", "mta"): 1})
            same(path + " ours", rows[-1]["ours"], 1)


run()
