# Where the name of the mail server in a reply comes from.
try --helo localhost --day tue --time 12:00
try --helo localhost --day tue --time 12:00 --macro j=mail.example.com
# Days and times as in patterns.
try --helo a --rcpt jane@example.com --day friday --time 8:00
try --helo a --rcpt jane@example.com --day Sat --time 17:59
