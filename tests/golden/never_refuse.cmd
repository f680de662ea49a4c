# Whoever is refused must be able to ask why.
try --client-ip 192.0.2.1 --rcpt postmaster@example.com --rcpt jane@example.com --body 'What is wrong?'
try --client-ip 198.51.100.1 --rcpt help@example.com --body 'A casino'
try --client-ip 198.51.100.1 --rcpt help@example.com --rcpt jane@example.com --body 'A casino'
try --client-ip 198.51.100.1 --rcpt joe@example.com --rcpt jane@example.com --body 'A casino'
