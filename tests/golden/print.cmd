# What is printed loads to the same, and prints the same again.
check --print
check --print > $TMP/one.conf && milter-reply -c $TMP/one.conf check
check --print > $TMP/one.conf && milter-reply -c $TMP/one.conf check --print > $TMP/two.conf && cmp $TMP/one.conf $TMP/two.conf
try --client-ip 192.0.2.1 --rcpt jane@example.com
