# Texts, sound and not; lines may be written out.
explain '550-5.1.1 The address you wrote to does not exist at example.com.\r\n550-5.1.1 Check the spelling, or ask the person for the current address.\r\n550 5.1.1 More help: https://example.com/mail/no-such-mailbox Case: 7K3Q-X2M9'
explain '550-5.1.1 No such user.\r\n550 5.7.1 Ask somebody else.'
explain '552 5.2.2 Mailbox full, try again later!!'
explain '421 4.7.0 Too many connections'
explain '451 4.3.0 You are banned for ever'
explain 'no status at all'
explain
explain ''
explain - < /dev/null
