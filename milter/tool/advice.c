#include "tool/advice.h"

#include <stdbool.h>

#include "base/strbuf.h"
#include "base/text.h"
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

/* Words stand alone, or begin one: "relay" is in "Relaying", "spf" not in a
 * name such as "crispfx". */
static bool
says(const char *text, const char *words)
{
	for (const char *at = text; (at = text_find(at, words)) != NULL; at++)
		if (at == text || !text_is_letter(at[-1]))
			return true;
	return false;
}

static const struct reason *
reason_by_words(const struct catalogue *catalogue, enum form form,
    const char *text)
{
	static const struct {
		const char *words, *reason;
	} wordings[] = {
#define WORDING(words, reason) { words, reason },
#include "tool/wording.def"
#undef WORDING
	};

	for (size_t i = 0; i < sizeof(wordings) / sizeof(wordings[0]); i++) {
		const struct reason *reason;

		if (!says(text, wordings[i].words))
			continue;
		reason = catalogue_find(catalogue, wordings[i].reason);
		if (reason != NULL && reason->forms[form].present)
			return reason;
	}
	return NULL;
}

const struct reason *
advice_reason(const struct catalogue *catalogue, struct status status,
    const char *text)
{
	const struct reason *found = reason_by_words(catalogue,
	    form_of(status), text);

	if (found != NULL)
		return found;

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
    const char *text, struct strbuf *out)
{
	const struct reason *reason = advice_reason(catalogue, status, text);

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
