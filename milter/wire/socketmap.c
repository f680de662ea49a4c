#include "wire/socketmap.h"

#include <string.h>

#include "base/strbuf.h"
#include "wire/netstring.h"

int
socketmap_read(struct socketmap_request *request, const char *bytes,
    size_t len)
{
	const char *blank = len > 0 ? memchr(bytes, ' ', len) : NULL;

	if (blank == NULL || blank == bytes)
		return -1;
	request->name = bytes;
	request->name_len = (size_t)(blank - bytes);
	request->key = blank + 1;
	request->key_len = len - request->name_len - 1;
	return 0;
}

static const char *
answer_word(enum socketmap_answer answer)
{
	switch (answer) {
	case SOCKETMAP_OK:
		return "OK";
	case SOCKETMAP_NOTFOUND:
		return "NOTFOUND";
	case SOCKETMAP_TEMP:
		return "TEMP";
	case SOCKETMAP_PERM:
		return "PERM";
	}
	return "PERM";
}

void
socketmap_write(struct strbuf *out, enum socketmap_answer answer,
    const char *text)
{
	const char *word = answer_word(answer);

	netstring_begin(out, strlen(word) + 1 + strlen(text));
	strbuf_adds(out, word);
	strbuf_addch(out, ' ');
	strbuf_adds(out, text);
	netstring_end(out);
}
