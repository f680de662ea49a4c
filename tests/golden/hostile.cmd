# Escape sequences, line ends, links and endless names must not get through.
try --helo "$(printf '\033]0;owned\007\033[2J')" --rcpt jane@example.com
try --helo "$(printf 'a\r\n250 2.0.0 fine')" --rcpt jane@example.com
try --helo "$(printf 'x\302\233\342\200\256y\377')" --rcpt jane@example.com
try --from "$(printf 'http://evil.example/%%s%%n\r\n@b.example')" --rcpt jane@example.com
try --from "$(printf 'long%.0s' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40)@b.example" --rcpt jane@example.com
try --json --helo "$(printf 'x\033\377y')" --from a@b.example --rcpt jane@example.com
try --rcpt "$(printf 'jane\033[31m@example.com')"
explain "$(printf '550 5.1.1 \033[31mNo such user\007 \377')"
