# One object a line; the fields are the words of the design.
try --json --client-ip 192.0.2.7 --helo mx.example.net --from ann@example.net --rcpt jane@example.com
try --json --client-ip 198.51.100.7 --rcpt jane@example.com --rcpt joe@example.com --header 'Subject: Your invoice' --body 'See there.'
check --json
reasons --json too-many-recipients
explain --json 550 5.1.1 User unknown
explain --json '450 5.1.1 Try later'
