# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
# compare.sh - what a contract test must print: sourced by run.sh and contracts.sh. $here is tests/user, $top the tree.

# expected_of ARCH NAME: the file that holds for the architecture, whether it is there or not.
expected_of() {
	if [ -e "$here/expected/$1/$2.txt" ]; then
		echo "$here/expected/$1/$2.txt"
	else
		echo "$here/expected/$2.txt"
	fi
}

# judge_output ARCH NAME GOT OURS DIFF: compare the output in GOT; OURS is 1 on our kernel. Prints
#	ok	as expected
#	known	differs as tests/known-divergences says it does
#	passes	as expected, although listed there
#	differs	and the difference is in DIFF
judge_output() {
	judge_listed=0
	if [ "$4" = 1 ] && grep -q "^$2[[:space:]]" "$top/tests/known-divergences" 2> /dev/null; then
		judge_listed=1
	fi
	judge_expected=$(expected_of "$1" "$2")
	if [ ! -e "$judge_expected" ]; then
		echo "no expected output: run tests/user/record.sh --update" > "$5"
		echo differs
	elif diff -u "$judge_expected" "$3" > "$5"; then
		if [ $judge_listed = 1 ]; then echo passes; else echo ok; fi
	elif [ $judge_listed = 1 ] &&
	     { [ ! -e "$here/diverging/$2.txt" ] || diff -u "$here/diverging/$2.txt" "$3" > "$5"; }; then
		echo known
	else
		echo differs
	fi
}
