# The default, on_error = "accept": the mail goes on, and the story says so.
try --client-ip 192.0.2.1 --macro client_resolve=TEMP --helo localhost --rcpt jane@example.com
