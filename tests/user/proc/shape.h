/* SPDX-License-Identifier: MIT */
/*
 * shape.h - print the shape of a procfs file: its words and punctuation, not its numbers.
 *
 * shape() replaces each run of decimal digits by N and each run of blanks by one blank, so that columns
 * may move with the size of the numbers.
 */
#ifndef TESTS_USER_PROC_SHAPE_H
#define TESTS_USER_PROC_SHAPE_H

#include "../harness.h"
#include <ctype.h>
#include <dirent.h>

HARNESS_UNUSED static const char *shape(const char *line, size_t size)
{
	static char text[4096];
	char *p = text;

	for (size_t i = 0; i < size && p < text + sizeof(text) - 2;) {
		if (isdigit((unsigned char)line[i])) {
			while (i < size && isdigit((unsigned char)line[i]))
				i++;
			*p++ = 'N';
		} else if (line[i] == ' ' || line[i] == '\t') {
			int tab = 0;

			while (i < size && (line[i] == ' ' || line[i] == '\t'))
				tab |= line[i++] == '\t';
			*p++ = tab ? '>' : ' ';
		} else {
			*p++ = line[i++];
		}
	}
	*p = 0;
	return text;
}

/* Call SHOW for each line of a file. */
HARNESS_UNUSED static void each_line(const char *path, void (*show)(const char *line, size_t size))
{
	char *text = strdup(get_file(path));

	for (char *line = text, *end; *line; line = end) {
		end = strchrnul(line, '\n');
		show(line, end - line);
		if (*end)
			end++;
	}
	free(text);
}

HARNESS_UNUSED static void note_shape(const char *line, size_t size)
{
	note("%s", shape(line, size));
}

/* The value of "Name:" in a file of such lines; "" if there is none. */
HARNESS_UNUSED static const char *field(const char *path, const char *name)
{
	static char value[1024];
	char *text = strdup(get_file(path)), *at = text;
	size_t length = strlen(name);

	value[0] = 0;
	while (at) {
		if (strncmp(at, name, length) == 0 && at[length] == ':') {
			at += length + 1;
			at += strspn(at, " \t");
			snprintf(value, sizeof(value), "%.*s", (int)strcspn(at, "\n"), at);
			break;
		}
		at = strchr(at, '\n');
		if (at)
			at++;
	}
	free(text);
	return value;
}

#endif /* TESTS_USER_PROC_SHAPE_H */
