# One line for each line; the site's own words and link.
rewrite < rewrite.txt
rewrite --json < rewrite.txt
# Cases, and none.
rewrite --case ABCD-2345 --from postfix < rewrite.txt | head -1
# CRLF, no end of line, no line, bytes from outside.
rewrite < /dev/null
rewrite < rewrite.crlf
# A line that is too long is cut, and the next one is whole.
-V >/dev/null; { printf '550 5.1.1 '; head -c 200000 /dev/zero | tr '\0' a; printf '\n450 4.2.1 x\n'; } | milter-reply -c rewrite.conf rewrite | cut -c 1-60
# Wrong usage.
rewrite --from postfx 2>&1 | sed 's/origins are.*/origins are ...)./'
rewrite --from
rewrite replies.txt
rewrite --form postfix
rewrite --help
