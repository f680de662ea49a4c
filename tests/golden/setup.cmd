# Which settings, by version: a filter, a footer, neither.
setup postfix --mta-version 3.11.1
setup postfix --mta-version 3.7.11 | grep -v '^#'
setup postfix --mta-version 3.2 | grep -v '^#'
setup postfix --mta-version 2.9
setup postfix --mta-version 2.5 | grep '^milter_\|before 2.6'
setup postfix --mta-version 3.7 --json
# Without a socket for maps; unix sockets; IPv6.
-c setup_unix.conf setup postfix --mta-version 3.12
-c setup_outside.conf setup postfix --mta-version 3.12 | grep -v '^$'
# Sendmail.
setup sendmail
setup sendmail --mta-version 8.13.8
-c setup_unix.conf setup sendmail
# Milters behind us: put off or not, and how long they are waited for.
-c setup_milters.conf setup postfix --mta-version 3.7
-c setup_lenient.conf setup postfix --mta-version 3.7 | head -n 20
-c setup_milters.conf setup sendmail
-c setup_lenient.conf setup sendmail
# What is in sendmail.cf.
setup sendmail --check --config-dir setup.mail
-c setup_unix.conf setup sendmail --check --config-dir setup.mail
setup sendmail --check --json --config-dir setup.mail
-c setup_milters.conf setup sendmail --check --config-dir setup.mail
# One that is behind us, and asked by Sendmail, too; F=T is more than was asked.
-c setup_lenient.conf setup sendmail --check --config-dir setup.twice
-c setup_milters.conf setup sendmail --check --config-dir setup.twice
-c setup_watching.conf setup sendmail --check --config-dir setup.twice
setup sendmail --check --config-dir no-such-folder
# Wrong usage.
setup
setup exim
setup posfix
setup postfix sendmail
setup postfix --mta-version three
setup postfix --mta-version 3.7 --check
setup postfix --chekc
setup postfix --config-dir
setup --help
