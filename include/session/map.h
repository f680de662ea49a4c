/*
 * map - answers for Postfix's own refusals: filter, footer and delivery.
 *
 * Pure: a request in, an answer out, and a record of what was rewritten.  Safe
 * from any thread, with an arena of its own.
 */
#ifndef SESSION_MAP_H
#define SESSION_MAP_H

#include "wire/socketmap.h"

struct arena;
struct env;
struct refused;
struct rules;
struct strbuf;

/*
 * Answers one request: name "filter" (smtpd_reject_filter_maps), "footer"
 * (smtpd_reject_footer_maps, postscreen_reject_footer_maps) or "delivery"
 * (*_delivery_status_filter).  NOTFOUND leaves Postfix's own text: for a reply
 * of ours, for what is no refusal, and where rules only observe.  An unknown
 * name is PERM.  text gets the value or the reason.
 */
enum socketmap_answer	map_answer(const struct rules *rules,
			    const struct env *env, struct refused *refused,
			    struct arena *arena,
			    const struct socketmap_request *request,
			    struct strbuf *text);

#endif
