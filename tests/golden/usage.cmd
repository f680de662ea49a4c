# Wrong usage: what is wrong, what was meant, exit status 2.
--help | sed 2q
--version | sed 's/ [0-9.]*$//'
chekc
frobnicate
try --hleo localhost
try --helo
try --json=yes
try -x
check --helo localhost
check somewhere.conf
check --print --json
try a b
try --client-ip 192.0.2.300
try --client-port 70000
try --day frday
try --time 25:00
try --time 9.00
try --header 'no colon'
try --macro if_addr
reasons a b
serve now
help tyr
# Without a configuration file: which one, and how to name another.
check 2>&1 | sed 's/"[^"]*"/FILE/'
try 2>&1 | sed 's/"[^"]*"/FILE/'
try no-such-file.eml
