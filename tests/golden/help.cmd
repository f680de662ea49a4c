help | grep -v '^/'
help serve
check --help
try --help
help reasons
explain -h
