#!/bin/bash
# Install what building and testing need on Debian 12, as root or with sudo.
#
#	install-deps.sh FOLDER	everything; Sendmail is unpacked in FOLDER
#	install-deps.sh --fuzz	what only the fuzz targets need
#	install-deps.sh --bench	what only counting instructions needs
#
# Does nothing where all is there already.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

build="gcc make libc6-dev pkg-config libmilter-dev libconfig-dev libpcre2-dev
    libgmime-3.0-dev libjansson-dev zlib1g-dev libsystemd-dev"
test="check python3 miltertest swaks mandoc shellcheck"
fuzz="clang libclang-rt-14-dev"
bench="valgrind"

is_installed() {
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

install_missing() {
	local missing="" name
	for name in "$@"; do
		is_installed "$name" || missing="$missing $name"
	done
	[ -n "$missing" ] || return 0
	echo "installing$missing"
	apt-cache policy check | grep -q 'Candidate: [0-9]' ||
	    apt-get -qq update
	# shellcheck disable=SC2086
	DEBIAN_FRONTEND=noninteractive apt-get -qq \
	    -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 \
	    install -y --no-install-recommends $missing >/dev/null
}

if ! command -v apt-get >/dev/null; then
	echo "install-deps.sh: this is not Debian; install by hand: $build" >&2
	exit 1
fi
if [ "$(id -u)" != 0 ]; then
	exec sudo "$0" "$@"
fi
# shellcheck disable=SC2086
case "${1-}" in
--fuzz)
	install_missing $fuzz
	;;
--bench)
	install_missing $bench
	;;
*)
	install_missing $build $test
	exec "$here/install-mtas.sh" "$1"
	;;
esac
