"""Private instances of Postfix and Sendmail on 127.0.0.1 for tests.

    from mta import Postfix, Sendmail, bounce
    with Postfix(base, "inet:7000@127.0.0.1") as mx:
        client = Smtp("127.0.0.1", mx.port)
        ...
        mx.wait_log(r"milter-reject", timeout=5)
        mx.wait_delivered(1)[0]               # the message as bytes
    with Sendmail(base, tree, ["inet:7000@127.0.0.1"]) as mx:
        ...

base is a folder that is not world-writable and that the user "postfix" can
enter; each instance makes a folder of its own in it and removes it at the end.
tree is the folder into which install-mtas.sh unpacked Sendmail. Milter sockets
are written as libmilter does: inet:PORT@HOST or unix:PATH; one or a list.
Needs root. Neither syslog nor DNS nor the configuration in /etc is used.

Mail for example.com (option domain) is accepted and kept; mail for the domains
in the option routes ({"domain": port}) goes to 127.0.0.1 at that port.
"""

import atexit
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

from ports import free_port, wait_listening

LIB = os.path.dirname(os.path.abspath(__file__))
START_SECONDS = 20
STOP_SECONDS = 5


def debian_packages():
    """Names of the Debian packages that the mail servers of the tests need."""
    script = os.path.join(LIB, "install-mtas.sh")
    return subprocess.run([script, "--packages"], check=True, capture_output=True,
                          text=True).stdout.split()


def _as_list(value):
    """A list of strings from None, one string, or any sequence of strings."""
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)


def _as_bytes(text):
    return text if isinstance(text, bytes) else text.encode("utf-8")


def _check_private(base):
    """Refuse a base folder that others may write to, here or further up."""
    folder = os.path.realpath(base)
    while True:
        if os.stat(folder).st_mode & 0o022:
            raise ValueError("%s is writable by others" % folder)
        if folder == "/":
            return
        folder = os.path.dirname(folder)


def _write(path, text, mode=0o644):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)


class _Mta:
    """What both mail servers share: the folder, the process, log and mail."""

    prefix = "mta-"

    def __init__(self, base, milters, domain, recipients, routes, hostname):
        self.base = base
        self.milters = _as_list(milters)
        self.domain = domain
        self.recipients = recipients
        self.routes = routes or {}
        self.hostname = hostname
        self.port = free_port()
        self.folder = None
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_exception):
        self.stop()

    def path(self, *names):
        """A path inside the folder of this instance."""
        return os.path.join(self.folder, *names)

    def start(self):
        """Make the folder, write the configuration, start the server."""
        atexit.register(self.stop)
        try:
            os.makedirs(self.base, exist_ok=True)
            _check_private(self.base)
            self.folder = tempfile.mkdtemp(prefix=self.prefix, dir=os.path.realpath(self.base))
            os.chmod(self.folder, 0o755)
            self._configure()
            with open(self.path("output"), "wb") as output:
                self.process = subprocess.Popen(
                    self._command(), cwd="/", start_new_session=True,
                    stdin=subprocess.DEVNULL, stdout=output, stderr=output)
            if not wait_listening(self.port, START_SECONDS, self.is_running):
                raise RuntimeError("%s did not start:\n%s%s" % (
                    type(self).__name__, self._read("output"), self.log()))
        except BaseException:
            self.stop()
            raise

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def stop(self):
        """Stop the server and remove its folder. Harmless when repeated."""
        atexit.unregister(self.stop)
        if self.process is not None:
            self._end_process()
            self.process = None
        if self.folder is not None:
            self._clean_up()
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None

    def _end_process(self):
        """End our process, then what is left of its process group."""
        group = self.process.pid
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(STOP_SECONDS)
        try:
            os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def _clean_up(self):
        """For what else a server left to be closed."""

    def _read(self, name):
        """Text of a file in our folder; empty when it is not there."""
        try:
            with open(self.path(name), encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def log(self):
        """The whole log of this instance so far, as text."""
        return self._read("log")

    def wait_log(self, regex, timeout=10.0):
        """Wait until the log matches regex (multi-line mode); returns the match
        object. Raises TimeoutError with the log."""
        end = time.monotonic() + timeout
        while True:
            text = self.log()
            match = re.search(regex, text, re.MULTILINE)
            if match:
                return match
            if time.monotonic() > end:
                raise TimeoutError("no %r in the log:\n%s" % (regex, text))
            time.sleep(0.02)

    def delivered(self):
        """The messages delivered here so far, oldest first, as bytes."""
        folder = self.path("mail", "new")
        if not os.path.isdir(folder):
            return []
        files = sorted(os.scandir(folder), key=lambda entry: entry.stat().st_mtime_ns)
        messages = []
        for entry in files:
            with open(entry.path, "rb") as file:
                messages.append(file.read())
        return messages

    def wait_delivered(self, count=1, timeout=15.0):
        """Wait for count delivered messages; returns delivered(). Raises
        TimeoutError with the log."""
        end = time.monotonic() + timeout
        while True:
            messages = self.delivered()
            if len(messages) >= count:
                return messages
            if time.monotonic() > end:
                raise TimeoutError("%d of %d messages delivered:\n%s" % (
                    len(messages), count, self.log()))
            time.sleep(0.02)

    def sendmail(self, args, message=b""):
        """Put message into this server's own queue with its sendmail command
        and args, e.g. ["-f", "alice@example.com", "bob@refused.example"].
        Returns the finished process with returncode, stdout and stderr."""
        return subprocess.run(self._inject_command() + list(args), input=_as_bytes(message),
                              capture_output=True, cwd="/", timeout=60, check=False)


POSTFIX_MAIN = """\
compatibility_level = 3.6
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
meta_directory = /etc/postfix
queue_directory = {folder}/queue
data_directory = {folder}/data
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = {hostname}
mydomain = {domain}
myorigin = {domain}
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
disable_dns_lookups = yes
smtp_host_lookup = native
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_authorized_xclient_hosts = 127.0.0.0/8
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 1000
smtpd_hard_error_limit = 2000
smtp_connection_cache_on_demand = no
in_flow_delay = 0
fast_flush_domains =
notify_classes =
relay_domains = {relay_domains}
transport_maps = {transport_maps}
virtual_transport = virtual
virtual_mailbox_domains = {domain}
virtual_mailbox_base = {folder}
virtual_mailbox_maps = {mailbox_maps}
virtual_mailbox_limit = 0
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
smtpd_milters = {milters}
milter_default_action = {default_action}
"""

POSTFIX_MASTER = """\
postlog   unix-dgram n - n - 1 postlogd
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
proxymap  unix  - - n - - proxymap
smtp      unix  - - n - - smtp
virtual   unix  - n n - - virtual
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
anvil     unix  - - n - 1 anvil
127.0.0.1:{port} inet n - n - - smtpd
"""

# The Postfix of another system sees its own programs, libraries and tables of
# lookup types, in a mount name space; users, network and folders stay ours.
POSTFIX_LAUNCH = """\
mount --bind "$0/etc/postfix" /etc/postfix
mount --bind "$0/usr" /usr
exec "$@"
"""

POSTFIX_QUEUES = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold",
                  "incoming", "private", "saved", "trace")


def _postfix_socket(milter):
    """A milter socket in Postfix's notation: inet:HOST:PORT or unix:PATH."""
    kind, _, rest = milter.partition(":")
    if kind not in ("inet", "inet6"):
        return "unix:" + rest
    port, _, host = rest.partition("@")
    return "inet:[%s]:%s" % (host, port) if ":" in host else "inet:%s:%s" % (host, port)


def _inline(pairs):
    """An inline table of Postfix from (key, value) pairs."""
    return "inline:{%s}" % ", ".join("{%s=%s}" % pair for pair in pairs) if pairs else ""


class Postfix(_Mta):
    """A Postfix with smtpd, queue and bounces, running as a child process.

    milters         socket or list of sockets for smtpd_milters
    default_action  milter_default_action: accept, reject, tempfail, quarantine
    params          further main.cf parameters, {name: value}
    master          further lines for master.cf
    domain          mail for it is kept and read with delivered()
    recipients      local parts that exist there; None: all
    routes          {domain: port at 127.0.0.1} for mail to elsewhere
    hostname        the name it calls itself
    root            the folder of a system whose Postfix is run instead of ours;
                    its libraries come from there, all else from here

    Clients on the loopback interface may use XCLIENT.
    """

    prefix = "pf-"

    def __init__(self, base, milters=None, *, default_action="tempfail", params=None, master="",
                 domain="example.com", recipients=None, routes=None, hostname="mx.example.com",
                 root=None):
        super().__init__(base, milters, domain, recipients, routes, hostname)
        self.default_action = default_action
        self.params = params or {}
        self.master = master
        self.root = root

    def _main_cf(self):
        """The text of main.cf."""
        owner = os.stat(self.path("data"))
        mailboxes = "static:mail/"
        if self.recipients is not None:
            mailboxes = _inline([("%s@%s" % (user, self.domain), "mail/")
                                 for user in self.recipients])
        text = POSTFIX_MAIN.format(
            folder=self.folder, hostname=self.hostname, domain=self.domain,
            relay_domains=" ".join(self.routes), mailbox_maps=mailboxes,
            transport_maps=_inline([(domain, "smtp:[127.0.0.1]:%d" % port)
                                    for domain, port in self.routes.items()]),
            uid=owner.st_uid, gid=owner.st_gid, default_action=self.default_action,
            milters=", ".join(map(_postfix_socket, self.milters)))
        return text + "".join("%s = %s\n" % pair for pair in self.params.items())

    def _configure(self):
        for name in ("config", "queue", "queue/pid"):
            os.mkdir(self.path(name))
        for name in ["data"] + ["queue/" + queue for queue in POSTFIX_QUEUES]:
            os.mkdir(self.path(name), 0o700)
            shutil.chown(self.path(name), "postfix")
        for name, mode in (("queue/public", 0o710), ("queue/maildrop", 0o730)):
            os.mkdir(self.path(name))
            shutil.chown(self.path(name), "postfix", "postdrop")
            os.chmod(self.path(name), mode)
        os.mkdir(self.path("mail"), 0o700)
        shutil.chown(self.path("mail"), "postfix", "postfix")
        shutil.chown(self.path("data"), "postfix", "postfix")
        _write(self.path("config", "main.cf"), self._main_cf())
        # Postfix waits while a main.cf changed less than a second or so ago.
        os.utime(self.path("config", "main.cf"), times=(time.time() - 60,) * 2)
        _write(self.path("config", "master.cf"),
               POSTFIX_MASTER.format(port=self.port) + self.master)

    def _launch(self, *command):
        """The command line that runs one of Postfix's programs."""
        if self.root is None:
            return list(command)
        return ["unshare", "--mount", "sh", "-c", POSTFIX_LAUNCH, self.root, *command]

    def _command(self):
        return self._launch("/usr/lib/postfix/sbin/master", "-d", "-c", self.path("config"))

    def _inject_command(self):
        return self._launch("/usr/sbin/sendmail", "-C", self.path("config"), "-i")


SENDMAIL_MC = """\
divert(0)dnl
OSTYPE(`linux')dnl
define(`confDOMAIN_NAME', `{hostname}')dnl
define(`confPID_FILE', `{folder}/pid')dnl
define(`confCW_FILE', `-o {folder}/local-host-names')dnl
define(`confCT_FILE', `-o {folder}/trusted-users')dnl
define(`confSERVICE_SWITCH_FILE', `{folder}/service.switch')dnl
define(`confHOSTS_FILE', `{folder}/hosts')dnl
define(`confDONT_PROBE_INTERFACES', `True')dnl
define(`confLOG_LEVEL', `14')dnl
define(`confTO_IDENT', `0')dnl
define(`confTO_ICONNECT', `5s')dnl
define(`confBAD_RCPT_THROTTLE', `0')dnl
define(`confREFUSE_LA', `0')dnl
define(`confQUEUE_LA', `1000')dnl
define(`confDELAY_LA', `0')dnl
define(`QUEUE_DIR', `{folder}/queue')dnl
define(`ALIAS_FILE', `{folder}/aliases')dnl
define(`STATUS_FILE', `{folder}/statistics')dnl
define(`HELP_FILE', `{folder}/helpfile')dnl
define(`LOCAL_MAILER_PATH', `{folder}/keep')dnl
define(`LOCAL_MAILER_ARGS', `keep $u')dnl
MODIFY_MAILER_FLAGS(`LOCAL', `-{unwanted_flags}')dnl
MODIFY_MAILER_FLAGS(`LOCAL', `+Sn')dnl
FEATURE(`nocanonify')dnl
FEATURE(`accept_unresolvable_domains')dnl
FEATURE(`accept_unqualified_senders')dnl
FEATURE(`no_default_msa')dnl
DAEMON_OPTIONS(`Name=MTA, Addr=127.0.0.1, Port={port}, M=A')dnl
{milters}{macros}{m4}LOCAL_DOMAIN(`{domain}')dnl
MAILER(`local')dnl
MAILER(`smtp')dnl
MAILER_DEFINITIONS
{mailers}LOCAL_RULE_0
{rules}"""

SENDMAIL_ROUTE = """\
Mroute{number}, P=[IPC], F=mDFMuXk, S=EnvFromSMTP/HdrFromSMTP, R=EnvToSMTP/HdrFromSMTP,
\tE=\\r\\n, L=990, T=DNS/RFC822/SMTP, A=TCP $h {port}
"""

# The local mailer: one file per message, moved into place when complete.
SENDMAIL_KEEP = """\
#!/bin/sh
umask 077
file=$(mktemp {folder}/mail/tmp/XXXXXXXXXX) || exit 75
cat >"$file" || exit 75
mv "$file" {folder}/mail/new/
"""

# Sendmail looks its own host name up when it starts, logs to /dev/log, and asks
# for local recipients in /etc/passwd: all this is given to it in name spaces of
# its own, where no DNS can delay it.
SENDMAIL_LAUNCH = """\
hostname {hostname}
for device in null zero random urandom; do
    : >{folder}/dev/$device
    mount --bind /dev/$device {folder}/dev/$device
done
mount --rbind {folder}/dev /dev
for file in hosts resolv.conf nsswitch.conf passwd; do
    if [ -e /etc/$file ]; then mount --bind {folder}/$file /etc/$file; fi
done
exec "$@"
"""

SENDMAIL_MILTER_FLAGS = {"accept": "", "reject": "F=R, ", "tempfail": "F=T, ",
                         "shutdown": "F=4, "}


class _Syslog:
    """A log socket whose messages end up as lines in a file."""

    def __init__(self, path, file):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(path)
        os.chmod(path, 0o666)
        self._socket.settimeout(0.2)
        self._file = file
        self._closing = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        with open(self._file, "ab", buffering=0) as file:
            while True:
                try:
                    message = self._socket.recv(65536)
                except TimeoutError:
                    if self._closing:
                        return
                    continue
                file.write(re.sub(rb"^<\d+>", b"", message).rstrip(b"\n\0") + b"\n")

    def close(self):
        self._closing = True
        self._thread.join()
        self._socket.close()


class Sendmail(_Mta):
    """A Sendmail daemon, running as a child process.

    tree            the folder with the unpacked Sendmail
    milters         socket or list of sockets for INPUT_MAIL_FILTER
    default_action  accept, reject, tempfail, or shutdown (F=4)
    macros          {"ENVRCPT": "{rcpt_mailer}, ..."} for confMILTER_MACROS_*
    m4              further m4 lines for the configuration
    domain          mail for it is kept and read with delivered()
    recipients      local parts that exist there, besides root and daemon; None: all
    routes          {domain: port at 127.0.0.1} for mail to elsewhere
    hostname        the name it calls itself
    timeouts        T= of the filters, e.g. "S:5s;R:5s;E:10s"

    There is no XCLIENT; a client at 127.0.0.2 (Smtp's source) may not relay.
    """

    prefix = "sm-"

    def __init__(self, base, tree, milters=None, *, default_action="tempfail", macros=None, m4="",
                 domain="example.com", recipients=None, routes=None, hostname="mx.example.com",
                 timeouts=""):
        super().__init__(base, milters, domain, recipients, routes, hostname)
        self.tree = os.path.realpath(tree)
        self.default_action = default_action
        self.macros = macros or {}
        self.m4 = m4
        self.timeouts = timeouts
        self._syslog = None

    def _filters(self):
        """The INPUT_MAIL_FILTER lines."""
        flags = SENDMAIL_MILTER_FLAGS[self.default_action]
        timeouts = ", T=" + self.timeouts if self.timeouts else ""
        return "".join("INPUT_MAIL_FILTER(`filter%d', `%sS=%s%s')dnl\n" % (
            number, flags, milter, timeouts) for number, milter in enumerate(self.milters))

    def _rules(self):
        """Rules of rule set 0 for the routes."""
        return "".join("R$* <@ %s%s > $*\t$#route%d $@ [127.0.0.1] $: $1 <@ %s. > $2\n" % (
            domain, dot, number, domain)
                       for number, domain in enumerate(self.routes) for dot in ("", " ."))

    def _mc(self):
        """The m4 source of the configuration."""
        macros = "".join("define(`confMILTER_MACROS_%s', ``%s'')dnl\n" % (stage.upper(), names)
                         for stage, names in self.macros.items())
        mailers = "".join(SENDMAIL_ROUTE.format(number=number, port=port)
                          for number, port in enumerate(self.routes.values()))
        unwanted = "w5" if self.recipients is None else "5"
        m4 = self.m4 if self.m4.endswith("\n") or not self.m4 else self.m4 + "\n"
        return SENDMAIL_MC.format(
            folder=self.folder, hostname=self.hostname, port=self.port, domain=self.domain,
            milters=self._filters(), macros=macros, m4=m4, mailers=mailers,
            unwanted_flags=unwanted, rules=self._rules())

    def _write_cf(self):
        """Have m4 make sendmail.cf."""
        tree = os.path.join(self.tree, "usr/share/sendmail/cf/")
        _write(self.path("sendmail.mc"), self._mc())
        result = subprocess.run(
            ["m4", "-D_CF_DIR_=" + tree, tree + "m4/cf.m4", self.path("sendmail.mc")],
            capture_output=True, text=True, timeout=60, check=True)
        _write(self.path("sendmail.cf"), result.stdout)

    def _configure(self):
        for name in ("queue", "dev", "mail", "mail/tmp", "mail/new"):
            os.mkdir(self.path(name), 0o755 if name == "dev" else 0o700)
        for name in ("aliases", "statistics"):
            _write(self.path(name), "")
        _write(self.path("hosts"), "127.0.0.1 localhost\n127.0.0.1 %s\n" % self.hostname)
        _write(self.path("resolv.conf"),
               "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
        _write(self.path("nsswitch.conf"),
               "passwd: files\ngroup: files\nhosts: files\nservices: files\n")
        _write(self.path("passwd"), "root:x:0:0::/:/bin/sh\ndaemon:x:1:1::/:/bin/false\n" + "".join(
            "%s:x:65534:65534::/nonexistent:/bin/false\n" % user
            for user in self.recipients or ()))
        _write(self.path("service.switch"), "hosts files\naliases files\n")
        _write(self.path("keep"), SENDMAIL_KEEP.format(folder=self.folder), 0o755)
        _write(self.path("launch"),
               SENDMAIL_LAUNCH.format(folder=self.folder, hostname=self.hostname))
        self._write_cf()
        self._syslog = _Syslog(self.path("dev", "log"), self.path("log"))

    def _launch(self, *arguments):
        """The command line that runs Sendmail in name spaces of its own."""
        return ["unshare", "--uts", "--mount", "sh", self.path("launch"),
                os.path.join(self.tree, "usr/libexec/sendmail/sendmail"),
                "-C" + self.path("sendmail.cf"), *arguments]

    def _command(self):
        return self._launch("-bD", "-X", self.path("transcript"))

    def _inject_command(self):
        return self._launch("-i", "-odi")

    def _clean_up(self):
        if self._syslog is not None:
            self._syslog.close()
            self._syslog = None

    def transcript(self):
        """All SMTP dialogues of the daemon, as text."""
        return self._read("transcript")


def bounce(queue, recipient, message=b"Subject: test\n\nText\n", sender=None, timeout=20.0):
    """Let the running server queue send message to recipient, whose domain is in
    its routes, and return the bounce that it writes to its own user sender
    (default: alice in its domain), as bytes.

        with Postfix(base, milter) as mx, \\
             Postfix(base, domain="example.org", hostname="queue.example.org",
                     routes={"example.com": mx.port}) as queue:
            text = bounce(queue, "refused@example.com")
    """
    count = len(queue.delivered()) + 1
    result = queue.sendmail(["-f", sender or "alice@" + queue.domain, recipient], message)
    try:
        return queue.wait_delivered(count, timeout)[-1]
    except TimeoutError as error:
        raise TimeoutError("%s\nsendmail: %r" % (error, result)) from None
