#include "daemon/negotiate.h"

#include <string.h>

#include <libmilter/mfapi.h>

#include "base/strbuf.h"
#include "session/demand.h"
#include "world/log.h"

/*
 * How MTAs and libmilter 8.17 deal with the bits, as read in their sources:
 *
 * - Sendmail 8.17 and Postfix 3.7 offer all bits of version 6.  Postfix offers
 *   less with milter_protocol = 2, 3 or 4, and old MTAs do.  A NO* bit that
 *   was not offered ends the session: libmilter and Sendmail both refuse it.
 * - The NR_* bits are always offered: where the MTA does not know one,
 *   libmilter keeps it to itself and sends "continue" for our SMFIS_NOREPLY.
 *   So a step that we do not want, and that the MTA sends anyhow, still costs
 *   us no code.  But the other way round nothing is forgiven: SMFIS_NOREPLY
 *   without the bit sends nothing, and the MTA waits for ever.
 * - NR_BODY rules out SMFIS_SKIP: libmilter turns every answer into silence.
 *   We take the silence: it saves a round trip for each mail, and a body that
 *   we would skip, one larger than we keep, is rare.
 * - Actions are as binding as bits: what was not offered may not be asked for,
 *   and smfi_quarantine() fails without it.  Sendmail changes how it treats
 *   recipients once a filter may delete some, so only those who will may ask.
 */
/* The protocol's numbers are the same to both sides of us. */
_Static_assert(SMFIM_CONNECT == MILTER_AT_CONNECT &&
    SMFIM_EOM == MILTER_AT_END && SMFIM_EOH == MILTER_AT_END_OF_HEADERS &&
    SMFIF_QUARANTINE == MILTER_MAY_QUARANTINE &&
    SMFIF_DELRCPT == MILTER_MAY_DELETE_RCPT &&
    SMFIP_RCPT_REJ == MILTER_TELL_REJECTED, "numbers as in the protocol");

static const struct step {
	unsigned long	none;	/* do not send it */
	unsigned long	quiet;	/* do not wait for an answer */
} steps[STAGE_COUNT] = {
	[STAGE_CONNECT] = { SMFIP_NOCONNECT, SMFIP_NR_CONN },
	[STAGE_HELO] = { SMFIP_NOHELO, SMFIP_NR_HELO },
	[STAGE_MAIL] = { SMFIP_NOMAIL, SMFIP_NR_MAIL },
	[STAGE_RCPT] = { SMFIP_NORCPT, SMFIP_NR_RCPT },
	[STAGE_EOM] = { 0, 0 },		/* is always sent and answered */
};

static const struct step headers = { SMFIP_NOHDRS, SMFIP_NR_HDR };
static const struct step data = { SMFIP_NODATA, SMFIP_NR_DATA };
static const struct step unknown = { SMFIP_NOUNKNOWN, SMFIP_NR_UNKN };
static const struct step body = { SMFIP_NOBODY, SMFIP_NR_BODY };

/* Without a step, or where the MTA cannot leave it out, without answers. */
static unsigned long
declined(const struct step *step, unsigned long offered)
{
	return (step->none & offered) != 0 ? step->none : step->quiet;
}

struct agreement
agreement_make(const struct demand *demand, unsigned long actions_offered,
    unsigned long steps_offered)
{
	/*
	 * The end of the headers tells us nothing that the fields have not,
	 * and DATA nothing at all; of recipients that the MTA refuses we
	 * always take note.
	 */
	unsigned long want = SMFIP_NOEOH | SMFIP_RCPT_REJ;
	unsigned long actions = SMFIF_SETSYMLIST | demand->actions;

	for (int s = 0; s < STAGE_COUNT; s++) {
		if (!demand->ask[s])
			want |= declined(&steps[s], steps_offered);
		else if (!demand->answer[s])
			want |= steps[s].quiet;
	}
	/* Fields and body are collected and never answered. */
	want |= demand->headers ? headers.quiet :
	    declined(&headers, steps_offered);
	want |= demand->body ? body.quiet : declined(&body, steps_offered);
	want |= declined(&data, steps_offered);
	want |= demand->unknown ? 0 : declined(&unknown, steps_offered);
	if (demand->leading_space)
		want |= SMFIP_HDR_LEADSPC;
	return (struct agreement){
		.actions = actions & actions_offered,
		.steps = want & steps_offered,
	};
}

bool
agreement_is_quiet(const struct agreement *agreement, enum stage stage)
{
	return (agreement->steps & steps[stage].quiet) != 0;
}

/*
 * Where a filter has set no list, Sendmail goes on with that of its
 * configuration, and an empty one keeps it silent.  Postfix takes an empty list
 * for none and sends what its own milter_*_macros name: we look at none of it.
 */
void
demand_symbols(const struct demand *demand, int place, struct strbuf *out)
{
	for (size_t m = 0; m < demand->macro_count[place]; m++) {
		const char *name = demand->macros[place][m];
		bool one = strlen(name) == 1;

		strbuf_adds(out, out->len > 0 ? " " : "");
		strbuf_adds(out, one ? "" : "{");
		strbuf_adds(out, name);
		strbuf_adds(out, one ? "" : "}");
	}
}

void
demand_format(const struct demand *demand, struct strbuf *line)
{
	struct strbuf asked = STRBUF_INIT, answered = STRBUF_INIT;

	for (int s = 0; s < STAGE_COUNT; s++) {
		const char *name = stage_name((enum stage)s);

		if (demand->ask[s])
			strbuf_addf(&asked, "%s%s", asked.len > 0 ? "," : "",
			    name);
		if (demand->answer[s])
			strbuf_addf(&answered, "%s%s",
			    answered.len > 0 ? "," : "", name);
	}
	log_field(line, "steps", asked.text);
	log_field(line, "answered", answered.text);
	log_field(line, "headers", demand->headers ? "yes" : "no");
	log_field(line, "body", demand->body ? "yes" : "no");
	strbuf_release(&asked);
	strbuf_release(&answered);
}
