/*
 * schema - the table of all settings, and what is done by it.
 *
 * The rows of schema.def read a configuration, check it, print it and write
 * its documentation, so that these cannot disagree.  Pure; safe from any
 * thread.
 */
#ifndef CONFIG_SCHEMA_H
#define CONFIG_SCHEMA_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct diag;
struct node;
struct strbuf;

/* The kinds of groups; the keys of each are the rows with its name. */
enum section {
	SECTION_ROOT,
	SECTION_DAEMON,
	SECTION_SITE,
	SECTION_REASON,
	SECTION_TEMPORARY,
	SECTION_LIST,
	SECTION_POLICY,
	SECTION_MILTER,
	SECTION_RECOGNISE,
	SECTION_EXPECT,
	SECTION_COUNT
};

/* What a value looks like, and what becomes of it. */
enum type {
	TYPE_TEXT,		/* const char * */
	TYPE_NAME,		/* the same, not empty and printable */
	TYPE_HOST,		/* the same, a host's name */
	TYPE_SOCKET,		/* the same, in libmilter's form; or ""
				   where that is the default */
	TYPE_WORD,		/* the same, one of the choices */
	TYPE_CHOICE,		/* an enum */
	TYPE_SWITCH,		/* bool */
	TYPE_ONLY_TRUE,		/* bool, of which false makes no sense */
	TYPE_NUMBER,		/* uint64_t */
	TYPE_SIZE,		/* uint64_t, "64M" */
	TYPE_OCTAL,		/* uint64_t, "0660" */
	TYPE_WORDS,		/* struct words */
	TYPE_TEXTS,		/* the same, or one text alone */
	TYPE_GROUP,		/* const struct node *: { ... } */
	TYPE_NAMED,		/* the same: { NAME = ...; ... } */
	TYPE_CLAUSE,		/* the same: { ... } or ( { ... }, ... ) */
	TYPE_ROWS		/* the same: ( { ... }, ... ) */
};

/* When a change of the file is taken note of. */
enum taken { TAKEN_LIVE, TAKEN_START };

struct setting {
	enum section	 section;
	const char	*key;
	enum type	 type;
	uint64_t	 min, max;
	const char	*unit;		/* "seconds"; "" for none */
	const char	*(*choice)(unsigned n);	/* NULL behind the last */
	size_t		 offset;	/* in the struct of the section */
	enum taken	 taken;
	const char	*standard;
	const char	*example;
	const char	*help;
};

size_t			 setting_count(void);
const struct setting	*setting_at(size_t n);
/* "daemon", "a policy", ...; "" for the root. */
const char		*section_name(enum section section);

/* All defaults, as if they had been written: a group for each section. */
const struct node	*schema_defaults(struct arena *arena);
/* The value of a key of group, else its default; NULL where there is none. */
const struct node	*schema_value(const struct setting *setting,
			    const struct node *group,
			    const struct node *defaults);

/*
 * Reads a group (NULL: all defaults) into the struct of its section.  What is
 * not said and has no default stays as it was.  Every problem goes to diag at
 * its place.
 */
void			 schema_read(enum section section, void *into,
			    const struct node *group,
			    const struct node *defaults, struct arena *arena,
			    struct diag *diag);

/*
 * Adds the names of the settings that differ in two structs of a section and
 * of which only a start takes note: "daemon.user, daemon.log".
 */
void			 schema_restart(enum section section,
			    const void *before, const void *after,
			    struct strbuf *names);

#endif
