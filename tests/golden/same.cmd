# What `reasons' prints for the facts of a mail is what the wire carries.
try --rcpt old@example.com | sed -n 's/^     5/5/p' > $TMP/wire; cat $TMP/wire
reasons no-such-mailbox --rcpt old@example.com --case "$(sed -n 's/.*Case: //p' $TMP/wire)" | sed -n 's/^.* 5\(50[- ]\)/5\1/p' > $TMP/reasons; cmp $TMP/wire $TMP/reasons
# Two runs print the same.
try --rcpt old@example.com > $TMP/one; milter-reply -c same.conf try --rcpt old@example.com | cmp - $TMP/one
