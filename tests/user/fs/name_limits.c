/* SPDX-License-Identifier: MIT */
/* ENAMETOOLONG: 255 bytes a name, 4095 a path. */
#include "harness.h"

static char name[5000];

static const char *of_length(size_t n)
{
	memset(name, 'n', n);
	name[n] = 0;
	return name;
}

TEST(names, two_hundred_and_fifty_five_bytes)
{
	SHOW(mkdir(of_length(255), 0755) == 0);
	SHOW(rmdir(of_length(255)) == 0);
	note("256: %s", RESULT(mkdir(of_length(256), 0755)));
	note("open: %s", RESULT(open(of_length(256), O_RDONLY)));
	note("open create: %s", RESULT(open(of_length(256), O_CREAT | O_WRONLY, 0644)));
	note("stat: %s", RESULT(access(of_length(256), F_OK)));
	note("unlink: %s", RESULT(unlink(of_length(256))));
	note("symlink: %s", RESULT(symlink("x", of_length(256))));
	note("rename: %s", RESULT(rename(of_length(256), "x")));
	note("middle: %s", RESULT(({ of_length(256); strcat(name, "/x"); access(name, F_OK); })));
}

TEST(names, four_thousand_and_ninety_five_bytes)
{
	char *p = name;

	for (int i = 0; i < 2047; i++) {
		*p++ = '.';
		*p++ = '/';
	}
	*p++ = '.';
	*p = 0;
	note("%zu bytes: %s", strlen(name), RESULT(access(name, F_OK)));
	*p++ = '/';
	*p = 0;
	note("%zu bytes: %s", strlen(name), RESULT(access(name, F_OK)));
	of_length(4999);
	note("a long name alone: %s", RESULT(access(name, F_OK)));
	memset(name, '/', 4095);
	name[4095] = 0;
	note("4095 slashes: %s", RESULT(access(name, F_OK)));
}

TEST(names, any_byte_but_slash_and_nul_is_a_name)
{
	char odd[2] = "";
	int bad = 0;

	for (int c = 1; c < 256; c++) {
		odd[0] = c;
		if (c == '/' || c == '.')
			continue;
		bad += mkdir(odd, 0755) != 0 || access(odd, F_OK) != 0 || rmdir(odd) != 0;
	}
	note("bad %d", bad);
	SHOW(mkdir("...", 0755));
	SHOW(mkdir(" ", 0755));
	SHOW(mkdir("A", 0755));
	SHOW(mkdir("a", 0755));
	SHOW(mkdir("\xc3\xa9", 0755));
	SHOW(mkdir("e\xcc\x81", 0755));
}
