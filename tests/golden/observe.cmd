# mode = "observe": everything is decided, nothing is done.
try --client-ip 192.0.2.1 --helo localhost --rcpt jane@example.com
try --client-ip 198.51.100.1 --helo localhost --rcpt jane@example.com --header 'Subject: trash'
