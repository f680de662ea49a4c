#include "policy/filename.h"

#include <string.h>

#include "base/arena.h"
#include "base/strbuf.h"

/* The length of an invisible character at p in UTF-8, or 0. */
static size_t
invisible_len(const char *p)
{
	const unsigned char *b = (const unsigned char *)p;

	if (b[0] < 0x20 || b[0] == 0x7f)
		return 1;
	if (b[0] == 0xc2 && b[1] >= 0x80 && (b[1] <= 0x9f || b[1] == 0xad))
		return 2;	/* C1 controls, soft hyphen */
	if (b[0] == 0xe2 && b[1] == 0x80 && ((b[2] >= 0x8b && b[2] <= 0x8f) ||
	    (b[2] >= 0xaa && b[2] <= 0xae)))
		return 3;	/* zero width, direction */
	if (b[0] == 0xe2 && b[1] == 0x81 && b[2] >= 0xa0 && b[2] <= 0xaf)
		return 3;	/* word joiner, isolates */
	if (b[0] == 0xef && b[1] == 0xbb && b[2] == 0xbf)
		return 3;	/* byte order mark */
	return 0;
}

struct text
filename_saved(struct arena *arena, struct text name)
{
	struct strbuf out = STRBUF_INIT;
	struct text saved;
	size_t hidden;

	for (const char *p = name.bytes; *p != '\0'; p += hidden) {
		hidden = invisible_len(p);
		if (hidden > 0)
			continue;
		hidden = 1;
		if (*p == '/' || *p == '\\')
			strbuf_reset(&out);
		else if (out.len > 0 || *p != ' ')
			strbuf_addch(&out, *p);
	}
	while (out.len > 0 && strchr(". ", out.text[out.len - 1]) != NULL)
		strbuf_cut(&out, out.len - 1);
	saved = (struct text){
		.bytes = arena_memdup(arena, out.text, out.len),
		.len = out.len
	};
	strbuf_release(&out);
	return saved;
}
