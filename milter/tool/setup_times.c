#include "tool/setup_times.h"

#include <stddef.h>

#include "base/text.h"
#include "session/milter.h"
#include "session/rules.h"

#define MS_PER_S	1000
#define SECONDS_MAX	(UINT64_C(1) << 40)	/* no time is so long */

static uint64_t
limit_s(uint64_t sum_ms)
{
	return (sum_ms + MS_PER_S - 1) / MS_PER_S + SETUP_MARGIN_S;
}

void
setup_times_of(struct setup_times *times, const struct rules *rules)
{
	uint64_t connect_ms = 0, command_ms = 0, content_ms = 0;

	*times = (struct setup_times){ .limit_s = { 0 } };
	if (rules->milter_count == 0)
		return;
	for (size_t i = 0; i < rules->milter_count; i++) {
		const struct milter *milter = &rules->milters[i];
		const uint64_t answer_ms = milter->answer_timeout_ms;

		connect_ms += milter->connect_timeout_ms + answer_ms;
		command_ms += milter->connect_timeout_ms +
		    SETUP_ANSWERS * answer_ms;
		content_ms += (uint64_t)milter->connect_timeout_ms +
		    milter->end_timeout_ms;
	}
	times->limit_s[SETUP_CONNECT] = limit_s(connect_ms);
	times->limit_s[SETUP_COMMAND] = limit_s(command_ms);
	times->limit_s[SETUP_CONTENT] = limit_s(content_ms);
}

const char *
setup_times_warning(const struct setup_times *times)
{
	bool command = times->limit_s[SETUP_COMMAND] > SETUP_CLIENT_COMMAND_S;
	bool content = times->limit_s[SETUP_CONTENT] > SETUP_CLIENT_CONTENT_S;

	if (command && content)
		return "If all milters are as slow as their limits allow, "
		    "clients give up before: they wait five minutes for the "
		    "answer to a recipient, and ten at the end of a message. "
		    "A shorter timeout and end_timeout of the milters help.";
	if (command)
		return "If all milters are as slow as their limits allow, "
		    "clients give up before: they wait five minutes for the "
		    "answer to a recipient. A shorter timeout of the milters "
		    "helps.";
	if (content)
		return "If all milters are as slow as their limits allow, "
		    "clients give up before: they wait ten minutes at the "
		    "end of a message. A shorter end_timeout of the milters "
		    "helps.";
	return NULL;
}

/* 0 where there is no such unit. */
static uint64_t
unit_s(char unit)
{
	switch (unit) {
	case 's':
		return 1;
	case 'm':
		return 60;
	case 'h':
		return 60 * 60;
	case 'd':
		return 24 * 60 * 60;
	case 'w':
		return 7 * 24 * 60 * 60;
	default:
		return 0;
	}
}

bool
setup_seconds_parse(const char *text, uint64_t *seconds)
{
	uint64_t sum = 0;

	if (!text_is_digit(*text))
		return false;
	while (*text != '\0') {
		uint64_t number = 0;

		if (!text_is_digit(*text))
			return false;
		for (; text_is_digit(*text); text++)
			if (number < SECONDS_MAX)
				number = number * 10 + (uint64_t)(*text - '0');
		if (*text != '\0') {
			if (unit_s(*text) == 0)
				return false;
			number *= unit_s(*text++);
		}
		sum += number;
		if (sum > SECONDS_MAX)
			return false;
	}
	*seconds = sum;
	return true;
}
