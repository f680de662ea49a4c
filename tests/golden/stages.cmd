# The example of the design: each stage, each policy, and why.
check
try
try --client-ip 198.51.100.7 --client-name mail.b.example --helo localhost
try --client-ip 198.51.100.7 --helo localhost --from a@b.example --rcpt jane@example.com
try --client-ip 192.0.2.7 --helo mx.b.example --from a@b.example --rcpt jane@example.com --rcpt joe@example.com
# An accept that stands first in the file undoes a refusal of an earlier stage.
try --client-ip 192.0.2.7 --helo localhost --from friend@partner.example --rcpt jane@example.com
try --client-ip 2001:db8::7 --from x@sub.trusted.example --rcpt jane@example.com
# An exception.
try --helo mx.example.com --auth jane --from jane@example.com --rcpt joe@example.net
# A policy that only observes, by the one group of its list and by the other.
try --from daily@news.example --rcpt jane@example.com
try --from a@b.example --rcpt jane@example.com --header 'Precedence: BULK' --body 'Buy now'
