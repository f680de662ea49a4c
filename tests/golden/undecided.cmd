# Sendmail says that DNS did not answer: unknown is not false.
try --client-ip 192.0.2.1 --macro client_resolve=TEMP --rcpt jane@example.com
try --client-ip 192.0.2.1 --macro client_resolve=OK --client-name mx.example.net --rcpt jane@example.com
try --json --client-ip 192.0.2.1 --macro client_resolve=TEMP --rcpt jane@example.com
