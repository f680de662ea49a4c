#include "session/refused.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "reply/reply.h"
#include "table.h"

#define RELAY	"Relay access denied"

/* Sessions are told apart by their address alone. */
static const char sessions[2000];
#define SESSION(n)	(&sessions[n])

static struct values
values_of(const char *ip, const char *sender)
{
	struct values values = { .text = { NULL } };

	values.text[VARIABLE_CLIENT_IP] = ip;
	values.text[VARIABLE_CLIENT_NAME] = "out.example.net";
	values.text[VARIABLE_HELO] = "mail.example.net";
	values.text[VARIABLE_SENDER] = sender;
	return values;
}

static void
note(struct refused *refused, int session, const char *recipient,
    const char *text, const char *ip)
{
	struct values values = values_of(ip, "ann@example.net");

	refused_note(refused, SESSION(session), recipient, "5.7.1", text,
	    &values);
}

/* Asks, and copies the address of the client that is told. */
static enum refused_found
ask(struct refused *refused, const char *reply, char ip[32])
{
	struct arena *arena = arena_new();
	struct values values;
	enum refused_found found = refused_find(refused, arena, reply,
	    strlen(reply), &values);

	snprintf(ip, 32, "%s", values.text[VARIABLE_CLIENT_IP] != NULL ?
	    values.text[VARIABLE_CLIENT_IP] : "");
	arena_free(arena);
	return found;
}

/* What the milter is told, and what the map is asked. */
static const struct {
	const char	*recipient, *enhanced, *text, *reply;
	bool		 same;
} keys[] = {
	{ "<bob@example.com>", "5.7.1", RELAY,
	    "554 5.7.1 <bob@example.com>: " RELAY, true },
	{ "bob@example.com", "5.7.1", RELAY,
	    "554 5.7.1 <bob@example.com>: " RELAY "\r\n", true },
	{ "<Bob@Example.COM>", "5.7.1", RELAY,
	    "554 5.7.1 <bob@example.com>: " RELAY, true },
	{ "<bob@example.com>", "4.7.1", RELAY,
	    "454 4.7.1 <bob@example.com>: " RELAY, true },
	{ "<bob@example.com>", "5.7.1", RELAY,
	    "554-5.7.1 <bob@example.com>: " RELAY "\r\n554 5.7.1 more", true },
	/* Sendmail's form, and a text that was left whole */
	{ "<bob@example.com>", "5.7.1", "550 5.7.1 <bob@example.com>... "
	    RELAY, "554 5.7.1 <bob@example.com>: " RELAY, true },
	{ "<bob@example.com>", "5.7.1", "<bob@example.com>: " RELAY,
	    "554 5.7.1 <bob@example.com>: " RELAY, true },
	/* by the sender, the client, the HELO name */
	{ "<bob@example.com>", "4.1.8",
	    "Sender address rejected: Domain not found",
	    "450 4.1.8 <ann@example.net>: Sender address rejected: Domain not "
	    "found", true },
	{ "<bob@example.com>", "5.7.1", "Client host rejected: Access denied",
	    "554 5.7.1 <out.example.net[192.0.2.1]>: Client host rejected: "
	    "Access denied", true },
	{ "<bob@example.com>", "5.7.1", "Helo command rejected: Access denied",
	    "554 5.7.1 <mail.example.net>: Helo command rejected: Access "
	    "denied", true },
	/* by none of them: the first word is a word of the text */
	{ "<bob@example.com>", "5.7.1",
	    "unavailable; Client host [192.0.2.1] blocked",
	    "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked",
	    true },
	/* a local part with a blank is cut by Postfix */
	{ "<\"a b\"@example.com>", "5.7.1", "b\"@example.com>: " RELAY,
	    "554 5.7.1 <\"a b\"@example.com>: " RELAY, true },
	{ "<bob@example.com>", "5.7.1", "", "554 5.7.1 Refused", true },

	{ "<bob@example.com>", "5.7.1", RELAY,
	    "554 5.7.1 <bob@example.org>: " RELAY, false },
	{ "<bob@example.com>", "5.7.1", RELAY,
	    "554 5.7.0 <bob@example.com>: " RELAY, false },
	{ "<bob@example.com>", "5.7.1", RELAY,
	    "554 5.7.1 <bob@example.com>: " RELAY " now", false },
	{ "<bob@example.com>", "5.7.1", RELAY,
	    "554 5.7.1 <>: " RELAY, false },
	{ "<bob@example.com>", "5.7.1", RELAY,
	    "554 5.7.1 <unknown[192.0.2.1]>: " RELAY, false },
	{ "<bob@example.com>", "5.7.1", RELAY, "554", false },
	{ "<bob@example.com>", "5.7.1", RELAY, "", false },
};

START_TEST(both_sides_meet)
{
	struct values values = values_of("192.0.2.1", "ann@example.net");
	struct refused *refused = refused_new();
	char ip[32];

	refused_note(refused, SESSION(1), keys[_i].recipient,
	    keys[_i].enhanced, keys[_i].text, &values);
	ck_assert_int_eq(ask(refused, keys[_i].reply, ip),
	    keys[_i].same ? REFUSED_ONE : REFUSED_NONE);
	ck_assert_str_eq(ip, keys[_i].same ? "192.0.2.1" : "");
	/* Nobody asks twice. */
	ck_assert_int_eq(ask(refused, keys[_i].reply, ip), REFUSED_NONE);
	ck_assert_int_eq(refused_forget(refused, SESSION(1)), !keys[_i].same);
	refused_free(refused);
}
END_TEST

/*
 * A play, step by step: "1a" is session 1 noting client a, "1-" its next
 * event (or "1!", where no map had asked), "?a" a look-up that tells client
 * a, "?*" one that finds several and no client, "?0" one that finds none.
 */
static const char *const plays[] = {
	"1a ?a 1- ?0",
	"1a 1! ?0",
	"1a ?a ?0 1- 1-",
	/* two of the same words: only what they agree on */
	"1a 2b ?* ?* ?0 1- 2-",
	"1a 2a ?a ?a ?0",
	/* the one that is left is known again */
	"1a 2b 1! ?b 2-",
	"1a 2b ?* 1- ?b 2-",
	"1a 2b ?* 2- ?a 1-",
	"1a ?a 2b ?b 1- 2-",
	"1a 2b ?* 1- 3c ?* ?* 2- 3-",
	/* all answered, then a new one */
	"1a 2b ?* ?* 3c ?c",
	"1a 2b 3c ?* ?* ?* 1- 2- 3- ?0",
	"1a 2b 3c ?* 1- ?* ?* ?0 2- 3-",
};

START_TEST(plays_out)
{
	static const char *const ips[] = { "192.0.2.1", "192.0.2.2",
	    "192.0.2.3" };
	struct refused *refused = refused_new();

	for (const char *p = plays[_i]; *p != '\0';
	    p += p[2] == ' ' ? 3 : 2) {
		int session = p[0] - '0';
		enum refused_found found;
		char ip[32];

		if (p[1] == '-' || p[1] == '!') {
			ck_assert_msg(refused_forget(refused,
			    SESSION(session)) == (p[1] == '!'), "at %s", p);
			continue;
		}
		if (p[0] != '?') {
			note(refused, session, "<bob@example.com>", RELAY,
			    ips[p[1] - 'a']);
			continue;
		}
		found = ask(refused, "554 5.7.1 <bob@example.com>: " RELAY,
		    ip);
		ck_assert_msg(p[1] == '0' ? found == REFUSED_NONE :
		    p[1] == '*' ? found == REFUSED_SEVERAL :
		    found != REFUSED_NONE, "at %s: found %d", p, found);
		ck_assert_str_eq(ip, p[1] == '*' || p[1] == '0' ? "" :
		    ips[p[1] - 'a']);
	}
	refused_free(refused);
}
END_TEST

/* The same words to other recipients do not mix. */
START_TEST(recipients_are_told_apart)
{
	struct refused *refused = refused_new();
	char ip[32];

	note(refused, 1, "<bob@example.com>", RELAY, "192.0.2.1");
	note(refused, 2, "<carl@example.com>", RELAY, "192.0.2.2");
	ck_assert_int_eq(ask(refused, "554 5.7.1 <carl@example.com>: " RELAY,
	    ip), REFUSED_ONE);
	ck_assert_str_eq(ip, "192.0.2.2");
	ck_assert_int_eq(ask(refused, "554 5.7.1 <bob@example.com>: " RELAY,
	    ip), REFUSED_ONE);
	ck_assert_str_eq(ip, "192.0.2.1");
	refused_free(refused);
}
END_TEST

START_TEST(own_replies_are_known)
{
	static const char *const lines[] = { "We take no mail from there.",
	    "Ask the postmaster." };
	struct refused *refused = refused_new();
	struct arena *arena = arena_new();
	const struct reply *reply = reply_new(arena,
	    (struct status){ 550, 7, 1 }, lines, 2, NULL);
	const char *const whole = "550-5.7.1 We take no mail from there.\r\n"
	    "550 5.7.1 Ask the postmaster.";
	char ip[32];

	ck_assert_int_eq(ask(refused, whole, ip), REFUSED_NONE);
	refused_note_own(refused, SESSION(1), reply);
	refused_note_own(refused, SESSION(2), reply);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(ask(refused, whole, ip), REFUSED_OWN);
	ck_assert_int_eq(ask(refused, "550 5.7.1 Ask the postmaster.", ip),
	    REFUSED_NONE);
	ck_assert(!refused_forget(refused, SESSION(1)));
	ck_assert_int_eq(ask(refused, whole, ip), REFUSED_OWN);
	ck_assert(!refused_forget(refused, SESSION(2)));
	ck_assert_int_eq(ask(refused, whole, ip), REFUSED_NONE);
	arena_free(arena);
	refused_free(refused);
}
END_TEST

/* Long texts are bounded, not trusted; a long value is not told at all. */
START_TEST(long_texts)
{
	struct refused *refused = refused_new();
	struct strbuf text = STRBUF_INIT, reply = STRBUF_INIT;
	struct values values = values_of("192.0.2.1", "");
	struct arena *arena = arena_new();
	struct values found;

	for (int i = 0; i < 100000; i++)
		strbuf_addch(&text, 'x');
	values.text[VARIABLE_HELO] = text.text;
	refused_note(refused, SESSION(1), text.text, "5.7.1", text.text,
	    &values);
	strbuf_addf(&reply, "554 5.7.1 <>: %s", text.text);
	ck_assert_int_eq(refused_find(refused, arena, reply.text, reply.len,
	    &found), REFUSED_ONE);
	ck_assert_ptr_null(found.text[VARIABLE_HELO]);
	ck_assert_str_eq(found.text[VARIABLE_CLIENT_IP], "192.0.2.1");
	arena_free(arena);
	strbuf_release(&reply);
	strbuf_release(&text);
	refused_free(refused);
}
END_TEST

/* The oldest is forgotten; the table stays fast however full. */
START_TEST(the_oldest_goes)
{
	struct refused *refused = refused_new();
	char recipient[40], reply[100], ip[32];

	for (int i = 0; i <= REFUSED_NOTES_MAX; i++) {
		snprintf(recipient, sizeof(recipient), "<u%d@example.com>", i);
		note(refused, i % 2000, recipient, RELAY, "192.0.2.1");
	}
	for (int i = 0; i <= REFUSED_NOTES_MAX; i++) {
		snprintf(reply, sizeof(reply),
		    "554 5.7.1 <u%d@example.com>: " RELAY, i);
		ck_assert_int_eq(ask(refused, reply, ip),
		    i == 0 ? REFUSED_NONE : REFUSED_ONE);
	}
	refused_free(refused);
}
END_TEST

#define ROUNDS	20000

/* A session after another, each asked about once: it must find itself. */
static void *
converse(void *arg)
{
	struct refused *refused = arg;
	char recipient[40], reply[100], ip[32];
	size_t found = 0;

	for (int i = 0; i < ROUNDS; i++) {
		const char *session = malloc(1);

		snprintf(recipient, sizeof(recipient), "<u%p@example.com>",
		    (const void *)session);
		snprintf(reply, sizeof(reply), "554 5.7.1 %s: " RELAY,
		    recipient);
		refused_note(refused, session, recipient, "5.7.1", RELAY,
		    &(struct values){ .text = {
			[VARIABLE_CLIENT_IP] = "192.0.2.1" } });
		found += ask(refused, reply, ip) == REFUSED_ONE &&
		    strcmp(ip, "192.0.2.1") == 0;
		found += !refused_forget(refused, session);
		free((void *)(uintptr_t)session);
	}
	return (void *)found;
}

START_TEST(two_threads)
{
	struct refused *refused = refused_new();
	pthread_t other;
	void *theirs, *ours;

	ck_assert_int_eq(pthread_create(&other, NULL, converse, refused), 0);
	ours = converse(refused);
	pthread_join(other, &theirs);
	ck_assert_uint_eq((uintptr_t)ours, 2 * ROUNDS);
	ck_assert_uint_eq((uintptr_t)theirs, 2 * ROUNDS);
	refused_free(refused);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ both_sides_meet, COUNT(keys) },
		{ plays_out, COUNT(plays) },
		{ recipients_are_told_apart, 1 },
		{ own_replies_are_known, 1 },
		{ long_texts, 1 },
		{ the_oldest_goes, 1 },
		{ two_threads, 1 },
	};

	return table_run("refused", tests, COUNT(tests));
}
