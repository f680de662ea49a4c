# Makes C tables of etc/recognise/ORIGIN.conf:
#
#	awk -f compile.awk -v want=meanings REASONS VARIABLES FILE.conf ...
#	awk -f compile.awk -v want=cases REASONS VARIABLES FILE.conf ...
#
# REASONS is include/reply/reasons.def, VARIABLES include/reply/variable.def:
# what a row may name.  A row of a table is
#
#	MEANING(origin, pattern, reason, doubtful)
#	CASE(origin, line, words, reason)
#
# The files are a part of libconfig's language: `recognise = ( {...}, ... );'.
# Every mistake is reported as FILE:LINE: error: TEXT, then the exit is 1.

BEGIN {
	for (byte = 1; byte < 256; byte++)
		octal[sprintf("%c", byte)] = sprintf("\\%03o", byte)
	for (digit = 0; digit < 16; digit++)
		hex[substr("0123456789abcdef", digit + 1, 1)] = digit
}

FNR == 1 {
	input++
	if (input > 2) {
		finish()
		file = FILENAME
		text = ""
	}
}

input == 1 && match($0, /^REASON\("[a-z0-9-]+"/) {
	reasons[substr($0, 9, RLENGTH - 9)] = 1
	next
}

input == 2 && match($0, /^VARIABLE\([A-Z_]+, "[a-z_]+"/) {
	name = substr($0, 1, RLENGTH - 1)
	sub(/^.*"/, "", name)
	variables[name] = 1
	next
}

input > 2 { text = text $0 "\n" }

END {
	finish()
	exit failed
}

function wrong(where, why) {
	printf "%s:%d: error: %s\n", file, where, why | "cat 1>&2"
	failed = 1
}

# The next token: kind is "name", "string", a character, or "" at the end.
# A line is cut off in front as soon as nothing of it is left, so that files
# of any length are read in linear time.
function token(  c, n) {
	for (;;) {
		while (rest == "" && line_at < line_count)
			rest = lines[++line_at] "\n"
		if (rest == "") {
			kind = ""
			return
		}
		if (match(rest, /^[ \t\r\n]+/)) {
			rest = substr(rest, RLENGTH + 1)
			continue
		}
		if (rest ~ /^(#|\/\/)/) {
			rest = ""
			continue
		}
		if (substr(rest, 1, 2) == "/*") {
			comment()
			continue
		}
		break
	}
	token_line = line_at
	if (match(rest, /^[A-Za-z*][A-Za-z0-9_*-]*/)) {
		kind = "name"
		value = substr(rest, 1, RLENGTH)
		rest = substr(rest, RLENGTH + 1)
		return
	}
	c = substr(rest, 1, 1)
	rest = substr(rest, 2)
	kind = c
	value = c
	if (c == "\"")
		string()
}

function comment(  n) {
	while ((n = index(rest, "*/")) == 0) {
		if (line_at == line_count) {
			wrong(line_at, "a comment has no end")
			rest = ""
			return
		}
		rest = lines[++line_at] "\n"
	}
	rest = substr(rest, n + 2)
}

# Behind the opening quote.  A line may end within a string.
function string(  c, n) {
	kind = "string"
	value = ""
	for (;;) {
		if (rest == "") {
			if (line_at == line_count) {
				wrong(token_line, "a string has no end")
				return
			}
			rest = lines[++line_at] "\n"
		}
		if (match(rest, /^[^"\\]+/)) {
			value = value substr(rest, 1, RLENGTH)
			rest = substr(rest, RLENGTH + 1)
			continue
		}
		c = substr(rest, 1, 1)
		n = substr(rest, 2, 1)
		if (c == "\"") {
			rest = substr(rest, 2)
			return
		}
		rest = substr(rest, 3)
		if (n == "n")
			value = value "\n"
		else if (n == "r")
			value = value "\r"
		else if (n == "t")
			value = value "\t"
		else if (n == "f")
			value = value "\f"
		else if (n == "\"" || n == "\\")
			value = value n
		else if (n == "x" && rest ~ /^[0-9A-Fa-f][0-9A-Fa-f]/) {
			n = tolower(substr(rest, 1, 2))
			value = value sprintf("%c", \
			    hex[substr(n, 1, 1)] * 16 + hex[substr(n, 2, 1)])
			rest = substr(rest, 3)
		} else
			wrong(line_at, "\"\\" n "\" is no escape of libconfig")
	}
}

# One string, or several behind one another, which are one.  Returns 1 where
# there is one; the text is in joined, its line in joined_line.
function string_read() {
	if (kind != "string")
		return 0
	joined = ""
	joined_line = token_line
	while (kind == "string") {
		joined = joined value
		token()
	}
	return 1
}

function expect(what) {
	if (kind != what) {
		wrong(token_line, "\"" what "\" is expected before \"" value \
		    "\"")
		return 0
	}
	token()
	return 1
}

# A string, or [ strings ]: texts[1..], text_lines[1..]; the count.
function strings_read(texts, text_lines,  count) {
	count = 0
	if (string_read()) {
		texts[++count] = joined
		text_lines[count] = joined_line
		return count
	}
	if (!expect("["))
		return 0
	while (string_read()) {
		texts[++count] = joined
		text_lines[count] = joined_line
		if (kind == ",")
			token()
		else if (kind != "]")
			break
	}
	if (!expect("]"))
		return 0
	if (count == 0)
		wrong(token_line, "the list is empty")
	return count
}

function quote(what,  out, c, n, i) {
	n = length(what)
	out = ""
	for (i = 1; i <= n; i++) {
		c = substr(what, i, 1)
		out = out (c ~ /[A-Za-z0-9 .,;:*@<>()+=\/#_-]/ ? c : octal[c])
	}
	return "\"" out "\""
}

# What cue_compile() would refuse.
function pattern_check(pattern, where,  left, name, longest, part, parts, i) {
	longest = 0
	left = pattern
	gsub(/\{\{|\}\}/, "x", left)
	while (match(left, /\{[^{}]*\}/)) {
		name = substr(left, RSTART + 1, RLENGTH - 2)
		if (!(name in variables))
			wrong(where, "unknown variable \"" name "\"")
		left = substr(left, 1, RSTART - 1) "*" \
		    substr(left, RSTART + RLENGTH)
	}
	if (left ~ /[{}]/)
		wrong(where, "a brace is open; {{ is the character itself")
	parts = split(left, part, /[*?]/)
	for (i = 1; i <= parts; i++)
		if (length(part[i]) > longest)
			longest = length(part[i])
	if (longest < 4)
		wrong(where, "there are no 4 plain characters in a row in \"" \
		    pattern "\"")
	if (pattern ~ /[^ -~]/ || pattern ~ /  /)
		wrong(where, "\"" pattern "\" never matches: replies are " \
		    "read as printable ASCII with single blanks")
	if (length(pattern) > 500)
		wrong(where, "the pattern has more than 500 characters")
	if ((file, pattern) in seen)
		wrong(where, "the same pattern stands in line " \
		    seen[file, pattern])
	seen[file, pattern] = where
}

function setting_read(  name, i) {
	name = value
	set_line = token_line
	if (kind != "name" || (name != "reply" && name != "reason" && \
	    name != "sure" && name != "cases")) {
		wrong(token_line, "\"" value "\" is no setting; write reply, " \
		    "reason, sure or cases")
		return 0
	}
	if (name in said)
		wrong(token_line, name " is said twice")
	said[name] = 1
	token()
	if (kind != "=" && kind != ":") {
		wrong(token_line, "\"=\" is expected before \"" value "\"")
		return 0
	}
	token()
	if (name == "reply")
		return (replies = strings_read(reply, reply_line)) > 0
	if (name == "cases")
		return (cases = strings_read(kase, kase_line)) > 0
	if (!string_read()) {
		wrong(token_line, name " must be a string")
		return 0
	}
	if (name == "reason") {
		reason = joined
		if (reason != "unclear" && !(reason in reasons))
			wrong(joined_line, "unknown reason \"" reason "\"")
	} else {
		sure = joined
		if (sure != "low" && sure != "high")
			wrong(joined_line, "sure must be \"low\" or \"high\"")
	}
	return 1
}

function row_write(  i) {
	if (want == "meanings")
		for (i = 1; i <= replies; i++)
			printf "MEANING(\"%s\", %s, \"%s\", %s)\n", origin, \
			    quote(reply[i]), reason, \
			    sure == "low" ? "true" : "false"
	else
		for (i = 1; i <= cases; i++)
			printf "CASE(\"%s\", %d, %s, \"%s\")\n", origin, \
			    kase_line[i], quote(kase[i]), reason
}

# Behind the "{".
function row_read(  where, name, i) {
	where = token_line
	split("", said)
	replies = cases = 0
	reason = ""
	sure = "high"
	while (kind != "}") {
		if (!setting_read())
			return 0
		if (kind == ";" || kind == ",")
			token()
		else if (kind != "}") {
			wrong(token_line, "\";\" is expected before \"" \
			    value "\"")
			return 0
		}
	}
	token()
	if (!("reply" in said) || !("reason" in said) || !("cases" in said)) {
		wrong(where, "a row has reply, reason and cases")
		return 1
	}
	for (i = 1; i <= replies; i++)
		pattern_check(reply[i], reply_line[i])
	row_write()
	return 1
}

function file_read() {
	token()
	if (kind != "name" || value != "recognise") {
		wrong(token_line, "`recognise = ( ... );' is expected")
		return
	}
	token()
	if (kind != "=" && kind != ":") {
		wrong(token_line, "\"=\" is expected before \"" value "\"")
		return
	}
	token()
	if (!expect("("))
		return
	while (kind == "{") {
		token()
		if (!row_read())
			return
		if (kind == ",")
			token()
	}
	if (!expect(")"))
		return
	if (kind == ";")
		token()
	if (kind != "")
		wrong(token_line, "nothing may stand behind the list")
}

# Reads the file that text holds, once all of it is there.
function finish() {
	if (file == "")
		return
	origin = file
	sub(/^.*\//, "", origin)
	sub(/\.conf$/, "", origin)
	line_count = split(text, lines, "\n")
	if (line_count > 0 && lines[line_count] == "")
		line_count--
	line_at = 0
	token_line = 1
	rest = ""
	value = ""
	file_read()
	file = ""
}
