"""The real milters of Debian 12, each private, on the loopback interface.

    from realmilters import ClamAv, OpenDkim, OpenDmarc, Rspamd
    with Rspamd(folder, dns.address) as rspamd:
        rspamd.socket                     # "inet:PORT@127.0.0.1"

Each runs as a child process in a folder of its own below folder, and is stopped
by its process id. None of them reaches beyond the loopback interface: dns is
the address of the only name server that they know (see dns.py).
"""

import os
import shutil
import signal
import subprocess
import tempfile

from ports import free_port, wait_listening

START_SECONDS = 120

# rspamd loads its own configuration, with these changes.
RSPAMD = {
    "worker-proxy.inc": """
bind_socket = "127.0.0.1:%(port)d"; milter = yes; timeout = 30s; count = 1;
upstream "local" { default = yes; self_scan = yes; }
""",
    "worker-normal.inc": "enabled = false;\n",
    "worker-fuzzy.inc": "enabled = false;\n",
    "worker-controller.inc": "enabled = false;\n",
    "options.inc": """
enable_test_patterns = true; control_socket = "%(folder)s/control.sock";
dns { nameserver = ["%(dns)s"]; timeout = 0.2s; retransmits = 1; }
""",
    "logging.inc": "type = \"file\"; filename = \"%(folder)s/log\";\n",
    "milter_headers.conf": """
use = ["x-spamd-bar"]; skip_local = false; skip_authenticated = false;
""",
    "hfilter.conf": "enabled = false;\n",
    "rbl.conf": "enabled = false;\n",
    "fuzzy_check.conf": "enabled = false;\n",
    "dmarc.conf": "enabled = false;\n",
}

OPENDKIM = """
Socket inet:%(port)d@127.0.0.1
Syslog no
Mode %(mode)s
Domain %(domain)s
Selector test
KeyFile %(folder)s/key
InternalHosts %(folder)s/internal
Nameservers %(dns)s
On-NoSignature reject
On-BadSignature reject
Canonicalization relaxed/simple
PidFile %(folder)s/pid
"""

OPENDMARC = """
Socket inet:%(port)d@127.0.0.1
Syslog false
AuthservID mx.example.com
TrustedAuthservIDs mx.example.com
RejectFailures true
SPFSelfValidate false
IgnoreHosts %(folder)s/ignored
PidFile %(folder)s/pid
DNSTimeout 2
"""

CLAMD = """
LocalSocket %(folder)s/clamd.sock
DatabaseDirectory %(folder)s/db
PidFile %(folder)s/clamd.pid
TemporaryDirectory %(folder)s
Foreground yes
User root
LogFile %(folder)s/clamd.log
"""

CLAMAV_MILTER = """
MilterSocket inet:%(port)d@127.0.0.1
ClamdSocket unix:%(folder)s/clamd.sock
PidFile %(folder)s/milter.pid
TemporaryDirectory %(folder)s
Foreground yes
User root
OnInfected Reject
AddHeader Replace
LogFile %(folder)s/milter.log
%(more)s
"""

# A signature base of one: this text is the virus.
VIRUS = b"THIS-IS-NO-REAL-VIRUS-BUT-THE-ONLY-ONE-THAT-THIS-TEST-KNOWS"

# What looks names up by /etc/resolv.conf gets one of its own.
WITH_DNS = """
mount --bind "$1" /etc/resolv.conf
shift
exec "$@"
"""


class _Milter:
    """A milter at a free port; name is for its folder."""

    user = None

    def __init__(self, base, dns="127.0.0.1", **more):
        self.folder = tempfile.mkdtemp(prefix=self.name + ".", dir=base)
        os.chmod(self.folder, 0o755)
        self.port = free_port()
        self.socket = "inet:%d@127.0.0.1" % self.port
        self.words = {"folder": self.folder, "port": self.port, "dns": dns, **more}
        self.processes = []

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        """One of its files, with the words filled in."""
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="ascii") as file:
            file.write(text % self.words if isinstance(text, str) else text)
        return self.path(name)

    def spawn(self, *command):
        with open(self.path("out"), "ab") as out:
            self.processes.append(subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out))

    def spawn_with_dns(self, *command):
        resolv = self.write("resolv.conf",
                            "nameserver %(dns)s\noptions timeout:1 attempts:2\n")
        self.spawn("unshare", "--mount", "sh", "-c", WITH_DNS, "sh", resolv, *command)

    def said(self):
        """What it printed."""
        with open(self.path("out"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def __enter__(self):
        if self.user:
            for root, folders, files in os.walk(self.folder):
                for name in [root] + [os.path.join(root, one) for one in folders + files]:
                    shutil.chown(name, self.user)
        try:
            self.start()
            if not wait_listening(self.port, START_SECONDS, lambda: all(
                    process.poll() is None for process in self.processes)):
                raise RuntimeError("%s does not start: %s" % (self.name, self.said()))
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_exception):
        self.stop()

    def stop(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes = []
        shutil.rmtree(self.folder, ignore_errors=True)


class Rspamd(_Milter):
    """rspamd's proxy worker, which scans itself."""

    name = "rspamd"
    user = "_rspamd"

    def __init__(self, base, dns="127.0.0.1", **more):
        super().__init__(base, dns, **more)
        for name, text in RSPAMD.items():
            self.write("local.d/" + name, text)

    def start(self):
        self.spawn("rspamd", "-f", "-u", self.user, "-g", self.user,
                   "-c", "/etc/rspamd/rspamd.conf", "--var=LOCAL_CONFDIR=" + self.folder,
                   "--var=RUNDIR=" + self.folder, "--var=DBDIR=" + self.folder,
                   "--var=LOGDIR=" + self.folder)


class OpenDkim(_Milter):
    """OpenDKIM: mode "s" signs, "v" verifies. Clients at 127.0.0.1 are ours."""

    name = "opendkim"

    def __init__(self, base, dns="127.0.0.1", mode="sv", domain="example.com"):
        super().__init__(base, dns, mode=mode, domain=domain)
        self.write("internal", "127.0.0.1\n")
        subprocess.run(["opendkim-genkey", "-D", self.folder, "-b", "1024", "-d", domain,
                        "-s", "test"], check=True, timeout=60)
        os.rename(self.path("test.private"), self.path("key"))

    def start(self):
        self.spawn("opendkim", "-f", "-x", self.write("conf", OPENDKIM))


class OpenDmarc(_Milter):
    """OpenDMARC, which refuses what a domain says."""

    name = "opendmarc"

    def start(self):
        self.write("ignored", "192.0.2.99\n")
        self.spawn_with_dns("opendmarc", "-f", "-c", self.write("conf", OPENDMARC))


class ClamAv(_Milter):
    """clamav-milter and its clamd, with a signature base of one: VIRUS.

    more    further lines for clamav-milter.conf
    """

    name = "clamav"

    def __init__(self, base, dns="127.0.0.1", more=""):
        super().__init__(base, dns, more=more)
        self.write("db/test.ndb", "Own.Test:0:*:%s\n" % VIRUS.hex())

    def start(self):
        self.spawn("clamd", "-c", self.write("clamd.conf", CLAMD))
        while not os.path.exists(self.path("clamd.sock")):
            if self.processes[0].poll() is not None:
                raise RuntimeError("clamd does not start: %s" % self.said())
        self.spawn("clamav-milter", "-c", self.write("milter.conf", CLAMAV_MILTER))
