#include "base/digest.h"

#include <stdlib.h>
#include <string.h>

#include <glib.h>

/* What others know as struct digest is GLib's. */
static GChecksum *
checksum(struct digest *digest)
{
	return (GChecksum *)digest;
}

struct digest *
digest_new(void)
{
	GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);

	if (sum == NULL)
		abort();
	return (struct digest *)sum;
}

void
digest_free(struct digest *digest)
{
	g_checksum_free(checksum(digest));
}

void
digest_add(struct digest *digest, const void *bytes, size_t len)
{
	g_checksum_update(checksum(digest), bytes, (gssize)len);
}

void
digest_add_text(struct digest *digest, const char *text)
{
	digest_add(digest, text, strlen(text) + 1);
}

struct digest_value
digest_end(struct digest *digest)
{
	struct digest_value value;
	gsize len = sizeof(value.bytes);

	g_checksum_get_digest(checksum(digest), value.bytes, &len);
	if (len != sizeof(value.bytes))
		abort();
	return value;
}

bool
digest_equal(const struct digest_value *a, const struct digest_value *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}
