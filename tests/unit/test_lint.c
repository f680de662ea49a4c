#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/strbuf.h"
#include "reply/lint.h"
#include "reply/raw.h"
#include "reply/reason.h"
#include "table.h"

#define TEN	"aaaa bbbb "
#define FIFTY	TEN TEN TEN TEN TEN
#define DIGITS	"01234567890123456789"

/*
 * One reply and one rule.  what is the whole finding; NULL: the rule has none,
 * whatever the other rules say.
 */
static const struct {
	enum lint_rule	 rule;
	bool		 other;		/* not the severity of the table */
	const char	*reply;
	const char	*what;
	const char	*stage;
	const char	*reason;	/* a built-in one; NULL: foreign */
} cases[] = {
#define BAD(id, text, finding)	\
	{ .rule = LINT_##id, .reply = text, .what = finding }
#define GOOD(id, text)	{ .rule = LINT_##id, .reply = text, .what = NULL }
/* With the severity that the rule has for its other limit. */
#define OTHER(id, text, finding)	\
	{ .rule = LINT_##id, .other = true, .reply = text, .what = finding }
#define AT(where, id, text, finding)	\
	{ .rule = LINT_##id, .reply = text, .what = finding, .stage = where }
#define OF(why, id, text, finding)	\
	{ .rule = LINT_##id, .reply = text, .what = finding, .reason = why }

	BAD(C1, "550 4.7.1 We refuse it.",
	    "the codes 550 and 4.7.1 are of two classes, and Postfix makes a "
	    "server error of them; write 550 5.7.1, or another basic code"),
	GOOD(C1, "550 5.7.1 We refuse it."),
	BAD(C2, "550-5.1.1 No such thing.\n550 Here neither.",
	    "line 2 has no enhanced code, so mail programs guess one; write it "
	    "behind the 550"),
	BAD(C2, "550 There is no such user here",
	    "line 1 has no enhanced code, so mail programs guess one; write "
	    "550 5.1.1"),
	GOOD(C2, "550 5.1.1 There is no such user here"),
	BAD(C3, "550 192.0.2.1 is on a list",
	    "the text of line 1 begins with a digit, which Postfix takes for "
	    "an enhanced code; write one before it"),
	GOOD(C3, "550 5.7.1 192.0.2.1 is on a list"),
	GOOD(C3, "550 The server 192.0.2.1 is on a list"),
	BAD(C4, "550-5.1.1 One.\n550 5.7.1 Two.",
	    "the codes of line 2 are not those of line 1; write the same codes "
	    "on every line"),
	BAD(C4, "550-5.1.1 One.\n551 5.1.1 Two.",
	    "the codes of line 2 are not those of line 1; write the same codes "
	    "on every line"),
	GOOD(C4, "550-5.1.1 One.\n550 5.1.1 Two."),
	BAD(C5, "591 5.7.1 We refuse it.",
	    "591 is no code that mail programs know; write 550"),
	BAD(C5, "499 4.7.1 We refuse it.",
	    "499 is no code that mail programs know; write 451"),
	BAD(C5, "250 2.0.0 Fine.",
	    "250 is no refusal; write a code that begins with 4 or 5"),
	GOOD(C5, "550 5.7.1 We refuse it."),
	BAD(C6, "552 5.1.1 There is no such address.",
	    "552 5.1.1 is a pair that neither the registry nor practice knows; "
	    "take the basic code that goes with X.1.1"),
	BAD(C6, "550 5.7.509 We refuse it.",
	    "X.7.509 is in no registry, so programs cannot know it; write "
	    "X.7.0 or the code of a registered case"),
	GOOD(C6, "550 5.1.1 There is no such address."),
	GOOD(C6, "554 5.7.1 We refuse it."),
	BAD(C7, "550 5.0.0 User unknown",
	    "5.0.0 is general, and the text says more: \"user unknown\"; write "
	    "5.1.1"),
	GOOD(C7, "550 5.1.1 User unknown"),
	GOOD(C7, "530 5.7.0 You must sign in first."),
	BAD(C8, "550 5.7.1 The mailbox is full.",
	    "5.7.1 is for permission and policy, and \"mailbox is full\" is "
	    "neither; write 5.2.2"),
	GOOD(C8, "550 5.7.1 We take no mail from this server."),
	AT("RCPT", C9, "554 5.7.1 We refuse it.",
	    "554 is not for RCPT but for connect, DATA, end-of-data, BURL; "
	    "write 550"),
	BAD(C9, "503 5.5.0 User unknown",
	    "503 is for a command that was wrong, not for \"user unknown\"; "
	    "write 550"),
	AT("RCPT", C9, "550 5.7.1 We refuse it.", NULL),
	AT("RCPT", C9, "421 4.7.0 mx.example.com We close.", NULL),
	AT("MAIL", C9, "554 5.7.10 The encryption is too old.", NULL),
	BAD(C10, "550 5.7.1 We refuse it for now, try again later.",
	    "the code is permanent, and the text speaks as if it were for now: "
	    "\"try again\"; write a code of class 4, or say what has to "
	    "change"),
	BAD(C10, "550 5.3.0 A temporary problem.",
	    "the code is permanent, and the text speaks as if it were for now: "
	    "\"temporary\"; write a code of class 4, or say what has to "
	    "change"),
	GOOD(C10, "550 5.1.1 Sending again will not help."),
	GOOD(C10, "451 4.7.1 Try again later."),
	BAD(C11, "451 4.7.1 We have permanently refused it.",
	    "the code is temporary, and the text speaks as if it were for "
	    "ever: \"permanently\"; write a code of class 5, or leave it out"),
	GOOD(C11, "550 5.7.1 We never take it."),
	BAD(C12, "554 5.3.0 Internal error in the queue",
	    "\"Internal error\" is a fault of the system that refuses, and a "
	    "permanent code loses the mail; write 451 4.3.0"),
	BAD(C12, "550 5.3.5 We are set up wrongly.",
	    "5.3.5 says that the system that refuses is set up wrongly, and a "
	    "permanent code loses the mail; write 451 4.3.5"),
	GOOD(C12, "451 4.3.0 Internal error in the queue"),
	BAD(C13, "450 4.1.1 There is no such address.",
	    "X.1.1 is for permanent replies only; write a basic code of class "
	    "5"),
	BAD(C13, "554 5.4.1 The next host does not answer.",
	    "X.4.1 is for temporary replies only; write a basic code of class "
	    "4"),
	BAD(C13, "550 5.1.5 The address is good.",
	    "X.1.5 is for success only; write the code of what went wrong"),
	GOOD(C13, "451 4.7.1 We wait."),
	GOOD(C13, "554 5.4.6 The message goes round in circles."),
	GOOD(C13, "552 5.2.2 The mailbox is full."),
	BAD(C14, "421 4.3.2 The service rests.",
	    "programs take the first word of a 421 for the name of the server; "
	    "write that name before the text"),
	BAD(C14, "551 5.1.6 The person has moved.",
	    "programs look for the new address in a 551; write it as "
	    "<address>, or 550 5.1.6 without one"),
	GOOD(C14, "421 4.3.2 mx.example.com The service rests."),
	GOOD(C14, "551 5.1.6 The person is at <bob@example.org> now."),
	AT("connect", C15, "554 5.7.1 We refuse it.",
	    "at connect the text is lost and many servers keep the mail for "
	    "days; refuse at RCPT instead"),
	AT("RCPT", C15, "550 5.7.1 We refuse it.", NULL),

	BAD(F1, "550 5.7.1 " FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY
	    FIFTY FIFTY "xx",
	    "line 1 has 514 bytes with its CRLF, and 512 are allowed; write "
	    "more and shorter lines"),
	GOOD(F1, "550 5.7.1 " FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY
	    FIFTY FIFTY),
	BAD(F2, "550 5.7.1 " FIFTY FIFTY FIFTY TEN TEN TEN TEN "x",
	    "line 1 has 201 characters, and Sendmail cuts it after 200; write "
	    "the cause in fewer words"),
	GOOD(F2, "550 5.7.1 " FIFTY FIFTY FIFTY TEN TEN TEN TEN),
	BAD(F3, "550-5.7.1 a\n550 5.7.1 " FIFTY FIFTY FIFTY FIFTY TEN TEN TEN
	    TEN "x",
	    "line 2 has 251 characters, and Exim loses all that follows a line "
	    "of more than 250; write shorter lines"),
	GOOD(F3, "550-5.7.1 a\n550 5.7.1 " FIFTY FIFTY FIFTY FIFTY TEN TEN TEN
	    TEN),
	BAD(F4, "550-5.7.1 a.\n550-5.7.1 b.\n550-5.7.1 c.\n550 5.7.1 d.",
	    "the reply has 4 lines; write at most 3: what happened, who can do "
	    "what, where to learn more"),
	BAD(F4, "550-5.7.1 " FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY
	    FIFTY "\n550 5.7.1 " FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY
	    FIFTY,
	    "the reply has 924 characters; write at most 900, and put the rest "
	    "on a page"),
	OTHER(F4, "550 5.7.1 " FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY
	    FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY
	    FIFTY,
	    "the reply has 1012 characters; write at most 900, and put the "
	    "rest on a page"),
	GOOD(F4, "550-5.7.1 a.\n550-5.7.1 b.\n550 5.7.1 c."),
	BAD(F5, "550 5.7.1 We don\342\200\231t take it.",
	    "line 1 has the byte \\xe2, which not all servers carry; write "
	    "printable ASCII"),
	BAD(F5, "550 5.7.1 We\ttake it not.",
	    "line 1 has the byte \\x09, which not all servers carry; write "
	    "printable ASCII"),
	BAD(F5, "550 5.7.1 We  take it not.",
	    "line 1 has two blanks in a row; write one"),
	GOOD(F5, "550 5.7.1 We don't take it."),
	BAD(F6, "552 5.2.2 The mailbox is more than 90% full.",
	    "\"%\" means something else to libmilter, and Sendmail drops the "
	    "whole text for it; write \"percent\""),
	GOOD(F6, "552 5.2.2 The mailbox is 90 percent full."),
	BAD(F8, "550-5.7.1 We refuse mail from\n550 5.7.1 this server.",
	    "line 1 ends within a sentence, and readers may get it alone; end "
	    "each line with a full stop"),
	GOOD(F8, "550-5.7.1 We refuse it.\n550-5.7.1 See "
	    "https://example.com/x\n550 5.7.1 Case: 1"),
	BAD(F9, "550 5.7.1 See https: //example.com/x",
	    "the link \"https:\" is broken off; write it whole, with a blank "
	    "before it and a blank or nothing behind it"),
	BAD(F9, "550 5.7.1 See (https://example.com/x)",
	    "the link \"(https://example.com/x)\" has something before it; "
	    "write it whole, with a blank before it and a blank or nothing "
	    "behind it"),
	BAD(F9, "550 5.7.1 See https://example.com/x.",
	    "the link \"https://example.com/x.\" has something behind it that "
	    "becomes a part of it; write it whole, with a blank before it and "
	    "a blank or nothing behind it"),
	GOOD(F9, "550 5.7.1 See https://example.com/x for more."),
	BAD(F10, "550 5.7.1 See http://example.com/x",
	    "the link \"http://example.com/x\" is not safe; write one with "
	    "https://"),
	BAD(F10, "550 5.7.1 See https://example.com/?a=ann@example.net",
	    "the link \"https://example.com/?a=ann@example.net\" holds a mail "
	    "address, which then stands in logs of others; write one with the "
	    "name of the reason only"),
	BAD(F10, "550 5.7.1 See https://bit.ly/x",
	    "the link \"https://bit.ly/x\" hides where it leads; write the "
	    "real one"),
	GOOD(F10, "550 5.7.1 See https://example.com/x"),
	OF("spam", F11,
	    "550-5.7.1 Spam.\n550 5.7.1 More help: https://example.com/x",
	    "the help link does not name the reason, and some readers get "
	    "nothing but this line; write {reason} into it"),
	OF("spam", F11,
	    "550-5.7.1 Spam.\n550 5.7.1 More help: https://example.com/spam",
	    NULL),
	BAD(F12, "550 5.7.1 The server {ip} is on a list.",
	    "line 1 has a place for a value that nobody filled in, at "
	    "\"{ip}\"; fill it, or write the sentence without it"),
	BAD(F12, "550 5.7.1 See https://example.com/?ip=$",
	    "line 1 has a place for a value that nobody filled in, at \"$\"; "
	    "fill it, or write the sentence without it"),
	BAD(F12, "550 5.1.1 <>: We do not know it.",
	    "line 1 has a place for a value that nobody filled in, at \"<>:\"; "
	    "fill it, or write the sentence without it"),
	BAD(F12, "550 : We do not know it.",
	    "line 1 has a place for a value that nobody filled in, at \":\"; "
	    "fill it, or write the sentence without it"),
	BAD(F12, "550 5.7.1 The server %s is on a list.",
	    "line 1 has a place for a value that nobody filled in, at \"%s\"; "
	    "fill it, or write the sentence without it"),
	GOOD(F12, "550 5.7.1 It costs $5; the file is .docm: .x"),
	BAD(F13, "550 5.7.1 550 User unknown",
	    "line 1 has a status code within its text, at \"550\"; "
	    "write the codes once, at the start"),
	BAD(F13, "550 5.1.1 It said 5.2.2 to us",
	    "line 1 has a status code within its text, at \"5.2.2\"; "
	    "write the codes once, at the start"),
	GOOD(F13, "550 5.7.1 The limit is 500 per hour, from 4.3.2.1."),

	BAD(T1, "550 5.1.1 No such thing",
	    "line 1 has 3 words, and for many readers it is all they get; say "
	    "in a sentence what happened"),
	OTHER(T1, "554 5.7.1 mx.example.com (mx12) Example Mail Gateway Two",
	    "line 1 seems to have no verb, and for many readers it is all "
	    "they get; say in a sentence what happened"),
	OTHER(T1,
	    "421 4.3.2 mx.example.com Too many connections from here today.",
	    "line 1 seems to have no verb, and for many readers it is all "
	    "they get; say in a sentence what happened"),
	GOOD(T1, "550 5.7.25 The server 192.0.2.1 has no host name in DNS."),
	GOOD(T1, "421 4.3.2 mx.example.com Our mail system rests a while."),
	BAD(T2, "550 5.7.1 Access denied",
	    "\"Access denied\" says that mail was refused, and not why; say "
	    "the cause"),
	BAD(T2, "550 5.7.1 Your message was rejected due to policy reasons",
	    "\"rejected\" says that mail was refused, and not why; say the "
	    "cause"),
	GOOD(T2, "550 5.7.1 We refused it because of a virus in the file."),
	BAD(T3, "451 4.3.0 Too busy, come back",
	    "the text does not say whose side it is; name your message, the "
	    "server that sent it, the mailbox or our mail system"),
	GOOD(T3, "451 4.3.0 Our mail system has a problem."),
	BAD(T4, "552 5.1.1 The mailbox is over quota.",
	    "the code speaks of an address, the text of a mailbox; write "
	    "5.2.2"),
	GOOD(T4, "552 5.2.2 The mailbox is over quota."),
	BAD(T5, "550 5.7.1 The server is on a list of bad hosts.",
	    "nobody learns what to do; add a sentence that says who can do "
	    "what: \"Ask your mail provider to ...\""),
	GOOD(T5, "550 5.7.1 The server is on a list. Ask your provider."),
	GOOD(T5, "550 5.7.25 Its admins should check the record."),
	BAD(T6, "550 5.7.25 The server has no reverse DNS. Contact the "
	    "recipient by alternate means.",
	    "\"Contact the recipient\" does not help where a server is at "
	    "fault (reverse DNS); send the reader to the mail provider"),
	BAD(T6, "552 5.2.2 The mailbox is full. Send it to another one.",
	    "only the owner of the mailbox can make room; say that the reader "
	    "should tell that person"),
	GOOD(T6, "552 5.2.2 The mailbox is full. Tell the person."),
	BAD(T7, "451 4.7.1 We wait. No action is needed.",
	    "\"No action is needed\" is untrue in the notice that comes when "
	    "the sender's server has given up; write \"Mail servers retry by "
	    "themselves. If yours has given up, ...\""),
	GOOD(T7, "451 4.7.1 Mail servers retry by themselves."),
	BAD(T8, "552 5.3.4 Your message is too big.",
	    "\"too big\" does not say how much is allowed; write the limit, "
	    "and what there was"),
	GOOD(T8, "552 5.3.4 Your message is too big: the limit is 25 MB."),
	OF("too-big", T8,
	    "552 5.3.4 Your message is too big for our mail system.", NULL),
	BAD(T9, "550 5.7.1 Mailbox unavailable or access denied",
	    "line 1 names one cause \"or\" another; find out which it is, and "
	    "write that one"),
	GOOD(T9, "550 5.7.1 We found it in your message or in a file."),
	BAD(T10, "550 5.7.25 The server has a bad record in DNS.",
	    "\"bad\" blames or alarms the reader; write \"what is wrong\" "
	    "instead"),
	GOOD(T10, "550 5.7.25 The record is of badly.example."),
	BAD(T11, "550 5.7.1 Go away with your mail.",
	    "\"Go away\" insults or jokes, and the reader may be innocent; say "
	    "the cause"),
	BAD(T11, "550 5.7.1 We found a virus!",
	    "an exclamation mark shouts; write a full stop"),
	BAD(T11, "550 5.7.1 We TAKE NO mail.",
	    "2 words in capitals shout; write small letters"),
	GOOD(T11, "550 5.7.1 The PTR record in DNS and the HELO differ."),
	BAD(T12, "550 5.7.1 Unfortunately we refuse it.",
	    "\"Unfortunately\" takes room and tells nothing; leave it out"),
	GOOD(T12, "550 5.7.1 We refuse mail from please@example.net."),
	BAD(T13, "550 5.1.1 The address is unrouteable.",
	    "\"unrouteable\" is a term that few readers know; write \"does not "
	    "exist\" instead"),
	BAD(T13, "550 5.7.25 PTR record is missing.",
	    "the text begins with the term \"PTR\"; say it in plain words "
	    "first, and the term in brackets"),
	GOOD(T13, "550 5.7.25 It has no host name in DNS (no PTR record)."),
	BAD(T14, "550 5.7.1 We take no mail of this kind from this server, "
	    "which has sent us so many messages in the last few hours.",
	    "a sentence has 22 words; write at most 20"),
	OTHER(T14, "550 5.7.1 We take no mail of this kind from this server, "
	    "which has sent us so many messages in the last few hours that we "
	    "had to stop.", "a sentence has 27 words; write at most 20"),
	BAD(T14, "550 5.7.1 We take no mail. It is too much for us. The server "
	    "must wait. Come back in an hour.",
	    "the text has 4 sentences; write at most 3, and put the rest on a "
	    "page"),
	GOOD(T14, "550-5.7.1 We take no mail. It is too much for us.\n550 "
	    "5.7.1 Ask us by mail. Its page: https://example.com/x"),
	BAD(T15, "550 5.7.1 Authentication information verification "
	    "inconsistency precludes unconditional acceptance of electronic "
	    "communication.",
	    "the text is hard to read (Flesch -141, good is 60); write shorter "
	    "words and sentences"),
	GOOD(T15, "550 5.1.1 The address you wrote to does not exist at "
	    "example.com."),
	BAD(T16, "550 5.7.1 Your message has been rejected.",
	    "\"has been rejected\" hides who acts, or says no twice; write "
	    "\"we refused\" instead"),
	GOOD(T16, "550 5.7.1 We refused your message."),
	BAD(T17, "550 5.1.1 The email account is not here.",
	    "\"email account\" is another word for the same thing; write "
	    "\"mailbox\" instead"),
	GOOD(T17, "550 5.1.1 The mailbox is not here."),
	BAD(T18, "550 5.1.1 Die Adresse ist nicht bekannt.",
	    "line 1 is not in English, which most senders of mail can read; "
	    "write English first, and other languages on the page"),
	GOOD(T18, "550-5.1.1 The address is not known.\n550 5.1.1 Die Adresse "
	    "ist nicht bekannt."),
	BAD(T19, "550 5.7.25 Your server has no host name.",
	    "\"Your server\" means nothing to a reader, who has none; write "
	    "\"the server that sent your message\" instead"),
	GOOD(T19, "550 5.7.25 The server has no host name."),

	BAD(R1, "550 5.7.1 We refuse it.",
	    "there is neither a link nor a contact; set help or contact, so "
	    "that the reader can learn more"),
	BAD(R1, "550 5.7.1 We refuse <ann@example.net> here.",
	    "there is neither a link nor a contact; set help or contact, so "
	    "that the reader can learn more"),
	GOOD(R1, "550 5.7.1 Write to postmaster@example.com"),
	GOOD(R1, "550 5.7.1 See https://example.com/x"),
	BAD(R2, "550 5.7.1 We refuse it.",
	    "there is no number by which staff find the story; add a case"),
	GOOD(R2, "550 5.7.1 We refuse it. Case: 7K3Q-X2M9"),
	BAD(R3, "550-5.7.1 Spam.\n550 5.7.1 Contact: help@example.com",
	    "mail to help@example.com may be refused for the same reason; name "
	    "postmaster, abuse, a web form or a telephone number"),
	GOOD(R3, "550-5.7.1 Spam.\n550 5.7.1 Contact: postmaster@example.com"),
	BAD(R4, "550 5.7.1 We think that it is spam.",
	    "whoever is wrongly taken for \"spam\" cannot object; say whom to "
	    "contact"),
	GOOD(R4, "550 5.7.1 We think it is spam. If not, contact us."),

	BAD(P1, "451 4.3.0 The rspamd service does not answer.",
	    "\"rspamd\" tells what runs here; leave it out, the case leads to "
	    "it"),
	/* The first of the list, wherever it stands. */
	BAD(P1, "451 4.3.0 The rspamd and Postfix of postfix do not answer.",
	    "\"Postfix\" tells what runs here; leave it out, the case leads to "
	    "it"),
	GOOD(P1, "451 4.3.0 The prepostfix and the eximious do not answer."),
	BAD(P1, "451 4.3.0 We cannot reach 192.168.1.7 right now.",
	    "\"192.168.1.7\" is a private address; leave it out, the case "
	    "leads to it"),
	BAD(P1, "451 4.3.0 We cannot reach fd00::1 right now.",
	    "\"fd00::1\" is a private address; leave it out, the case leads to "
	    "it"),
	BAD(P1, "451 4.3.0 We cannot reach db1.corp.local right now.",
	    "\"db1.corp.local\" is an inner host; leave it out, the case leads "
	    "to it"),
	BAD(P1, "451 4.3.0 We cannot read /etc/mail/access right now.",
	    "\"/etc/mail/access\" is a path; leave it out, the case leads to "
	    "it"),
	BAD(P1, "550 5.7.1 You are in ldap:ou=blocked here.",
	    "\"ldap:ou=blocked\" is a table; leave it out, the case leads to "
	    "it"),
	GOOD(P1, "451 4.3.0 We cannot reach 192.0.2.1 right now."),
	GOOD(P1, "550 5.7.1 See https://example.com/etc/x"),
	BAD(P2, "550 5.7.1 The score of your message is too high.",
	    "\"score\" helps senders of spam to do better; write \"because of "
	    "its content\""),
	BAD(P2, "550 5.7.1 It is spam (BAYES_99).",
	    "\"BAYES_99\" is the name of a rule, which helps senders of spam "
	    "to do better; leave it out"),
	GOOD(P2, "550 5.7.10 The cipher TLS_AES_128_GCM_SHA256 is old."),
	BAD(P3, "550 5.2.1 The owner is on vacation.",
	    "\"vacation\" is nobody's business but the recipient's; write that "
	    "the mailbox is closed"),
	GOOD(P3, "550 5.2.1 The mailbox is closed."),
	BAD(P4, "550 5.1.1 <ann@example.com>: We do not know it.",
	    "line 1 begins with \"<ann@example.com>:\", a value and no word; "
	    "begin with words of your own"),
	BAD(P4, "550 5.1.1 We do not know root+${run{id}}@localhost.",
	    "\"root+${run{id}}@localhost.\" is a command to some programs; "
	    "leave it out"),
	BAD(P4, "550 5.1.1 Not "
	    DIGITS DIGITS DIGITS DIGITS DIGITS "0123456789.",
	    "a value has 111 characters; cut it to 100"),
	GOOD(P4, "550 5.1.1 We do not know <ann@example.com>."),
	GOOD(P4, "421 4.7.0 mx.example.com The server must wait."),
	BAD(P5, "535 5.7.8 The password is wrong.",
	    "\"password is wrong\" tells which half of the sign-in was right; "
	    "write \"the user name or the password is wrong\""),
	AT("AUTH", P5, "554 5.7.8 There is no such user.",
	    "\"no such user\" tells which half of the sign-in was right; write "
	    "\"the user name or the password is wrong\""),
	GOOD(P5, "535 5.7.8 The user name or the password is wrong."),
	GOOD(P5, "550 5.1.1 There is no such user."),
	BAD(P6, "550 5.7.1 A blocklist said 127.255.255.254 to us.",
	    "the blocklist gave an error and no listing; accept, or write 451 "
	    "4.4.3"),
	OTHER(P6, "550 5.7.1 The server is on a blocklist.",
	    "the text names a blocklist and not where to look the address up; "
	    "write the link of the list"),
	GOOD(P6, "550 5.7.1 The server is on a blocklist, see "
	    "https://bl.example.org/lookup"),
	BAD(P7, "550 5.1.6 The person has moved to bob@example.org",
	    "the text tells where somebody has moved; write 550 5.1.6 without "
	    "the address, unless its owner agreed"),
	BAD(P7, "551 5.1.6 The person is at <bob@example.org> now.",
	    "the text tells where somebody has moved; write 550 5.1.6 without "
	    "the address, unless its owner agreed"),
	GOOD(P7, "550 5.1.6 The person has moved."),
};

static const struct lint_finding *
finding_of(const struct lint_findings *findings, enum lint_rule rule)
{
	for (size_t i = 0; i < findings->count; i++)
		if (findings->items[i].rule == rule)
			return &findings->items[i];
	return NULL;
}

START_TEST(finds)
{
	struct arena *arena = arena_new();
	const struct catalogue *c = catalogue_new(arena);
	const char *text = cases[_i].reply;
	const struct raw_reply raw = raw_parse(arena, text, strlen(text));
	const struct lint_context context = {
		.stage = cases[_i].stage,
		.reason = cases[_i].reason != NULL ?
		    catalogue_find(c, cases[_i].reason) : NULL,
	};
	const enum lint_rule rule = cases[_i].rule;
	const struct lint_finding *found;
	struct lint_findings findings;
	bool errors = false, sound;

	sound = lint_check(arena, &raw, &context, LINT_LOADED, &findings);
	for (size_t i = 0; i < findings.count; i++) {
		errors = errors ||
		    findings.items[i].severity == SEVERITY_ERROR;
		ck_assert(i == 0 ||
		    findings.items[i].rule > findings.items[i - 1].rule);
	}
	ck_assert_int_eq(sound, !errors);

	found = finding_of(&findings, rule);
	if (cases[_i].what == NULL) {
		ck_assert_msg(found == NULL, "%s on \"%s\": %s",
		    lint_name(rule), text, found != NULL ? found->what : "");
	} else {
		ck_assert_msg(found != NULL && strcmp(found->what,
		    cases[_i].what) == 0, "%s on \"%s\": %s",
		    lint_name(rule), text,
		    found != NULL ? found->what : "nothing");
		ck_assert_int_eq(found->severity != lint_severity(rule),
		    cases[_i].other);
	}
	if (context.reason == NULL && context.stage == NULL)
		ck_assert_int_eq(lint_breaks(arena, &raw, &rule, 1),
		    found != NULL);
	arena_free(arena);
}
END_TEST

/* Each rule that is looked at stands above with a bad and a good reply. */
START_TEST(each_rule_is_tested)
{
	const enum lint_rule rule = (enum lint_rule)_i;
	int bad = 0, good = 0;

	for (int i = 0; i < COUNT(cases); i++) {
		if (cases[i].rule != rule)
			continue;
		if (cases[i].what != NULL)
			bad++;
		else
			good++;
	}
	ck_assert_str_ne(lint_wants(rule), "");
	if (lint_when(rule) == LINT_BUILT)
		ck_assert_int_eq(bad + good, 0);
	else
		ck_assert_msg(bad > 0 && good > 0, "%s: %d bad, %d good",
		    lint_name(rule), bad, good);
}
END_TEST

/* Good replies have no finding at all, of whatever severity. */
static const char *const clean[] = {
	"550-5.1.1 The address you wrote to does not exist at example.com.\r\n"
	"550-5.1.1 Check the spelling, or ask the person for the current "
	"address. Sending again to this address will not help.\r\n"
	"550 5.1.1 More help: https://example.com/mail/no-such-mailbox Case: "
	"7K3Q-X2M9\r\n",
	"452-4.2.2 The mailbox of the person you wrote to is full right now."
	"\r\n452-4.2.2 Mail servers retry by themselves. If yours has given "
	"up, tell the person another way.\r\n"
	"452 4.2.2 Contact: postmaster@example.com Case: 7K3Q-X2M9\r\n",
	"421-4.3.2 mx.example.com Our mail system rests for an hour.\r\n"
	"421-4.3.2 Mail servers retry by themselves. If yours has given up, "
	"send the message again.\r\n"
	"421 4.3.2 More help: https://example.com/mail/rest Case: 7K3Q-X2M9",
	"550-5.7.1 The server 2001:db8::1 that sent your message is on the "
	"blocklist of bl.example.org.\r\n"
	"550-5.7.1 Ask your mail provider to request removal. Its page: "
	"https://bl.example.org/lookup\r\n"
	"550 5.7.1 More help: https://example.com/mail/x Case: 7K3Q-X2M9",
};

START_TEST(good_replies_have_no_findings)
{
	struct arena *arena = arena_new();
	const struct raw_reply raw = raw_parse(arena, clean[_i],
	    strlen(clean[_i]));
	const struct lint_context context = { .stage = "RCPT" };
	struct lint_findings findings;

	lint_check(arena, &raw, &context, LINT_LOADED, &findings);
	ck_assert_msg(findings.count == 0, "%s: %s",
	    lint_name(findings.items[0].rule), findings.items[0].what);
	arena_free(arena);
}
END_TEST

/* On each reply that leaves, only the cheap rules are looked at. */
START_TEST(cheap_rules_only)
{
	static const char text[] = "550 4.7.1 Go away!  {x} 100% banned";
	struct arena *arena = arena_new();
	const struct raw_reply raw = raw_parse(arena, text, strlen(text));
	const struct lint_context context = { .reason = NULL };
	struct strbuf rules = STRBUF_INIT;
	struct lint_findings findings;

	ck_assert(!lint_check(arena, &raw, &context, LINT_SENT, &findings));
	for (size_t i = 0; i < findings.count; i++) {
		ck_assert_int_eq(lint_when(findings.items[i].rule), LINT_SENT);
		strbuf_addf(&rules, "%s ", lint_name(findings.items[i].rule));
	}
	ck_assert_str_eq(rules.text, "C1 F5 F6 F12 ");
	strbuf_release(&rules);
	arena_free(arena);
}
END_TEST

/* One of several is enough, and no other counts. */
START_TEST(breaks_one_of_several)
{
	static const enum lint_rule broken[] = { LINT_C2, LINT_F6, LINT_C1 };
	static const enum lint_rule kept[] = { LINT_C2, LINT_C3 };
	static const char text[] = "550 4.7.1 Go away!  {x} 100% banned";
	struct arena *arena = arena_new();
	const struct raw_reply raw = raw_parse(arena, text, strlen(text));

	ck_assert(lint_breaks(arena, &raw, broken, COUNT(broken)));
	ck_assert(!lint_breaks(arena, &raw, kept, COUNT(kept)));
	ck_assert(!lint_breaks(arena, &raw, broken, 0));
	arena_free(arena);
}
END_TEST

/* Nothing that can be read is too strange for the rules. */
START_TEST(strange_replies)
{
	static const struct {
		const char *text;
		size_t len;
	} strange[] = {
		{ "", 0 }, { "\n\n", 2 }, { "\0\0\0", 3 }, { "550", 3 },
		{ "550-\n550 ", 9 }, { "\377\376", 2 }, { "{{{[[[<<<", 9 },
		{ "421", 3 }, { "551 ", 4 }, { "(#5.1.1)", 8 },
		{ "://", 3 }, { "https://", 8 }, { "@", 1 }, { ". . . !", 7 },
	};
	const struct lint_context context = { .stage = "connect" };
	struct arena *arena = arena_new();

	for (int i = 0; i < COUNT(strange); i++) {
		const struct raw_reply raw = raw_parse(arena, strange[i].text,
		    strange[i].len);
		struct lint_findings findings;

		ck_assert(!lint_check(arena, &raw, &context, LINT_LOADED,
		    &findings));
		ck_assert_ptr_nonnull(finding_of(&findings, LINT_C15));
	}
	arena_free(arena);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ finds, COUNT(cases) },
		{ each_rule_is_tested, LINT_COUNT },
		{ good_replies_have_no_findings, COUNT(clean) },
		{ cheap_rules_only, 1 },
		{ breaks_one_of_several, 1 },
		{ strange_replies, 1 },
	};

	return table_run("lint", tests, COUNT(tests));
}
