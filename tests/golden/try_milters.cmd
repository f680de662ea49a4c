# Nobody is asked, and it says so.
try --rcpt gone@example.com
try --rcpt gone@example.com --json
-c setup_watching.conf try --rcpt gone@example.com
