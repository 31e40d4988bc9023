# SPDX-License-Identifier: MIT
#
# System calls, written once: kernel/syscall/syscalls.def has each prototype, arch/*/syscalls.tbl
# has the numbers.
#
#	awk -v out=protos|table|docs -f gen_syscalls.awk syscalls.def ARCH/syscalls.tbl...
#
#	protos	C prototypes of the handlers
#	table	typed thunks and the table that the dispatcher indexes
#	docs	docs/SYSCALLS.md, one column for each table given
#
# A thunk converts each argument register to the type of the parameter, so the upper half of a
# register that carries an int is never trusted.
#
# The first table given is the one that `protos' and `table' are made for; the others only say which prototypes are in use.
#
# Fails on: rows out of order or twice, an unknown state, a call without a prototype, and a
# prototype that no table uses.

function die(msg) {
	printf "%s:%d: %s\n", FILENAME, FNR, msg >"/dev/stderr"
	bad = 1
	exit 1
}

function trim(s) {
	sub(/^[ \t]+/, "", s)
	sub(/[ \t]+$/, "", s)
	return s
}

# "const char __user *path" -> "const char __user *"
function type_of(p) {
	p = trim(p)
	sub(/[A-Za-z_][A-Za-z0-9_]*$/, "", p)
	return trim(p)
}

# The letter that the recorder shows an argument by (SYSCALL_ARG_* of kernel/syscall.h); @next: the parameter after it.
function kind_of(p, next_p,    name, user) {
	p = trim(p)
	name = p
	sub(/.*[^A-Za-z0-9_]/, "", name)
	user = p ~ /__user \*/
	if (p ~ /^(const )?(char|void) __user \*[a-z]/ && p !~ /__user.*__user/) {
		if (next_p !~ /size_t/)
			return p ~ /^const char/ ? "s" : "p"
		return p ~ /^const/ ? "i" : "b"
	}
	if (user)
		return "p"
	if (p ~ /^umode_t/)
		return "o"
	if (name ~ /^(fd|dfd|.*_?fd|fd_.*)$/)
		return "f"
	if (name ~ /flags|mask|prot|addr|arg$|clone/ || p ~ /^unsigned long/)
		return "x"
	return "d"
}

function kinds_of(args,    n, i, p, s) {
	n = split(args, p, ",")
	s = ""
	for (i = 1; i <= n; i++)
		s = s kind_of(p[i], i < n ? p[i + 1] : "")
	return s
}

FNR == 1 { nfile++ }
FNR == 1 && nfile > 1 {
	arch = FILENAME
	sub(/\/[^\/]*$/, "", arch)
	sub(/.*\//, "", arch)
	arches[++narch] = arch
	last = -1
}
{ sub(/(^|[ \t])#.*/, ""); $0 = trim($0) }
/^$/ { next }

nfile == 1 {
	if (!match($0, /^[a-z_0-9]+[ \t]*\(.*\)$/))
		die("not `name (type arg, ...)': " $0)
	name = $0
	sub(/[ \t]*\(.*/, "", name)
	args = $0
	sub(/^[^(]*\(/, "", args)
	sub(/\)$/, "", args)
	if (name in proto)
		die(name ": prototype given twice")
	proto[name] = trim(args)
	order[++nproto] = name
	line[name] = FNR
	next
}

{
	nr = $1
	name = $2
	state = $3
	if (nr !~ /^[0-9]+$/)
		die("a row is `nr name state note'")
	nr += 0
	if (nr <= last)
		die(nr " " name ": rows must ascend, each number once")
	last = nr
	handler = name
	if (name ~ /=/) {
		handler = name
		sub(/.*=/, "", handler)
		sub(/=.*/, "", name)
	}
	if ((arch, name) in number)
		die(name ": named twice")
	if (state != "impl" && state != "enosys")
		die(name ": state is impl or enosys, not " state)
	if (state == "impl" && !(handler in proto))
		die(name ": no prototype of " handler " in syscalls.def")
	if (handler in proto)
		used[handler] = 1
	note = $0
	sub(/^[^ \t]+[ \t]+[^ \t]+[ \t]+[^ \t]+[ \t]*/, "", note)
	number[arch, name] = nr
	states[arch, name] = state
	if (note != "")
		notes[name] = note
	if (!(name in known)) {
		known[name] = 1
		rows[++nrows] = name
	}
	if (narch == 1) {
		at[nr] = name
		via[nr] = handler
		max = nr
	}
}

function emit_protos(    i, n, j, words, w, tags, s) {
	print "/* Made by tools/gen_syscalls.awk from kernel/syscall/syscalls.def. */"
	print "#pragma once\n\n#include <kernel/types.h>\n"
	for (i = 1; i <= nproto; i++) {
		s = proto[order[i]]
		while (match(s, /(struct|union) [a-z_0-9A-Z]+/)) {
			w = substr(s, RSTART, RLENGTH)
			if (!(w in tags))
				print w ";"
			tags[w] = 1
			s = substr(s, RSTART + RLENGTH)
		}
	}
	if (max >= 512) {
		print "gen_syscalls.awk: numbers reach 512: make the table larger, here and in the entry code" >"/dev/stderr"
		exit 1
	}
	print "\n/* Rows without a handler, and those after the last number, lead to sys_ni. */"
	print "#define NR_SYSCALLS 512\n"
	for (i = 1; i <= nproto; i++)
		printf "long sys_%s(%s);\n", order[i], (proto[order[i]] == "" ? "void" : proto[order[i]])
}

function emit_table(    nr, h, n, i, p, done) {
	print "/* Made by tools/gen_syscalls.awk from kernel/syscall/syscalls.def and the table of the architecture. */"
	print "#include <kernel/syscall.h>\n"
	for (nr = 0; nr <= max; nr++) {
		if (!(nr in at) || states[arches[1], at[nr]] != "impl" || via[nr] in done)
			continue
		h = via[nr]
		done[h] = 1
		printf "static long thunk_%s(const unsigned long *a)\n{\n", h
		n = split(proto[h], p, ",")
		nargs[h] = n
		if (n == 0)
			print "\t(void)a;"
		printf "\treturn sys_%s(", h
		for (i = 1; i <= n; i++)
			printf "%s(%s)a[%d]", (i > 1 ? ", " : ""), type_of(p[i]), i - 1
		print ");\n}\n"
	}
	print "const struct syscall_desc syscall_table[NR_SYSCALLS] = {"
	for (nr = 0; nr < 512; nr++) {
		if (!(nr in at))
			printf "\t[%d] = { .fn = sys_ni },\n", nr
		else if (states[arches[1], at[nr]] == "impl")
			printf "\t[%d] = { thunk_%s, \"%s\", %d, \"%s\" },\n", nr, via[nr], at[nr], nargs[via[nr]], kinds_of(proto[via[nr]])
		else
			printf "\t[%d] = { sys_ni, \"%s\", %d, \"%s\" },\n", nr, at[nr], split(proto[via[nr]], p, ","), kinds_of(proto[via[nr]])
	}
	print "};"
}

function emit_docs(    i, j, name, total, have) {
	print "# System calls\n"
	print "Made by `make docs`; do not edit. A call that is not implemented answers ENOSYS.\n"
	printf "| call |"
	for (j = 1; j <= narch; j++)
		printf " %s |", arches[j]
	print " state | note |"
	printf "|---|"
	for (j = 1; j <= narch; j++)
		printf "---|"
	print "---|---|"
	for (i = 1; i <= nrows; i++) {
		name = rows[i]
		st = ""
		printf "| %s |", name
		for (j = 1; j <= narch; j++) {
			if ((arches[j], name) in number) {
				printf " %d |", number[arches[j], name]
				st = states[arches[j], name]
			} else
				printf " - |"
		}
		total++
		have += st == "impl"
		printf " %s | %s |\n", st == "impl" ? "implemented" : "ENOSYS", notes[name]
	}
	printf "\n%d calls, %d implemented.\n", total, have
}

END {
	if (bad)
		exit 1
	for (i = 1; i <= nproto; i++)
		if (!(order[i] in used)) {
			printf "syscalls.def:%d: %s: no table uses this prototype\n", line[order[i]], order[i] >"/dev/stderr"
			bad = 1
		}
	if (bad)
		exit 1
	if (out == "protos")
		emit_protos()
	else if (out == "table")
		emit_table()
	else
		emit_docs()
}
