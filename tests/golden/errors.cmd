# Every problem is told at once, with its line and what to write instead.
check
check --json
check --print
try
-c no-such-file.conf check
