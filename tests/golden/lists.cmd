# Which entry of a list it was, and where that stands.
check
try --from a@b.trusted.example --rcpt jane@example.com
try --from news-7@letters.example --rcpt jane@example.com
try --helo z.example --from x@y.example --rcpt jane@example.com
