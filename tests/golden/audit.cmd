# A log of Postfix and one of Sendmail; ours are counted once.
audit audit.log
audit --json audit.log
# Several files, compressed ones, journald's, standard input.
audit audit.log audit.sendmail | head -4
-V >/dev/null; gzip -c audit.log > $TMP/log.gz; milter-reply audit $TMP/log.gz | head -2
audit < audit.log | head -2
audit audit.export --json
audit audit.journal --json | tail -1
# All fields that journalctl writes of a unit, and those of milter-reply.
audit < audit.unit | head -6
# Sendmail's own words, without any code.
audit audit.users --json | grep '"reason", '
# By its case alone, a refusal is ours; our own log, read before or behind, tells
# whose it was.  What others quote forges none.
audit audit.cases
audit audit.cases audit.daemon | head -12
audit audit.daemon audit.cases | head -12
# Nothing to find, and nothing to read.
audit audit.cmd
audit --json /dev/null
audit no-such-file
audit no-such-file audit.sendmail | head -2
audit --from nobody audit.log 2>&1 | sed 's/origins are.*/origins are ...)./'
audit --check audit.log
audit --help
