# SPDX-License-Identifier: MIT
# table.awk SYSCALLS.DEF ARCH/SYSCALLS.TBL: a C table of every implemented number with the kinds of its arguments, guessed from
# their types and names. What the kinds mean is in fuzz.c.
function kind(a,	n, t) {
	n = a
	sub(/^.*[ *]/, "", n)
	if (a ~ /iovec __user/) return "IOV"
	if (a ~ /char __user \*/ && n ~ /path|name|target|old|new|dir|type|put_old|source|key/) return "PATH"
	if (a ~ /__user/) return "PTR"
	if (n ~ /^(fd|dfd|olddfd|newdfd|in_fd|out_fd|fd_in|fd_out|fdin|fdout|epfd|oldfd|newfd|dirfd|sockfd|pidfd|mqdes|dfd1|dfd2|from_dfd|to_dfd|fs_fd|first|last|wd)$/) return "FD"
	if (a ~ /pid_t/ || n ~ /^(pid|tgid|tid|who|upid)$/) return "PID"
	if (n ~ /^(sig|signum|signal)$/) return "SIG"
	if (n ~ /^(addr|start|brk|old_addr|new_addr|vaddr|arg)$/ && a ~ /long|uint64/) return "ADDR"
	if (a ~ /size_t/ || n ~ /len|count|size|vlen|nr$|cnt|length|segs/) return "LEN"
	if (n ~ /flags|mode|prot|mask|advice|option|cmd|op|what/) return "FLAGS"
	return "INT"
}
/^#/ || NF == 0 { next }
FILENAME ~ /\.def$/ {
	name = $1
	args = $0
	sub(/^[^(]*\(/, "", args)
	sub(/\)[^)]*$/, "", args)
	proto[name] = args
	next
}
$3 == "impl" || $3 == "partial" {
	name = $2
	handler = name
	if (split(name, part, "=") == 2) {
		name = part[1]
		handler = part[2]
	}
	if (!(handler in proto)) {
		printf "table.awk: no prototype of %s\n", handler >"/dev/stderr"
		exit 1
	}
	n = split(proto[handler], a, ",")
	row = ""
	for (i = 1; i <= n && n > 0; i++)
		if (a[i] ~ /[a-z]/)
			row = row (row == "" ? "" : ", ") kind(a[i])
	printf "\t{ %d, \"%s\", { %s } },\n", $1, name, row
}
