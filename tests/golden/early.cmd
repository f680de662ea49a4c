# refuse_at = "earliest": at HELO or MAIL, but never at connect.
try --client-ip 192.0.2.1 --helo mx.example.net --rcpt a@example.com
try --client-ip 198.51.100.1 --helo localhost --rcpt a@example.com
try --client-ip 198.51.100.1 --helo mx.example.net --from a@nowhere.example --rcpt a@example.com
try --json --client-ip 198.51.100.1 --helo localhost
