#!/bin/bash
# Make the mail servers and milters ready that the tests talk to. Needs root and
# Debian 12.
#
#   install-mtas.sh FOLDER       Sendmail unpacked in FOLDER, all others as packages
#   install-mtas.sh --packages   print the Debian packages that the tests need
#
# The two packages exclude each other, so Sendmail is only unpacked, never
# installed. No service is started. Nothing is done where all is there already.
set -eu

INSTALLED="postfix m4 util-linux libdb5.3 libldap-2.5-0 liblockfile1 libnsl2 libsasl2-2
    libssl3 libwrap0 rspamd opendkim opendkim-tools opendmarc clamav-daemon clamav-milter"
UNPACKED="sendmail-bin sendmail-base sendmail-cf"
ELSEWHERE=/var/lib/milter-reply-tests

die() {
    echo "install-mtas.sh: $*" >&2
    exit 1
}

is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing_packages() {
    local name
    for name in $INSTALLED; do
        is_installed "$name" || echo "$name"
    done
}

# Any installed package but Postfix that calls itself a mail server.
other_mta() {
    dpkg-query -W -f '${db:Status-Status} ${Package} ${Provides}\n' |
        awk '$1 == "installed" && $2 != "postfix" && /mail-transport-agent/ { print $2 }'
}

fetch_lists() {
    apt-cache policy postfix | grep -q 'Candidate: [0-9]' && return
    apt-get -qq update
}

# Run a command with a policy-rc.d that forbids every service start, and put
# back afterwards the one that was there.
without_services() {
    local policy=/usr/sbin/policy-rc.d saved="" rc=0
    if [ -e "$policy" ] || [ -L "$policy" ]; then
        saved=$(mktemp -d)
        mv "$policy" "$saved/policy-rc.d"
    fi
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    "$@" || rc=$?
    rm -f "$policy"
    if [ -n "$saved" ]; then
        mv "$saved/policy-rc.d" "$policy"
        rmdir "$saved"
    fi
    return "$rc"
}

install_packages() {
    local missing other
    [ -n "$(missing_packages)" ] || return 0
    exec 9>/run/install-mtas.lock
    flock 9
    missing=$(missing_packages | tr '\n' ' ')
    [ -n "$missing" ] || return 0
    other=$(other_mta | tr '\n' ' ')
    if [ -n "$other" ] && ! is_installed postfix; then
        die "another mail server is installed: ${other% }; the tests need Postfix: remove it first"
    fi
    fetch_lists
    # The question is asked only once, so the answer has to be there before.
    echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections
    # shellcheck disable=SC2086
    quietly env DEBIAN_FRONTEND=noninteractive \
        apt-get -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 \
        install -y --no-install-recommends $missing
}

# Run a command without services; show what it said only when it failed.
quietly() {
    local said rc=0
    said=$(mktemp)
    without_services "$@" >"$said" 2>&1 || rc=$?
    [ "$rc" -eq 0 ] || cat "$said" >&2
    rm -f "$said"
    return "$rc"
}

# Sendmail refuses a configuration below a folder that others may write to, and
# other users must be able to enter it.
is_safe() {
    local dir=$1
    while :; do
        [ -z "$(find "$dir" -maxdepth 0 \( -perm /022 -o ! -perm -001 \))" ] || return 1
        [ "$dir" != / ] || return 0
        dir=$(dirname "$dir")
    done
}

unpack_sendmail() {
    local target=$1 fresh
    [ ! -x "$target/usr/libexec/sendmail/sendmail" ] || return 0
    mkdir -p "$(dirname "$target")"
    if ! is_safe "$(readlink -f "$(dirname "$target")")"; then
        # A checkout below /tmp, say: then it lies elsewhere.
        mkdir -p "$ELSEWHERE"
        ln -sfn "$ELSEWHERE/sendmail" "$target"
        target=$ELSEWHERE/sendmail
        [ ! -x "$target/usr/libexec/sendmail/sendmail" ] || return 0
    fi
    fetch_lists
    fresh=$(mktemp -d "$target.XXXXXX")
    chmod 755 "$fresh"
    mkdir "$fresh/debs"
    # The unprivileged download user of apt may not write here.
    # shellcheck disable=SC2086
    (cd "$fresh/debs" && apt-get -qq -o APT::Sandbox::User=root download $UNPACKED)
    for deb in "$fresh"/debs/*.deb; do
        dpkg -x "$deb" "$fresh"
    done
    rm -r "$fresh/debs"
    # Somebody else may have been faster: then theirs is as good.
    mv -T "$fresh" "$target" 2>/dev/null || rm -r "$fresh"
    [ -x "$target/usr/libexec/sendmail/sendmail" ] || die "cannot unpack Sendmail in $target"
}

[ $# -eq 1 ] || die "usage: install-mtas.sh FOLDER | --packages"
if [ "$1" = --packages ]; then
    # shellcheck disable=SC2086
    printf '%s\n' $INSTALLED $UNPACKED
    exit 0
fi
[ "$(id -u)" -eq 0 ] || die "only root can install packages and start mail servers"
install_packages
unpack_sendmail "$1"
