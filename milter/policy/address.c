#include "policy/address.h"

#include <stdbool.h>

#include "base/text.h"

/* Where reading stands in the path. */
struct reading {
	const char	*p, *end;
	char		*out;
	size_t		 len;		/* of what is in out */
	size_t		 domain;	/* behind the last "@"; 0 for none */
	bool		 quoted;
	bool		 done;		/* behind the closing bracket */
};

/* A comment may hold comments, and a backslash hides what follows it. */
static void
skip_comment(struct reading *r)
{
	unsigned depth = 0;

	for (; r->p < r->end; r->p++) {
		if (*r->p == '\\' && r->p + 1 < r->end)
			r->p++;
		else if (*r->p == '(')
			depth++;
		else if (*r->p == ')' && --depth == 0)
			break;
	}
}

/* What stood before was a display name or a source route. */
static void
begin_again(struct reading *r)
{
	r->len = 0;
	r->domain = 0;
}

static void
read_plain(struct reading *r)
{
	char c = *r->p;

	if (c == '(') {
		skip_comment(r);
	} else if (c == '<') {
		begin_again(r);
	} else if (c == '>') {
		r->done = true;
	} else if (c == ':' && r->len > 0 && r->out[0] == '@') {
		begin_again(r);
	} else if (!text_is_space(c)) {
		r->out[r->len++] = c;
		if (c == '@')
			r->domain = r->len;
	}
}

size_t
address_read(const char *path, size_t len, char *out, size_t *out_len)
{
	struct reading r = { .p = path, .end = path + len, .out = out };

	for (; r.p < r.end && !r.done; r.p++) {
		if (*r.p == '"')
			r.quoted = !r.quoted;
		else if (*r.p == '\\' && r.p + 1 < r.end)
			out[r.len++] = *++r.p;
		else if (*r.p == '\\')
			continue;	/* it hides what is not there */
		else if (r.quoted)
			out[r.len++] = *r.p;
		else
			read_plain(&r);
	}
	out[r.len] = '\0';
	*out_len = r.len;
	return r.domain > 0 ? r.domain : r.len;
}
