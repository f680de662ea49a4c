# A message from a file (with the first line of an mbox), or from a pipe.
try --rcpt jane@example.com message.eml
try --rcpt jane@example.com - < message.eml
try --rcpt jane@example.com --header 'Received: 1' --header 'Received: 2' --header 'Received: 3' message.eml | tail -n 6
try --rcpt jane@example.com no-such-file.eml
try --rcpt jane@example.com --body 'text' message.eml
# CRLF, and no header at all.
try --rcpt jane@example.com - < /dev/null
