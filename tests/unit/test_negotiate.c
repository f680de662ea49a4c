/* What is asked of MTAs old and new, for plans that need little and much. */
#include <libmilter/mfapi.h>

#include "base/strbuf.h"
#include "daemon/negotiate.h"
#include "session/demand.h"
#include "table.h"

#define ALL_ACTIONS	SMFI_CURR_ACTS
#define ALL_STEPS	SMFI_CURR_PROT
/* libmilter adds these to the offer of any MTA. */
#define FAKED		(SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_MAIL | \
			SMFIP_NR_RCPT | SMFIP_NR_DATA | SMFIP_NR_UNKN | \
			SMFIP_NR_HDR | SMFIP_NR_EOH | SMFIP_NR_BODY)
#define UNWANTED	(SMFIP_NODATA | SMFIP_NOEOH | SMFIP_NOUNKNOWN | \
			SMFIP_RCPT_REJ)

/* Client and envelope are asked for, refusals come at RCPT. */
#define ENVELOPE	.ask = { true, false, true, true, true }, \
			.answer = { false, false, false, true, true }

static const struct demand envelope = { ENVELOPE };
static const struct demand fields = { ENVELOPE, .headers = true };
static const struct demand content = {
	ENVELOPE, .headers = true, .body = true,
	.actions = MILTER_MAY_QUARANTINE | MILTER_MAY_DELETE_RCPT,
};
static const struct demand early = {
	.ask = { true, true, true, true, true },
	.answer = { false, true, true, true, true },
};
static const struct demand watching = {
	.ask = { true, true, true, true, true },
	.answer = { false, false, false, false, true },
};

static const struct {
	const char		*name;
	const struct demand	*demand;
	unsigned long		 actions, steps;	/* offered */
	unsigned long		 want_actions, want_steps;
} cases[] = {
	{ "envelope", &envelope, ALL_ACTIONS, ALL_STEPS, SMFIF_SETSYMLIST,
	    UNWANTED | SMFIP_NOHELO | SMFIP_NOHDRS | SMFIP_NOBODY |
	    SMFIP_NR_CONN | SMFIP_NR_MAIL },
	{ "fields", &fields, ALL_ACTIONS, ALL_STEPS, SMFIF_SETSYMLIST,
	    UNWANTED | SMFIP_NOHELO | SMFIP_NR_HDR | SMFIP_NOBODY |
	    SMFIP_NR_CONN | SMFIP_NR_MAIL },
	{ "content", &content, ALL_ACTIONS, ALL_STEPS,
	    SMFIF_SETSYMLIST | SMFIF_QUARANTINE | SMFIF_DELRCPT,
	    UNWANTED | SMFIP_NOHELO | SMFIP_NR_HDR | SMFIP_NR_BODY |
	    SMFIP_NR_CONN | SMFIP_NR_MAIL },
	{ "early", &early, ALL_ACTIONS, ALL_STEPS, SMFIF_SETSYMLIST,
	    UNWANTED | SMFIP_NOHDRS | SMFIP_NOBODY | SMFIP_NR_CONN },
	{ "watching", &watching, ALL_ACTIONS, ALL_STEPS, SMFIF_SETSYMLIST,
	    UNWANTED | SMFIP_NOHDRS | SMFIP_NOBODY | SMFIP_NR_CONN |
	    SMFIP_NR_HELO | SMFIP_NR_MAIL | SMFIP_NR_RCPT },
	{ "version 2: end of header and DATA cannot be left out", &envelope,
	    SMFI_V2_ACTS, SMFI_V1_PROT | FAKED, 0,
	    SMFIP_NOHELO | SMFIP_NOHDRS | SMFIP_NOBODY | SMFIP_NR_CONN |
	    SMFIP_NR_MAIL | SMFIP_NR_DATA | SMFIP_NR_UNKN },
	{ "nothing can be left out: no answers instead", &envelope,
	    SMFI_V1_ACTS, FAKED, 0,
	    SMFIP_NR_HELO | SMFIP_NR_HDR | SMFIP_NR_BODY | SMFIP_NR_CONN |
	    SMFIP_NR_MAIL | SMFIP_NR_DATA | SMFIP_NR_UNKN },
	{ "an MTA of old: the body without answers all the same", &content,
	    SMFI_V1_ACTS, SMFI_V1_PROT | FAKED, SMFIF_DELRCPT,
	    SMFIP_NOHELO | SMFIP_NR_HDR | SMFIP_NR_BODY | SMFIP_NR_CONN |
	    SMFIP_NR_MAIL | SMFIP_NR_DATA | SMFIP_NR_UNKN },
	{ "nothing is offered", &content, 0, 0, 0, 0 },
};

START_TEST(test_agreement)
{
	struct agreement got = agreement_make(cases[_i].demand,
	    cases[_i].actions, cases[_i].steps);

	ck_assert_msg(got.actions == cases[_i].want_actions &&
	    got.steps == cases[_i].want_steps,
	    "%s: actions %#lx not %#lx, steps %#lx not %#lx", cases[_i].name,
	    got.actions, cases[_i].want_actions, got.steps,
	    cases[_i].want_steps);
}
END_TEST

START_TEST(test_quiet)
{
	struct agreement got = agreement_make(&envelope, ALL_ACTIONS,
	    ALL_STEPS);

	ck_assert(agreement_is_quiet(&got, STAGE_CONNECT));
	ck_assert(agreement_is_quiet(&got, STAGE_MAIL));
	ck_assert(!agreement_is_quiet(&got, STAGE_RCPT));
	ck_assert(!agreement_is_quiet(&got, STAGE_EOM));
}
END_TEST

START_TEST(test_symbols)
{
	static const struct demand demand = {
		.macro_count = {
			[MILTER_AT_MAIL] = 2, [MILTER_AT_END] = 1,
		},
		.macros = {
			[MILTER_AT_MAIL] = { "auth_authen", "i" },
			[MILTER_AT_END] = { "i" },
		},
	};
	struct strbuf list = STRBUF_INIT;

	demand_symbols(&demand, SMFIM_ENVFROM, &list);
	ck_assert_str_eq(list.text, "{auth_authen} i");
	strbuf_reset(&list);
	demand_symbols(&demand, SMFIM_EOM, &list);
	ck_assert_str_eq(list.text, "i");
	strbuf_reset(&list);
	demand_symbols(&demand, SMFIM_EOH, &list);
	demand_symbols(&demand, SMFIM_CONNECT, &list);
	ck_assert_str_eq(list.text, "");
	strbuf_release(&list);
}
END_TEST

START_TEST(test_format)
{
	struct strbuf line = STRBUF_INIT;

	demand_format(&fields, &line);
	ck_assert_str_eq(line.text, "steps=connect,mail,rcpt,eom "
	    "answered=rcpt,eom headers=yes body=no");
	strbuf_release(&line);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ test_agreement, COUNT(cases) },
		{ test_quiet, 1 },
		{ test_symbols, 1 },
		{ test_format, 1 },
	};

	return table_run("negotiate", tests, COUNT(tests));
}
