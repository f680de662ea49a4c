/*
 * A list of 1,000,000 domains and one of 100,000 address blocks: what they cost
 * to load, in memory, and for a look-up.
 */
#include "inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ip.h"
#include "base/strbuf.h"
#include "config/snapshot.h"
#include "policy/list.h"
#include "policy/matcher.h"
#include "policy/plan.h"
#include "session/rules.h"

#define DOMAINS		1000000
#define BLOCKS		100000
#define LOOKUPS		1000000	/* of each kind, each with its own value */
#define LOADS		3
#define MIB		(1024.0 * 1024.0)
#define WORD_MAX	40

/*
 * The n-th domain, without its dot: 26^6 and the factor have no divisor in
 * common, so no two are the same, and those behind the last are in no list.
 */
static void
domain_write(char domain[WORD_MAX], size_t n)
{
	size_t letters = n * 48271 % 308915776;
	char label[7] = "";

	for (size_t i = 0; i < 6; i++) {
		label[i] = (char)('a' + letters % 26);
		letters /= 26;
	}
	snprintf(domain, WORD_MAX, "%s%03zu.example.org", label, n % 1000);
}

/*
 * The n-th block: IPv4 and IPv6 in turn, with room between them.  off > 0 is an
 * address behind the block, but close.
 */
static unsigned
block_write(char block[WORD_MAX], size_t n, unsigned off)
{
	static const unsigned prefixes4[] = { 23, 24, 28, 32 };
	static const unsigned prefixes6[] = { 48, 56, 64 };
	size_t half = n / 2 * 7919 % (BLOCKS / 2);

	if (n % 2 == 0) {
		unsigned ip = 0x0b000000u + (unsigned)half * 1024 + off * 512;

		snprintf(block, WORD_MAX, "%u.%u.%u.%u", ip >> 24,
		    ip >> 16 & 255, ip >> 8 & 255, ip & 255);
		return prefixes4[half % 4];
	}
	snprintf(block, WORD_MAX, "2a%02x:%x:%x::%x", (unsigned)half % 64,
	    (unsigned)half & 0xffff, (unsigned)half * 31 % 65535 + off, 0u);
	return prefixes6[half % 3];
}

struct files {
	char	folder[64];
	char	domains[96];
	char	blocks[96];
};

static void
files_write(struct files *files)
{
	char word[WORD_MAX];
	FILE *domains, *blocks;

	snprintf(files->folder, sizeof(files->folder), "/tmp/inside.XXXXXX");
	if (mkdtemp(files->folder) == NULL)
		inside_fail("cannot make a folder");
	snprintf(files->domains, sizeof(files->domains), "%s/domains",
	    files->folder);
	snprintf(files->blocks, sizeof(files->blocks), "%s/blocks",
	    files->folder);
	domains = fopen(files->domains, "w");
	blocks = fopen(files->blocks, "w");
	if (domains == NULL || blocks == NULL)
		inside_fail("cannot write in %s", files->folder);
	for (size_t n = 0; n < DOMAINS; n++) {
		domain_write(word, n);
		fprintf(domains, ".%s\n", word);
	}
	for (size_t n = 0; n < BLOCKS; n++) {
		unsigned prefix = block_write(word, n, 0);

		fprintf(blocks, "%s/%u\n", word, prefix);
	}
	fclose(domains);
	fclose(blocks);
}

static void
files_remove(const struct files *files)
{
	unlink(files->domains);
	unlink(files->blocks);
	rmdir(files->folder);
}

/* A line of /proc/self/status, in MiB. */
static double
memory_mib(const char *key)
{
	FILE *status = fopen("/proc/self/status", "r");
	char line[200];
	double kib = 0;

	if (status == NULL)
		inside_fail("no /proc");
	while (fgets(line, sizeof(line), status) != NULL)
		if (strncmp(line, key, strlen(key)) == 0)
			kib = strtod(line + strlen(key), NULL);
	fclose(status);
	return kib / 1024;
}

/* The peak begins anew. */
static void
memory_forget_peak(void)
{
	FILE *refs = fopen("/proc/self/clear_refs", "w");

	if (refs != NULL) {
		fputs("5", refs);
		fclose(refs);
	}
}

static struct snapshot *
load(const char *text, double *wall, double *cpu)
{
	struct snapshot *snapshot;

	*wall = inside_wall_seconds();
	*cpu = inside_cpu_seconds();
	snapshot = inside_load(text);
	*wall = inside_wall_seconds() - *wall;
	*cpu = inside_cpu_seconds() - *cpu;
	return snapshot;
}

/* The first load tells of memory, the median of all of time. */
static struct snapshot *
load_all(struct inside *inside, const char *text)
{
	double before, wall[LOADS], cpu[LOADS];
	struct snapshot *snapshot = NULL;

	memory_forget_peak();
	before = memory_mib("VmRSS:");
	for (int n = 0; n < (inside->instructions ? 1 : LOADS); n++) {
		if (snapshot != NULL)
			snapshot_put(snapshot);
		snapshot = load(text, &wall[n], &cpu[n]);
		if (n > 0 || inside->instructions)
			continue;
		inside_figure(inside, "rss_mib", memory_mib("VmRSS:") - before);
		inside_figure(inside, "peak_mib",
		    memory_mib("VmHWM:") - before);
	}
	if (!inside->instructions) {
		inside_figure(inside, "load_seconds",
		    inside_median(wall, LOADS));
		inside_figure(inside, "load_cpu_seconds",
		    inside_median(cpu, LOADS));
	}
	return snapshot;
}

/* The list that a policy asks. */
static const struct matcher *
list_of(const struct snapshot *snapshot, size_t policy)
{
	const struct clause *when =
	    &plan_at(snapshot_rules(snapshot)->plan, policy)->when;

	return when->groups[0].conditions[0].patterns[0].list->matcher;
}

/*
 * Values to look up, in random order: each is where the processor expects the
 * next, as a value that a mail has just brought is; what it leads to is not.
 */
struct lookups {
	const struct matcher	*matcher;
	uint32_t		*order;
	struct operand		*operands;
	char			(*texts)[WORD_MAX + 10];
	size_t			 found;
};

static void
lookups_run(void *arg, size_t count)
{
	struct lookups *lookups = arg;
	uint32_t number;

	lookups->found = 0;
	for (size_t i = 0; i < count; i++)
		lookups->found += matcher_match(lookups->matcher,
		    &lookups->operands[i], &number) == TRUTH_YES;
}

static void
make_name(struct lookups *lookups, size_t n, enum subject subject, bool hit)
{
	char domain[WORD_MAX];

	domain_write(domain, (hit ? 0 : DOMAINS) + lookups->order[n]);
	snprintf(lookups->texts[n], sizeof(lookups->texts[n]), "%s%s",
	    subject == SUBJECT_ADDRESS ? "ann.lee@" : "mail.", domain);
	lookups->operands[n] = (struct operand){
		.subject = subject,
		.text = lookups->texts[n],
		.len = strlen(lookups->texts[n]),
	};
}

static void
make_ip(struct lookups *lookups, size_t n, bool hit)
{
	char address[WORD_MAX];

	block_write(address, lookups->order[n] % BLOCKS, hit ? 0 : 1);
	lookups->operands[n] = (struct operand){
		.subject = SUBJECT_IP, .text = "",
	};
	if (ip_parse(&lookups->operands[n].ip, address) == -1)
		inside_fail("no address: %s", address);
}

static void
look_up(struct inside *inside, const char *name, struct lookups *lookups,
    enum subject subject, bool hit)
{
	size_t count = inside->instructions ? LOOKUPS / 10 : LOOKUPS;

	if (!inside_wants(inside, name))
		return;
	for (size_t n = 0; n < LOOKUPS; n++)
		if (subject == SUBJECT_IP)
			make_ip(lookups, n, hit);
		else
			make_name(lookups, n, subject, hit);
	inside_measure(inside, name, lookups_run, lookups, count);
	if (lookups->found != (hit ? count : 0))
		inside_fail("%s: %zu of %zu found", name, lookups->found,
		    count);
}

/*
 * What one read of memory takes that no cache has: places all over as many
 * bytes as the texts of the list have, each known only when the one before is.
 */
struct memory {
	unsigned char	*bytes;
	unsigned char	 last;
};

#define MEMORY_BYTES	((size_t)32 * 1024 * 1024)

static void
memory_read(void *arg, size_t count)
{
	struct memory *memory = arg;
	struct lot lot = LOT_INIT;

	for (size_t i = 0; i < count; i++) {
		lot.state += memory->last;
		memory->last = memory->bytes[lot_below(&lot, MEMORY_BYTES)];
	}
}

static void
measure_memory(struct inside *inside)
{
	struct memory memory = { .bytes = malloc(MEMORY_BYTES) };

	if (memory.bytes == NULL)
		inside_fail("out of memory");
	memset(memory.bytes, 1, MEMORY_BYTES);
	inside_measure(inside, "memory", memory_read, &memory, LOOKUPS);
	free(memory.bytes);
}

static void
lookups_init(struct lookups *lookups)
{
	struct lot lot = LOT_INIT;

	lookups->order = calloc(LOOKUPS, sizeof(*lookups->order));
	lookups->operands = calloc(LOOKUPS, sizeof(*lookups->operands));
	lookups->texts = calloc(LOOKUPS, sizeof(*lookups->texts));
	if (lookups->order == NULL || lookups->operands == NULL ||
	    lookups->texts == NULL)
		inside_fail("out of memory");
	for (uint32_t n = 0; n < LOOKUPS; n++)
		lookups->order[n] = n;
	lot_shuffle(&lot, lookups->order, LOOKUPS, sizeof(*lookups->order));
}

static void
lookups_release(struct lookups *lookups)
{
	free(lookups->order);
	free(lookups->operands);
	free(lookups->texts);
}

void
inside_lists(struct inside *inside)
{
	struct strbuf text = STRBUF_INIT;
	struct snapshot *snapshot;
	struct lookups lookups;
	struct files files;

	files_write(&files);
	strbuf_addf(&text, "lists: { domains = { file = \"%s\"; }; "
	    "blocks = { file = \"%s\"; }; };\npolicies: (\n"
	    "{ name = \"d\"; when = { sender_domain = \"@domains\"; }; "
	    "reject = \"sender-refused\"; },\n"
	    "{ name = \"b\"; when = { client_ip = \"@blocks\"; }; "
	    "reject = \"client-refused\"; } );\n", files.domains,
	    files.blocks);
	snapshot = load_all(inside, text.text);
	files_remove(&files);
	lookups_init(&lookups);
	lookups.matcher = list_of(snapshot, 0);
	look_up(inside, "host_hit", &lookups, SUBJECT_HOST, true);
	look_up(inside, "host_miss", &lookups, SUBJECT_HOST, false);
	look_up(inside, "address_hit", &lookups, SUBJECT_ADDRESS, true);
	look_up(inside, "address_miss", &lookups, SUBJECT_ADDRESS, false);
	lookups.matcher = list_of(snapshot, 1);
	look_up(inside, "ip_hit", &lookups, SUBJECT_IP, true);
	look_up(inside, "ip_miss", &lookups, SUBJECT_IP, false);
	lookups_release(&lookups);
	measure_memory(inside);
	snapshot_put(snapshot);
	strbuf_release(&text);
}
