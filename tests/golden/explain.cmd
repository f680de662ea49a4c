# Codes that go together, and do not.
explain 550 5.1.1
explain 450 4.2.1 The mailbox you wrote to is switched off for now
explain 550 4.7.1 Rejected by the rules
explain 550 User unknown
explain 554 5.7.10 'The connection used encryption that is too old.'
explain 571 5.7.1 Not today
explain 550 5.9.9 Something else
explain 5.7.26
explain 250 2.0.0 Taken
explain 354 Go on
explain 250 5.1.1 No such user
explain 550 7.7.1 Own rules
explain "No mailbox of that name (#5.1.1)"
# With the site's own reasons; and the rules of good writing.
-c reasons.conf explain 550 5.1.1
-c no-such-file.conf explain 550 5.1.1
explain C9
explain f7
explain --json T13
explain T99
