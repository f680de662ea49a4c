/* What mime.c and the files under it make of mail, good and hostile. */
#include <pthread.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "policy/charset.h"
#include "policy/header.h"
#include "policy/mime.h"
#include "policy/walk.h"
#include "table.h"

#define FFFD		"\xef\xbf\xbd"
/* Strings with NULs in them: the bytes and their number. */
#define BYTES(s)	(s), sizeof(s) - 1

static const struct walk_limits limits = {
	.parts_max = 1000,
	.depth_max = 50,
	.text_bytes_max = 65536
};

static const struct {
	const char *name;
	const char *raw;
	size_t len;
	const char *decoded;
} headers[] = {
	{ "plain", BYTES("Hello, world"), "Hello, world" },
	{ "nothing", BYTES(""), "" },
	{ "q", BYTES("=?iso-8859-1?Q?Gr=FC=DFe_an?= Ute"), "Grüße an Ute" },
	{ "b", BYTES("=?UTF-8?B?R3LDvMOfZQ==?="), "Grüße" },
	{ "language", BYTES("=?utf-8*de?q?Gr=C3=BC=C3=9Fe?="), "Grüße" },
	{ "space between words goes", BYTES("=?utf-8?q?a?= \t=?utf-8?q?b?="),
	    "ab" },
	{ "space around words stays", BYTES("x =?utf-8?q?a?= y"), "x a y" },
	{ "space between charsets goes",
	    BYTES("=?iso-8859-1?q?=E4?= =?utf-8?q?=C3=A4?="), "ää" },
	{ "two padded words", BYTES("=?utf-8?B?aGk=?= =?utf-8?B?aGk=?="),
	    "hihi" },
	{ "character cut in two",
	    BYTES("=?utf-8?Q?a=C3?= =?UTF-8?Q?=A4b?="), "aäb" },
	{ "within a word", BYTES("a=?utf-8?q?b?=c"), "abc" },
	{ "with spaces inside", BYTES("=?utf-8?q?a b?="), "a b" },
	{ "with a question mark", BYTES("=?utf-8?q?really?\?="), "really?" },
	{ "padding missing", BYTES("=?utf-8?b?aGk?="), "hi" },
	{ "padding in the middle", BYTES("=?utf-8?b?aGk=aGk=?="), "hihi" },
	{ "junk in base64", BYTES("=?utf-8?b?a!G.k=?="), "hi" },
	{ "broken q", BYTES("=?utf-8?q?a=ZZb=4?="), "a=ZZb" },
	{ "unknown charset", BYTES("a =?x-no?b?aGk=?= =?x-no?q?b?= c"),
	    "a =?x-no?b?aGk=?= =?x-no?q?b?= c" },
	{ "charset with options", BYTES("=?utf-8//IGNORE?q?a?="),
	    "=?utf-8//IGNORE?q?a?=" },
	{ "unknown encoding", BYTES("=?utf-8?x?a?="), "=?utf-8?x?a?=" },
	{ "no charset", BYTES("=??q?a?="), "=??q?a?=" },
	{ "no end", BYTES("=?utf-8?q?a b"), "=?utf-8?q?a b" },
	{ "no end, then a word", BYTES("=?utf-8?q?a =?utf-8?q?b?="),
	    "=?utf-8?q?a b" },
	{ "only the start", BYTES("a =?"), "a =?" },
	{ "empty word", BYTES("a =?utf-8?q?\?= b"), "a  b" },
	{ "raw utf-8", BYTES("Gr\xc3\xbc\xc3\x9f""e"), "Grüße" },
	{ "raw latin-1", BYTES("Gr\xfc\xdf""e \x80"), "Grüße €" },
	{ "lying utf-8", BYTES("=?utf-8?q?a=E4b?="), "a" FFFD "b" },
	{ "ascii that is none", BYTES("=?us-ascii?q?=E4?="), "ä" },
	{ "cut utf-8", BYTES("=?utf-8?q?=E2=82?="), FFFD FFFD },
	{ "surrogate", BYTES("=?utf-8?q?=ED=A0=80?="), FFFD FFFD FFFD },
	{ "raw nul", BYTES("a\0b"), "a" FFFD "b" },
	{ "encoded nul", BYTES("=?iso-8859-1?q?a=00b?= c"),
	    "a" FFFD "b c" },
	{ "windows-1252", BYTES("=?windows-1252?q?=80_=93?="), "€ “" },
	{ "latin-1 is windows-1252", BYTES("=?iso-8859-1?q?=80?="), "€" },
	{ "iso-2022-jp", BYTES("=?ISO-2022-JP?B?GyRCJUYlOSVIGyhC?="),
	    "テスト" },
	{ "iso-2022-jp without its end", BYTES("=?ISO-2022-JP?B?GyRCJUYl?="),
	    "テ" FFFD },
	{ "shift_jis", BYTES("=?shift_jis?B?g2WDWINn?="), "テスト" },
	{ "gb2312", BYTES("=?gb2312?B?suLK1A==?="), "测试" },
	{ "euc-kr", BYTES("=?ks_c_5601-1987?B?xde9usau?="), "테스트" },
	{ "koi8-r", BYTES("=?koi8-r?B?1MXT1A==?="), "тест" },
	{ "utf-7", BYTES("=?utf-7?q?+AOQ-?="), "ä" },
	{ "utf-16 with a mark", BYTES("=?utf-16?b?/v8AYQ==?="), "a" },
	{ "utf-16 without", BYTES("=?utf-16?b?YQBiAA==?="), "ab" },
	{ "utf-16, odd", BYTES("=?utf-16le?b?YQBi?="), "a" FFFD },
	{ "half a surrogate pair", BYTES("=?utf-16le?b?ANhhAA==?="),
	    FFFD "a" }
};

static const struct {
	const char *name;
	const char *raw;
	const char *domain;
} froms[] = {
	{ "bare", "a@example.org", "example.org" },
	{ "named", "Ann <a@Example.ORG>", "example.org" },
	{ "quoted name", "\"a@b.example\" <c@d.example>", "d.example" },
	{ "encoded name", "=?utf-8?q?x=40y?= <c@d.example>", "d.example" },
	{ "name is the address", "a@d.example <a@d.example>", "d.example" },
	{ "name is another address", "a@b.example <c@d.example>", "" },
	{ "comma in the name", "Doe, Ann <a@d.example>", "d.example" },
	{ "comment", "a@d.example (c@b.example)", "d.example" },
	{ "comment within", "a@(x@y)d.example", "d.example" },
	{ "comment without end", "(a@b.example", "" },
	{ "quoted local part", "\"a@b.example\"@d.example", "d.example" },
	{ "quote without end", "\"a@b.example", "" },
	{ "two", "a@b.example, c@d.example", "" },
	{ "two of one domain", "a@d.example, c@d.example", "d.example" },
	{ "longer domain", "a@d.example, c@d.example.com", "" },
	{ "two in angles", "<a@b.example> <c@d.example>", "" },
	{ "semicolon", "a@b.example; c@d.example", "" },
	{ "group", "friends: a@b.example;", "" },
	{ "empty group", "undisclosed-recipients:;", "" },
	{ "route", "<@x.example:a@d.example>", "" },
	{ "no domain", "postmaster", "" },
	{ "empty domain", "a@", "" },
	{ "empty angles", "Ann <>", "" },
	{ "empty", "", "" },
	{ "dot at the end", "a@d.example.", "d.example" },
	{ "two dots", "a@d..example", "" },
	{ "literal", "a@[192.0.2.1]", "[192.0.2.1]" },
	{ "international", "a@bücher.example", "xn--bcher-kva.example" },
	{ "ascii form", "a@xn--bcher-kva.example", "xn--bcher-kva.example" },
	{ "raw latin-1 name", "B\xfc <a@d.example>", "d.example" },
	{ "folded", "Ann\r\n\t<a@d.example>", "d.example" }
};

/* The names expected are joined by "|", and "..." says: not complete. */
static const struct {
	const char *name;
	const char *fields;
	const char *names;
} names[] = {
	{ "filename", "Content-Disposition: attachment; filename=a.txt",
	    "a.txt" },
	{ "quoted", "Content-Disposition: attachment; filename=\"a b;.txt\"",
	    "a b;.txt" },
	{ "escaped", "Content-Disposition: x; filename=\"a\\\"b\"", "a\"b" },
	{ "name", "Content-Type: a/b; name=\"a.txt\"", "a.txt" },
	{ "case and spaces",
	    "CONTENT-disposition : attachment ; FileName = a.txt ", "a.txt" },
	{ "folded", "Content-Type: a/b;\r\n\tname=\"a\r\n .txt\"", "a .txt" },
	{ "both the same",
	    "Content-Type: a/b; name=a.txt\r\n"
	    "Content-Disposition: attachment; filename=a.txt", "a.txt" },
	{ "both different",
	    "Content-Type: a/b; name=a.txt\r\n"
	    "Content-Disposition: attachment; filename=b.exe",
	    "a.txt|b.exe" },
	{ "twice in one field",
	    "Content-Disposition: x; filename=a.txt; filename=b.exe",
	    "a.txt|b.exe" },
	{ "two fields",
	    "Content-Disposition: x; filename=a.txt\r\n"
	    "Content-Disposition: x; filename=b.exe", "a.txt|b.exe" },
	{ "without a type", "Content-Disposition: filename=b.exe", "b.exe" },
	{ "without a semicolon", "Content-Disposition: x filename=b.exe",
	    "b.exe" },
	{ "behind junk", "Content-Disposition: x; foo bar; ;; filename=b.exe",
	    "b.exe" },
	{ "behind a comment", "Content-Disposition: x (a;b); filename=b.exe",
	    "b.exe" },
	{ "unquoted words", "Content-Disposition: x; filename=my (1) b.exe",
	    "my (1) b.exe|my" },
	{ "comment behind", "Content-Disposition: x; filename=b.docm (c)",
	    "b.docm (c)|b.docm" },
	{ "junk behind", "Content-Disposition: x; filename=b.docm x; a=b",
	    "b.docm x|b.docm" },
	{ "comment at once behind", "Content-Type: a/b; name=b.docm(c)",
	    "b.docm(c)|b.docm" },
	{ "comment behind an extended one",
	    "Content-Disposition: x; filename*=utf-8''b%2Edocm (c)",
	    "b.docm (c)|b.docm" },
	{ "comment behind a section",
	    "Content-Disposition: x; filename*0=b (c); filename*1=.docm (c)",
	    "b (c).docm (c)|b.docm" },
	{ "comment before the equals sign",
	    "Content-Disposition: x; filename (c) = b.docm", "b.docm" },
	{ "comments around the name",
	    "Content-Disposition: x; (a) filename(;=) = (b) \"b.docm\" (c)",
	    "b.docm" },
	{ "comment without end in the value",
	    "Content-Disposition: x; filename=(b.docm", "(b.docm|..." },
	{ "comment without end before",
	    "Content-Disposition: x (; filename=b.docm", "b.docm|..." },
	{ "no closing quote", "Content-Disposition: x; filename=\"b.exe",
	    "b.exe" },
	{ "empty", "Content-Disposition: x; filename=; name=\"\"", "" },
	{ "junk line before",
	    "this is no field\r\nContent-Disposition: x; filename=b.exe",
	    "b.exe" },
	{ "encoded word",
	    "Content-Disposition: x; filename=\"=?utf-8?B?w6QuZXhl?=\"",
	    "ä.exe" },
	{ "encoded words, folded",
	    "Content-Type: a/b; name=\"=?utf-8?q?a=2E?=\r\n"
	    " =?utf-8?q?exe?=\"", "a.exe" },
	{ "raw latin-1", "Content-Disposition: x; filename=\"\xe4.exe\"",
	    "ä.exe" },
	{ "extended",
	    "Content-Disposition: x; filename*=utf-8'de'%C3%A4.exe",
	    "ä.exe" },
	{ "extended latin-1",
	    "Content-Disposition: x; filename*=iso-8859-1''%E4.exe",
	    "ä.exe" },
	{ "extended, quoted",
	    "Content-Disposition: x; filename*=\"utf-8''a%20b.exe\"",
	    "a b.exe" },
	{ "extended without charset", "Content-Disposition: x; filename*=a%41",
	    "aA" },
	{ "extended, unknown charset",
	    "Content-Disposition: x; filename*=x-no''a%FF.exe",
	    "a" FFFD ".exe" },
	{ "extended nul",
	    "Content-Disposition: x; filename*=utf-8''a.txt%00.exe",
	    "a.txt" FFFD ".exe|a.txt" },
	{ "extended nul behind the name",
	    "Content-Disposition: x; filename*=utf-8''b.docm%00.txt",
	    "b.docm" FFFD ".txt|b.docm" },
	{ "encoded nul behind the name",
	    "Content-Disposition: x; filename=\"=?utf-8?q?b.docm=00.txt?=\"",
	    "b.docm" FFFD ".txt|b.docm" },
	{ "broken percents",
	    "Content-Disposition: x; filename*=utf-8''a%4%zz%",
	    "a%4%zz%" },
	{ "both forms",
	    "Content-Disposition: x; filename=a.txt; filename*=utf-8''b.exe",
	    "a.txt|b.exe" },
	{ "sections",
	    "Content-Disposition: x; filename*0=\"a \"; filename*1=b.exe",
	    "a b.exe" },
	{ "sections out of order",
	    "Content-Disposition: x; filename*1*=%2Eexe;"
	    " filename*0*=utf-8''%C3%A4", "ä.exe" },
	{ "sections with a gap",
	    "Content-Disposition: x; filename*0=a; filename*7=.exe",
	    "a.exe|a" },
	{ "name before the gap",
	    "Content-Disposition: x; filename*0=b.docm; filename*2=.txt",
	    "b.docm.txt|b.docm" },
	{ "section twice",
	    "Content-Disposition: x; filename*0=b; filename*1=.docm;"
	    " filename*1=.txt", "b.docm.txt|b.docm|b.txt" },
	{ "words in sections",
	    "Content-Disposition: x; filename*0=\"=?utf-8?Q?b=2E\";"
	    " filename*1=\"docm?=\"", "=?utf-8?Q?b=2Edocm?=|b.docm" },
	{ "sections mixed",
	    "Content-Disposition: x; filename*0*=utf-8''%C3%A4;"
	    " filename*1=\"%41\"; filename*2*=%2Eexe", "ä%41.exe" },
	{ "section ten after nine",
	    "Content-Disposition: x; filename*10=c; filename*9=b;"
	    " filename*0=a", "abc|a" },
	{ "empty section", "Content-Type: a/b; name*0*=; name*1=x.exe",
	    "x.exe" },
	{ "section of no number", "Content-Type: a/b; name*x=x.exe", "x.exe" },
	{ "section beyond all",
	    "Content-Type: a/b; name*99999999999999999999=x.exe", "x.exe" },
	{ "path", "Content-Disposition: x; filename=\"../../b.exe\"",
	    "../../b.exe|b.exe" },
	{ "windows path", "Content-Disposition: x; filename=C:\\x\\b.exe",
	    "C:\\x\\b.exe|b.exe" },
	{ "right to left",
	    "Content-Disposition: x; filename*=utf-8''a%E2%80%AEtxt.exe",
	    "a\xe2\x80\xaetxt.exe|atxt.exe" },
	{ "control characters",
	    "Content-Disposition: x; filename*=utf-8''b.e%07xe",
	    "b.e\axe|b.exe" },
	{ "dots and spaces behind",
	    "Content-Disposition: x; filename=\"b.exe. . \"",
	    "b.exe. . |b.exe" },
	{ "blanks of other kinds",
	    "Content-Disposition: x; filename*=utf-8''%E3%80%80b.docm%C2%A0"
	    ".%E2%80%83", "\xe3\x80\x80""b.docm\xc2\xa0.\xe2\x80\x83|b.docm" },
	{ "blank of another kind within",
	    "Content-Disposition: x; filename*=utf-8''a%C2%A0b",
	    "a\xc2\xa0""b" },
	{ "nothing but dots", "Content-Disposition: x; filename=\"..\"",
	    ".." },
	{ "partial", "Content-Type: message/partial; name=a; number=1",
	    "a|..." }
};

/* Whole messages; both rows expected, written in the same way. */
static const struct {
	const char *name;
	const char *message;
	size_t len;
	const char *names;
	const char *bodies;
} walks[] = {
	{ "empty", BYTES(""), "", "" },
	{ "no mime", BYTES("Subject: x\r\n\r\nHello\r\n"), "", "Hello\r\n" },
	{ "no header", BYTES("\r\nHello\r\n"), "", "Hello\r\n" },
	{ "no body", BYTES("Subject: x\r\n"), "", "" },
	{ "no empty line", BYTES("Hello there\r\nyou\r\n"), "",
	    "Hello there\r\nyou\r\n" },
	{ "line feeds alone", BYTES("Content-Type: multipart/x; boundary=b\n"
	    "\n--b\n\nHello\n--b--\n"), "", "Hello" },
	{ "raw latin-1", BYTES("\r\n\xe4"), "", "ä" },
	{ "nul", BYTES("\r\na\0b"), "", "a" },
	{ "html", BYTES("Content-Type: text/html\r\n\r\n<b>x</b>"), "",
	    "<b>x</b>" },
	{ "broken type", BYTES("Content-Type: text\r\n\r\nx"), "", "x" },
	{ "other type", BYTES("Content-Type: image/png\r\n\r\nx"), "", "" },
	{ "attachment that is all", BYTES("Content-Disposition: attachment; "
	    "filename=a.txt\r\n\r\nviagra"), "a.txt", "viagra" },
	{ "attachment without a name", BYTES("Content-Type: multipart/mixed; "
	    "boundary=b\r\n\r\n--b\r\nContent-Disposition: attachment; "
	    "filename=\"\"\r\n\r\nviagra\r\n--b--\r\n"), "", "viagra" },
	{ "attachment with a name", BYTES("Content-Type: multipart/mixed; "
	    "boundary=b\r\n\r\n--b\r\nContent-Disposition: attachment; "
	    "filename=a\r\n\r\nviagra\r\n--b--\r\n"), "a", "" },
	{ "comment in the type", BYTES("Content-Type: multipart (x)/mixed; "
	    "boundary=b\r\n\r\n--b\r\nContent-Type: a/b; name=c\r\n\r\n"
	    "--b--\r\n"), "c", "" },
	{ "blanks around the slash", BYTES("Content-Type: (y) multipart\t/ "
	    "mixed (z) ; boundary=b\r\n\r\n--b\r\nContent-Type: a/b; "
	    "name=c\r\n\r\n--b--\r\n"), "c", "" },
	{ "comment in a message's type", BYTES("Content-Type: "
	    "message(c)/rfc822\r\n\r\nContent-Type: a/b; name=c\r\n\r\n"),
	    "c", "" },
	{ "comment behind the boundary", BYTES("Content-Type: "
	    "multipart/mixed; boundary=b (c)\r\n\r\n--b\r\nContent-Type: "
	    "a/b; name=c\r\n\r\n--b--\r\n"), "c", "" },
	{ "boundary of two words", BYTES("Content-Type: "
	    "multipart/mixed; boundary=b c\r\n\r\n--b c\r\nContent-Type: "
	    "a/b; name=c\r\n\r\n--b c--\r\n"), "c", "" },
	{ "two boundaries", BYTES("Content-Type: multipart/mixed; boundary=b;"
	    " boundary=c\r\n\r\n--c\r\nContent-Type: a/b; name=c\r\n\r\n"
	    "--c--\r\n"), "c|...", "..." },
	{ "comment behind the charset", BYTES("Content-Type: text/plain; "
	    "charset=koi8-r (c)\r\n\r\n\xd4\xc5\xd3\xd4"), "", "тест" },
	{ "two types, the second multipart", BYTES("Content-Type: text/plain"
	    "\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
	    "Content-Type: a/b; name=c\r\n\r\n--b--\r\n"), "c|...", "..." },
	{ "two types, the first multipart", BYTES("Content-Type: "
	    "multipart/mixed; boundary=b\r\nContent-Type: text/plain\r\n\r\n"
	    "--b\r\nContent-Type: a/b; name=c\r\n\r\n--b--\r\n"), "c|...",
	    "..." },
	{ "two types, the same", BYTES("Content-Type: text/plain\r\n"
	    "Content-Type: text/plain\r\n\r\nx"), "", "x" },
	{ "inline", BYTES("Content-Disposition: inline; filename=a.txt\r\n"
	    "\r\nx"), "a.txt", "x" },
	{ "charset", BYTES("Content-Type: text/plain; charset=koi8-r\r\n\r\n"
	    "\xd4\xc5\xd3\xd4"), "", "тест" },
	{ "unknown charset", BYTES("Content-Type: text/x; charset=x-no\r\n"
	    "\r\na\xff"), "", "a" FFFD "|..." },
	{ "quoted-printable", BYTES("Content-Transfer-Encoding: "
	    "quoted-printable\r\n\r\na=\r\nb=C3=A4=ZZ"), "", "abä=ZZ" },
	{ "padded soft line break", BYTES("Content-Transfer-Encoding: "
	    "quoted-printable\r\n\r\nvia= \t\r\ngra=\t \nx= y= "), "",
	    "viagrax= y" },
	{ "quoted encoding", BYTES("Content-Transfer-Encoding: "
	    "(c) \"base64\" (c)\r\n\r\naGVsbG8="), "", "hello" },
	{ "junk behind the encoding", BYTES("Content-Transfer-Encoding: "
	    "base64=\r\n\r\naGVsbG8="), "", "aGVsbG8=|..." },
	{ "two encodings", BYTES("Content-Transfer-Encoding: 7bit\r\n"
	    "Content-Transfer-Encoding: base64\r\n\r\naGVsbG8="), "...",
	    "aGVsbG8=|..." },
	{ "message of unknown encoding", BYTES("Content-Type: message/rfc822"
	    "\r\nContent-Transfer-Encoding: base64=\r\n\r\nx"), "...",
	    "x|..." },
	{ "base64", BYTES("Content-Transfer-Encoding: BASE64 \r\n\r\n"
	    "aGVs\r\nbG8=\r\n"), "", "hello" },
	{ "base64, in two", BYTES("Content-Transfer-Encoding: base64\r\n\r\n"
	    "aGk=\r\naGk=\r\n"), "", "hihi" },
	{ "base64, junk", BYTES("Content-Transfer-Encoding: base64\r\n\r\n"
	    "!a*G~k"), "", "hi" },
	{ "unknown encoding", BYTES("Content-Transfer-Encoding: x-no\r\n\r\n"
	    "abc"), "", "abc|..." },
	{ "alternative", BYTES("Content-Type: multipart/alternative; "
	    "boundary=\"b b\"\r\n\r\npreamble\r\n--b b \r\n\r\nplain\r\n"
	    "--b b\r\nContent-Type: text/html\r\n\r\n<p>\r\n--b b--\r\n"
	    "epilogue\r\n--b b\r\n\r\nno more\r\n"), "", "plain|<p>" },
	{ "nested", BYTES("Content-Type: multipart/mixed; boundary=a\r\n\r\n"
	    "--a\r\nContent-Type: multipart/mixed; boundary=aa\r\n\r\n"
	    "--aa\r\n\r\n1\r\n--aa--\r\n--a\r\n\r\n2\r\n--a--\r\n"), "",
	    "1|2" },
	{ "inner not closed", BYTES("Content-Type: multipart/mixed; "
	    "boundary=a\r\n\r\n--a\r\nContent-Type: multipart/x; boundary=c"
	    "\r\n\r\n--c\r\n\r\n1\r\n--a\r\n\r\n2\r\n"), "", "1|2\r\n" },
	{ "not closed", BYTES("Content-Type: multipart/mixed; boundary=b\r\n"
	    "\r\n--b\r\nContent-Disposition: x; filename=a\r\n\r\nx"), "a",
	    "x" },
	{ "no boundary parameter", BYTES("Content-Type: multipart/mixed\r\n"
	    "\r\n--b\r\n\r\nx"), "...", "..." },
	{ "boundary never seen", BYTES("Content-Type: multipart/mixed; "
	    "boundary=c\r\n\r\n--b\r\n\r\nx"), "...", "..." },
	{ "longer line is none", BYTES("Content-Type: multipart/mixed; "
	    "boundary=b\r\n\r\n--b\r\n\r\n--bc\r\n--b-\r\n--b--\r\n"), "",
	    "--bc\r\n--b-" },
	{ "boundary in the header", BYTES("Content-Type: multipart/mixed; "
	    "boundary=b\r\n\r\n--b\r\nContent-Type: a/b; name=a\r\n--b\r\n"
	    "Content-Type: a/b; name=c\r\n\r\n"), "a|c", "" },
	{ "empty parts", BYTES("Content-Type: multipart/mixed; boundary=b\r\n"
	    "\r\n--b\r\n--b\r\n\r\n--b\r\n\r\n\r\n--b--\r\n"), "", "" },
	{ "attached message", BYTES("Content-Type: multipart/mixed; "
	    "boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822; name=m\r\n"
	    "\r\nContent-Type: multipart/x; boundary=c\r\n\r\n--c\r\n"
	    "Content-Type: a/b; name=in.exe\r\n\r\n\r\n--c\r\n\r\ntext\r\n"
	    "--c--\r\n--b\r\n\r\nlast\r\n--b--\r\n"), "m|in.exe",
	    "text|last" },
	{ "attached message, encoded", BYTES("Content-Type: message/rfc822\r\n"
	    "Content-Transfer-Encoding: base64\r\n\r\n"
	    "Q29udGVudC1UeXBlOiB0ZXh0L3BsYWluOyBuYW1lPWEuZXhlDQoNCmhp\r\n"),
	    "a.exe", "hi" },
	{ "digest", BYTES("Content-Type: multipart/digest; boundary=b\r\n\r\n"
	    "--b\r\n\r\nContent-Type: text/html; name=a\r\n\r\n<p>\r\n--b\r\n"
	    "Content-Type: text/plain\r\n\r\nx\r\n--b--\r\n"), "a",
	    "<p>|x" }
};

/*
 * Hostile mail, made of one piece over and over, between a head and a tail.
 * Walked and decoded as a header and as a From in a thread with a small
 * stack; what counts is that it comes back, and soon.
 */
static const struct {
	const char *name;
	const char *head;
	const char *piece;		/* "#" is how many there were before */
	size_t piece_len;
	size_t count;
	const char *tail;
} hostile[] = {
	{ "nested multiparts", "", BYTES("Content-Type: multipart/mixed; "
	    "boundary=b#\r\n\r\n--b#\r\n"), 100000, "" },
	{ "nested multiparts of one boundary", "",
	    BYTES("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"),
	    100000, "" },
	{ "nested messages", "",
	    BYTES("Content-Type: message/rfc822\r\n\r\n"),
	    300000, "" },
	{ "tiny parts", "Content-Type: multipart/mixed; boundary=b\r\n\r\n",
	    BYTES("--b\r\n\r\n"), 1500000, "" },
	{ "parts of a type", "Content-Type: multipart/x; boundary=b\r\n\r\n",
	    BYTES("--b\r\nContent-Type: a/b; name=#\r\n\r\n"), 100000, "" },
	{ "near boundaries", "Content-Type: multipart/x; boundary=b\r\n\r\n",
	    BYTES("--\r\n"), 2500000, "" },
	{ "digest", "Content-Type: multipart/digest; boundary=b\r\n\r\n",
	    BYTES("--b\r\n\r\n\r\n"), 500000, "" },
	{ "long parameter charset",
	    "Content-Disposition: attachment; filename*=", BYTES("aaaaaaaaaa"),
	    1000000, "''x\r\n\r\n" },
	{ "sections", "Content-Disposition: attachment",
	    BYTES("; filename*#*=a"), 10000, "\r\n\r\n" },
	{ "quoted parameters", "Content-Type: a/b", BYTES(";name=\"a\""),
	    1000000, "\r\n\r\n" },
	{ "open quotes", "Content-Type: a/b", BYTES(";name=\""), 1000000,
	    "\r\n\r\n" },
	{ "comments", "Content-Type: a/b; name=", BYTES("("), 5000000,
	    "\r\n\r\n" },
	{ "fields", "", BYTES("Content-Type: a/b; name=#\r\n"), 300000,
	    "\r\n" },
	{ "folds", "Content-Type: a/b;", BYTES("\r\n "), 2000000, "\r\n\r\n" },
	{ "words without end", "", BYTES("=?a?q? "), 1000000, "?=" },
	{ "words", "", BYTES("=?utf-8?q?=C3?= "), 300000, "" },
	{ "words of many charsets", "", BYTES("=?x#?b?aGk=?= "), 200000, "" },
	{ "words of charsets in turn", "", BYTES("=?koi8-r?q?a?= "
	    "=?cp1251?q?a?= =?big5?q?a?= "), 100000, "" },
	{ "names of charsets in turn",
	    "Content-Type: multipart/x; boundary=b\r\n\r\n",
	    BYTES("--b\r\nContent-Type: a/b; name=\"#=?koi8-r?q?a?= "
	    "=?cp1251?q?a?= =?gbk?q?a?= =?big5?q?a?= =?cp932?q?a?= "
	    "=?euc-kr?q?a?= =?cp874?q?a?= =?cp437?q?a?= =?cp850?q?a?=\""
	    "\r\n\r\n"), 20000, "--b--" },
	{ "comments without end", "Content-Type: a/b", BYTES(";a=("), 20000,
	    "\r\n\r\n" },
	{ "only marks", "", BYTES("=?"), 3000000, "" },
	{ "only closing marks", "", BYTES("?="), 3000000, "" },
	{ "groups", "", BYTES("a:"), 1000000, "b@c" },
	{ "commas", "", BYTES("a@b,"), 1000000, "" },
	{ "angles", "", BYTES("<"), 2000, "a@b" },
	{ "padding", "Content-Transfer-Encoding: base64\r\n\r\n", BYTES("="),
	    5000000, "" },
	{ "nuls", "", BYTES("\0"), 1000000, "" }
};

static void
append_row(struct strbuf *out, const struct texts *texts)
{
	for (size_t n = 0; n < texts->count; n++)
		strbuf_addf(out, "%s%s", out->len > 0 ? "|" : "",
		    texts->items[n].bytes);
	if (!texts->complete)
		strbuf_addf(out, "%s...", out->len > 0 ? "|" : "");
}

static void
ck_row(const char *name, const struct texts *texts, const char *expected)
{
	struct strbuf out = STRBUF_INIT;

	append_row(&out, texts);
	ck_assert_msg(strcmp(out.text, expected) == 0,
	    "%s: \"%s\", not \"%s\"", name, out.text, expected);
	strbuf_release(&out);
}

START_TEST(decodes_header)
{
	struct arena *arena = arena_new();
	struct text text = header_decode_alone(arena, headers[_i].raw,
	    headers[_i].len);

	ck_assert_msg(strcmp(text.bytes, headers[_i].decoded) == 0,
	    "%s: \"%s\", not \"%s\"", headers[_i].name, text.bytes,
	    headers[_i].decoded);
	ck_assert_uint_eq(text.len, strlen(text.bytes));
	arena_free(arena);
}
END_TEST

START_TEST(finds_domain)
{
	struct arena *arena = arena_new();
	struct text text = mime_from_domain(arena, froms[_i].raw,
	    strlen(froms[_i].raw));

	ck_assert_msg(strcmp(text.bytes, froms[_i].domain) == 0,
	    "%s: \"%s\", not \"%s\"", froms[_i].name, text.bytes,
	    froms[_i].domain);
	arena_free(arena);
}
END_TEST

START_TEST(finds_names)
{
	struct arena *arena = arena_new();
	struct strbuf message = STRBUF_INIT;
	struct texts found;

	strbuf_addf(&message, "%s\r\n\r\n", names[_i].fields);
	walk_message(arena, message.text, message.len, &limits, &found, NULL);
	ck_row(names[_i].name, &found, names[_i].names);
	strbuf_release(&message);
	arena_free(arena);
}
END_TEST

START_TEST(walks_message)
{
	struct arena *arena = arena_new();
	struct texts found_names, found_bodies;

	walk_message(arena, walks[_i].message, walks[_i].len, &limits,
	    &found_names, &found_bodies);
	ck_row(walks[_i].name, &found_names, walks[_i].names);
	ck_row(walks[_i].name, &found_bodies, walks[_i].bodies);
	arena_free(arena);
}
END_TEST

START_TEST(keeps_limits)
{
	static const char message[] =
	    "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
	    "--b\r\n\r\näää\r\n--b\r\n\r\nbbb\r\n"
	    "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"
	    "--c\r\n\r\nccc\r\n--c--\r\n--b--\r\n";
	struct {
		struct walk_limits limits;
		const char *bodies;
	} cases[] = {
		{ { 10, 2, 100 }, "äää|bbb|ccc" },
		{ { 10, 2, 12 }, "äää|bbb|ccc" },
		{ { 10, 2, 7 }, "äää|b|..." },
		{ { 10, 2, 5 }, "ää|b|..." },
		{ { 10, 2, 0 }, "..." },
		{ { 10, 2, SIZE_MAX }, "äää|bbb|ccc" },
		{ { 10, 1, 100 }, "äää|bbb|..." },
		{ { 10, 0, 100 }, "..." },
		{ { 3, 2, 100 }, "äää|bbb|..." },
		{ { 0, 2, 100 }, "..." }
	};
	struct arena *arena = arena_new();

	for (size_t n = 0; n < COUNT(cases); n++) {
		struct texts bodies;

		walk_message(arena, message, sizeof(message) - 1,
		    &cases[n].limits, NULL, &bodies);
		ck_row("limits", &bodies, cases[n].bodies);
	}
	arena_free(arena);
}
END_TEST

/* What is beyond the limits of conversions stays, and is told. */
START_TEST(bounds_charsets)
{
	struct arena *arena = arena_new();
	struct charsets *charsets = charsets_new(arena);
	struct strbuf value = STRBUF_INIT;
	struct text text;
	bool complete = true;

	for (size_t n = 0; n < HEADER_RUNS_MAX; n++)
		strbuf_adds(&value, n % 2 == 0 ? "=?koi8-r?q?a?=" :
		    "=?cp1251?q?b?=");
	text = header_decode(arena, charsets, text_of(&value), &complete);
	ck_assert(complete);
	ck_assert_uint_eq(text.len, HEADER_RUNS_MAX);
	strbuf_adds(&value, "=?koi8-r?q?a?=");
	text = header_decode(arena, charsets, text_of(&value), &complete);
	ck_assert(!complete);
	ck_assert_str_eq(text.bytes + HEADER_RUNS_MAX, "=?koi8-r?q?a?=");
	complete = true;
	strbuf_reset(&value);
	for (size_t n = 0; n < CHARSETS_OPENS_MAX; n++)
		strbuf_addf(&value, "=?x-%zu?q?a?=", n);
	header_decode(arena, charsets, text_of(&value), &complete);
	ck_assert(!complete);
	/* Not even then does UTF-8 suffer. */
	text = header_decode(arena, charsets, (struct text){
		.bytes = "=?utf-8?q?a?=", .len = 13
	}, &complete);
	ck_assert_str_eq(text.bytes, "a");
	strbuf_release(&value);
	arena_free(arena);
}
END_TEST

/* An attached message may be encoded, but not so often that it never ends. */
START_TEST(bounds_encoded_messages)
{
	struct arena *arena = arena_new();
	struct strbuf message = STRBUF_INIT;
	struct texts found;

	strbuf_adds(&message, "Content-Type: a/b; name=3Ddeep.exe\r\n\r\n");
	for (size_t n = 0; n < 40; n++) {
		struct strbuf outer = STRBUF_INIT;

		strbuf_addf(&outer, "Content-Type: message/rfc822\r\n"
		    "Content-Transfer-Encoding: quoted-printable\r\n\r\n%s",
		    message.text);
		strbuf_release(&message);
		message = outer;
		walk_message(arena, message.text, message.len, &limits, &found,
		    NULL);
		/* One level always; the rest as long as the budget lasts. */
		if (n == 0)
			ck_row("one level", &found, "deep.exe");
	}
	ck_row("forty levels", &found, "...");
	strbuf_release(&message);
	arena_free(arena);
}
END_TEST

static const struct walk_limits wide = {
	.parts_max = SIZE_MAX,
	.depth_max = 1000,
	.text_bytes_max = SIZE_MAX
};

static void *
meet_hostile(void *what)
{
	const struct strbuf *message = what;
	struct arena *arena = arena_new();
	struct texts found_names, found_bodies;

	walk_message(arena, message->text, message->len, &wide, &found_names,
	    &found_bodies);
	walk_message(arena, message->text, message->len, &limits, &found_names,
	    &found_bodies);
	header_decode_alone(arena, message->text, message->len);
	mime_from_domain(arena, message->text, message->len);
	mime_from_domain(arena, message->text,
	    message->len < 2000 ? message->len : 2000);
	arena_free(arena);
	return NULL;
}

START_TEST(survives)
{
	struct strbuf message = STRBUF_INIT;
	pthread_attr_t attr;
	pthread_t thread;
	struct timespec begin, end;
	double seconds;

	strbuf_adds(&message, hostile[_i].head);
	for (size_t n = 0; n < hostile[_i].count; n++) {
		for (size_t k = 0; k < hostile[_i].piece_len; k++) {
			if (hostile[_i].piece[k] == '#')
				strbuf_addf(&message, "%zu", n);
			else
				strbuf_addch(&message, hostile[_i].piece[k]);
		}
	}
	strbuf_adds(&message, hostile[_i].tail);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 256 * 1024);
	ck_assert_int_eq(pthread_create(&thread, &attr, meet_hostile,
	    &message), 0);
	pthread_join(thread, NULL);
	clock_gettime(CLOCK_MONOTONIC, &end);
	seconds = (double)(end.tv_sec - begin.tv_sec) +
	    (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
	if (getenv("SHOW_TIMES") != NULL)
		printf("%-36s %6.1f MB %6.3f s\n", hostile[_i].name,
		    (double)message.len / 1e6, seconds);
	ck_assert_msg(seconds < 20, "%s: %.1f s", hostile[_i].name, seconds);
	pthread_attr_destroy(&attr);
	strbuf_release(&message);
}
END_TEST

static void *
decode_all(void *unused)
{
	struct arena *arena = arena_new();

	(void)unused;
	for (unsigned round = 0; round < 20; round++) {
		for (size_t n = 0; n < COUNT(headers); n++) {
			struct text text = header_decode_alone(arena,
			    headers[n].raw, headers[n].len);

			if (strcmp(text.bytes, headers[n].decoded) != 0)
				abort();
		}
		for (size_t n = 0; n < COUNT(froms); n++) {
			struct text text = mime_from_domain(arena,
			    froms[n].raw, strlen(froms[n].raw));

			if (strcmp(text.bytes, froms[n].domain) != 0)
				abort();
		}
		for (size_t n = 0; n < COUNT(walks); n++) {
			struct texts found;

			walk_message(arena, walks[n].message, walks[n].len,
			    &limits, &found, NULL);
		}
		arena_reset(arena);
	}
	arena_free(arena);
	return NULL;
}

START_TEST(threads_at_once)
{
	pthread_t threads[8];

	for (size_t n = 0; n < COUNT(threads); n++)
		ck_assert_int_eq(pthread_create(&threads[n], NULL, decode_all,
		    NULL), 0);
	for (size_t n = 0; n < COUNT(threads); n++)
		pthread_join(threads[n], NULL);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ decodes_header, COUNT(headers) },
		{ finds_domain, COUNT(froms) },
		{ finds_names, COUNT(names) },
		{ walks_message, COUNT(walks) },
		{ keeps_limits, 1 },
		{ bounds_charsets, 1 },
		{ bounds_encoded_messages, 1 },
		{ survives, COUNT(hostile) },
		{ threads_at_once, 1 },
	};

	return table_run("mime", tests, COUNT(tests));
}
