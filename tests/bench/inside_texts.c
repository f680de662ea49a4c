/*
 * What policies and subjects are made of: words by lot, in the forms that
 * postmasters write.  What the policies look for, the subjects do not have.
 */
#include "inside.h"

#include <string.h>

#include "base/strbuf.h"

static const char *const bait[] = {
	"viagra", "cialis", "lottery", "jackpot", "casino", "bitcoin",
	"investment", "inheritance", "refinance", "mortgage", "payday",
	"replica", "rolex", "pharmacy", "tablets", "discount", "clearance",
	"unsubscribe", "miracle", "weight", "slimming", "keto", "cbd",
	"enlarge", "singles", "dating", "escort", "webcam", "degree",
	"diploma", "warranty", "timeshare", "voucher", "giftcard", "prize",
	"winner", "congratulations", "beneficiary", "barrister", "transfer",
	"millions", "dollars", "crypto", "wallet", "airdrop", "seo",
	"backlinks", "ranking", "followers", "outsourcing", "loan", "credit",
	"debt", "cash", "bonus", "guaranteed", "urgent", "verify", "suspended",
	"password", "mailbox", "quota", "invoice", "overdue", "remittance",
	"shipment", "parcel", "customs", "toner", "cartridge",
};

static const char *const everyday[] = {
	"the", "minutes", "of", "meeting", "on", "tuesday", "and", "plans",
	"for", "next", "week", "garden", "report", "draft", "version", "2",
	"notes", "from", "school", "holiday", "question", "about", "budget",
	"your", "train", "to", "hamburg", "lunch", "at", "noon", "photos",
	"build", "failed", "in", "main", "release", "3.4", "review", "table",
};

#define COUNT(table)	(sizeof(table) / sizeof((table)[0]))

/*
 * ~ is a word, # a number.  The first row is what most are like; those of the
 * second are spelt around filters; of the third, hardly a byte must occur.
 */
static const char *const usual[] = {
	"~|~", "\\b(?:~|~) .*~", "\\b~\\b", "^~ ~", "~\\s+~", "~.{0,20}~",
	"~[-_. ]?~", "^\\[?~\\]?:", "~!{2,}", "[0-9]+ ?% ~",
	"(?:~|~|~)s? (?:now|today|online)", "~\\.(?:top|click|xyz)",
	"^(?:re|fwd?): ?~ ~$", "\\$[0-9,.]+ (?:~|~)", "\\b~[0-9]{2,4}\\b",
	"^~$", "~.*#", "(?:no|best|cheap) ~ (?:~|needed)", "#% off ~",
	"(?i)\\b(?:get|win|buy|claim) (?:your|a|the)? ?~",
};

static const char *const spelt[] = {
	"v[i1!|]agr[a@4].*#", "c\\W?[i1!]\\W?a\\W?l\\W?[i1!]\\W?s.?#",
	"l[o0]tt[e3]ry\\W*#", "p[o0]rn.*\\b#", "\\bc[a@]s[i1]n[o0]\\W#",
	"m\\s?o\\s?r\\s?t\\s?g\\s?a\\s?g\\s?e\\s?#",
};

static const char *const bare[] = {
	"^[0-9a-f]{#}@", "\\d{5}\\W\\d{#}", "[bcdfghjklmnpqrstvwxz]{#}",
	"^\\S{#}$", "(.)\\1{#}", "^[^a-z]{#,}$",
};

static void
add_form(struct strbuf *out, struct lot *lot, const char *form, size_t number)
{
	for (; *form != '\0'; form++)
		switch (*form) {
		case '~':
			strbuf_adds(out, bait[lot_below(lot, COUNT(bait))]);
			break;
		case '#':
			strbuf_addf(out, "%zu", number);
			break;
		case '\\':
			strbuf_adds(out, "\\\\");
			break;
		default:
			strbuf_addch(out, *form);
		}
}

/* Of each 25, one bare, two spelt. */
static void
add_expression(struct strbuf *out, struct lot *lot, size_t n)
{
	if (n % 25 == 12)
		add_form(out, lot, bare[n / 25 % COUNT(bare)],
		    12 + n / 25 / COUNT(bare) % 5);
	else if (n % 12 == 5)
		add_form(out, lot, spelt[n / 12 % COUNT(spelt)], n);
	else
		add_form(out, lot, usual[n % COUNT(usual)], n);
}

void
inside_add_expressions(struct strbuf *out, size_t count)
{
	struct lot lot = LOT_INIT;

	for (size_t n = 0; n < count; n++) {
		strbuf_addf(out, "%s{ name = \"e%zu\"; when = { subject = \"/",
		    n > 0 ? ",\n" : "", n);
		add_expression(out, &lot, n);
		strbuf_adds(out, "/\"; }; reject = \"spam\"; }");
	}
}

void
inside_add_subject(struct strbuf *out, size_t len, size_t number)
{
	struct lot lot = LOT_INIT;
	size_t begun = out->len;

	lot.state += number;
	strbuf_adds(out, number % 3 == 0 ? "Re: " : "");
	while (out->len < begun + len) {
		if (out->len > begun)
			strbuf_addch(out, ' ');
		strbuf_adds(out, everyday[lot_below(&lot, COUNT(everyday))]);
	}
	strbuf_cut(out, begun + len);
	/* No blank at the end. */
	out->text[out->len - 1] = '.';
}

/* What a site writes; # is the number, ^ and $ two bytes of it. */
static const char *const envelope[] = {
	"client_ip = \"198.18.^.$\"",
	"sender_domain = \".d#.example\"",
	"sender = \"user#@shop-#.example\"",
	"helo = \"*.dyn#.example\"",
	"recipient = \"gone#@example.com\"",
	"client_ip = \"10.7.^.$\"",
	"sender = \"*-bounce-#@*\"",
	"client_name = \"*.pool-#.example\"",
	"sender_domain = \"mail#.example.org\"",
	"recipient = \"*+offer#@example.com\"",
	"helo = \"host#.example.net\"; client_ip = \"172.16.^.0/24\"",
	"client_ip = \"2001:db8:#::/48\"",
};

void
inside_add_envelope(struct strbuf *out, size_t count)
{
	for (size_t n = 0; n < count; n++) {
		const char *form = envelope[n % COUNT(envelope)];

		strbuf_addf(out, "%s{ name = \"p%zu\"; when = { ",
		    n > 0 ? ",\n" : "", n);
		for (; *form != '\0'; form++)
			if (*form == '#')
				strbuf_addf(out, "%zu", n % 10000);
			else if (*form == '^')
				strbuf_addf(out, "%zu", n / 256 % 256);
			else if (*form == '$')
				strbuf_addf(out, "%zu", n % 256);
			else
				strbuf_addch(out, *form);
		strbuf_adds(out, "; }; reject = \"client-refused\"; }");
	}
}
