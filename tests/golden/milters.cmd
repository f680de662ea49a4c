# What a configuration with milters has.
check
check --json
# Who wrote a reply: the mail server, a milter, software; or nobody told.
-V >/dev/null; echo '550 5.7.1 Shield down' | milter-reply -c milters.conf rewrite
-V >/dev/null; echo '550 5.7.1 Shield down' | milter-reply -c milters.conf rewrite --from 'milter shield'
-V >/dev/null; echo '550 5.7.1 Local rule 9' | milter-reply -c milters.conf rewrite --from mta
-V >/dev/null; echo '550 5.7.1 Local rule 9' | milter-reply -c milters.conf rewrite --from postfix
-V >/dev/null; echo '550 5.7.1 Local rule 9' | milter-reply -c milters.conf rewrite --from exim
# Words for nobody.
rewrite --from shield 2>&1 | sed 's/origins are.*/origins are ...)./'
rewrite --from 'milter opendkim' 2>&1 | sed 's/origins are.*/origins are ...)./'
