# At the end of the message recipients may differ.
try --rcpt jane@example.com --header 'Subject: casino'
try --rcpt jane@example.com --rcpt joe@example.com --header 'Subject: casino'
try --rcpt jane@example.com --rcpt bob@example.com --header 'Subject: trash'
try --rcpt bob@example.com --header 'Subject: trash'
try --rcpt jane@example.com --header 'Subject: hold it'
