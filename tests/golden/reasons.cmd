# With samples; with the facts of a mail; with values.
reasons no-such-mailbox
reasons no-such-mailbox --rcpt jane@example.org
reasons no-such-mailbox --rcpt jane@example.org --case 9999-ZZZZ
reasons too-big --value size=38 --value limit=25
reasons too-big --value size=38
reasons too-big --detail brief
reasons too-big --detail minimal
reasons too-many-connections --client-ip 2001:db8::1 --macro j=mx7.example.org
reasons missing-header --json --value header=Date
reasons bad-hello
reasons too-big --value sise=3
reasons too-big --detail tiny
reasons too-big --rcpt "$(printf 'a\r\n%%@x')" --value limit=http://evil.example
