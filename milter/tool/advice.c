#include "tool/advice.h"

#include "base/strbuf.h"
#include "reply/reason.h"
#include "reply/template.h"

static const struct {
	struct status	 status;	/* of either class */
	const char	*text;
} rows[] = {
#define ADVICE(s, d, advice) { { .subject = s, .detail = d }, advice },
#define ADVICE_SUBJECT(s, advice)
#include "tool/advice.def"
#undef ADVICE
#undef ADVICE_SUBJECT
};

static const char *
subject_advice(unsigned subject)
{
	switch (subject) {
#define ADVICE(s, d, advice)
#define ADVICE_SUBJECT(s, advice)	\
	case s:	\
		return advice;
#include "tool/advice.def"
#undef ADVICE
#undef ADVICE_SUBJECT
	}
	return "Read the text of the reply; the code is in no registry.";
}

static enum form
form_of(struct status status)
{
	return status_class(status) == 4 ? FORM_TEMPORARY : FORM_PERMANENT;
}

const struct reason *
advice_reason(const struct catalogue *catalogue, struct status status)
{
	const struct reason *found = NULL;

	for (size_t i = 0; i < catalogue_count(catalogue); i++) {
		const struct reason *reason = catalogue_at(catalogue, i);
		const struct reason_form *form =
		    &reason->forms[form_of(status)];

		if (!form->present || !status_equal(form->status, status))
			continue;
		if (found != NULL)
			return NULL;
		found = reason;
	}
	return found;
}

void
advice_format(const struct catalogue *catalogue, struct status status,
    struct strbuf *out)
{
	const struct reason *reason = advice_reason(catalogue, status);

	if (reason != NULL && template_fill(
	    reason->forms[form_of(status)].fix, NULL, out) == 0)
		return;
	if (status_class(status) == 4)
		strbuf_adds(out, "Mail servers retry by themselves; act only "
		    "if yours has given up. ");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].status.subject == status.subject &&
		    rows[i].status.detail == status.detail) {
			strbuf_adds(out, rows[i].text);
			return;
		}
	strbuf_adds(out, subject_advice(status.subject));
}
