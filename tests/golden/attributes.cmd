# Every attribute, told and explained.
try --client-ip 203.0.113.1 --rcpt a@example.com --day mon --time 12:00 --client-port 40025
try --client-name pool-7.dialup.example --rcpt a@example.com --day mon --time 12:00 --client-port 40025
try --client-ip 198.51.100.1 --client-port 25 --rcpt a@example.com --day mon --time 12:00
try --daemon-name odd --rcpt a@example.com --day mon --time 12:00 --client-port 40025
try --day sat --time 23:30 --rcpt a@example.com --client-port 40025
try --day sat --time 12:00 --rcpt a@example.com --client-port 40025
try --helo 203.0.113.9 --rcpt a@example.com --day mon --time 12:00 --client-port 40025
try --from '<>' --rcpt a@example.com --rcpt b@example.com --day mon --time 12:00 --client-port 40025
try --from a@nowhere.invalid --rcpt a@example.com --day mon --time 12:00 --client-port 40025
try --auth jane --auth-mech cram-md5 --from jane@example.com --rcpt a@example.com --day mon --time 12:00 --client-port 40025
try --tls TLSv1.1 --cipher ECDHE-RSA-RC4-SHA --rcpt a@example.com --day mon --time 12:00 --client-port 40025
try --tls TLSv1.3 --cipher ECDHE-RSA-RC4-SHA --rcpt a@example.com --day mon --time 12:00 --client-port 40025
try --rcpt OLD@example.com --rcpt a@none.example --rcpt a@example.com --day mon --time 12:00 --client-port 40025
try --macro '{if_addr}=192.0.2.99' --rcpt a@example.com --day mon --time 12:00 --client-port 40025
try --header 'Subject: =?utf-8?q?Viele_Gr=C3=BC=C3=9Fe?=' --day mon --time 12:00 --client-port 40025
try --body 'Get FREE money here' --day mon --time 12:00 --client-port 40025
try --queue-id 4Zx1Qk2 --body 'Hello' --day mon --time 12:00 --client-port 40025
