/* SPDX-License-Identifier: Apache-2.0 */
/* Runs in the broker at start and at reload, as root; keeps text only. */
#include "broker/config_error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/str.h"

enum { SHOWN_MAX = 80 }; /* of a wrong string */

void config_errors_done(struct config_errors *errors)
{
	for (size_t i = 0; i < errors->count; i++)
		free(errors->mistakes[i].text);
	free(errors->mistakes);
	errors->mistakes = NULL;
	errors->count = 0;
}

static int compare_mistakes(const void *a, const void *b)
{
	const struct config_mistake *left = a, *right = b;

	if (left->line != right->line)
		return left->line < right->line ? -1 : 1;
	return left->order < right->order ? -1 : left->order > right->order;
}

int config_errors_take(struct config_errors *errors, char **ret_text)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *out;

	if (errors->no_memory)
		return -ENOMEM;
	if (errors->count == 0)
		return 0;
	out = open_memstream(&text, &size);
	if (!out)
		return -ENOMEM;
	qsort(errors->mistakes, errors->count, sizeof(*errors->mistakes), compare_mistakes);
	for (size_t i = 0; i < errors->count; i++)
		fprintf(out, "%s\n", errors->mistakes[i].text);
	if (fclose(out) != 0)
		return -ENOMEM;
	*ret_text = take_ptr(&text);
	return -EINVAL;
}

/* Takes TEXT, which may be NULL for want of memory. */
static void add_mistake(struct config_errors *errors, unsigned line, char *text)
{
	struct config_mistake *grown = NULL;

	if (text)
		grown = reallocarray(
			errors->mistakes, errors->count + 1, sizeof(*errors->mistakes));
	if (!grown) {
		errors->no_memory = true;
		free(text);
		return;
	}
	errors->mistakes = grown;
	errors->mistakes[errors->count] =
		(struct config_mistake){.line = line, .order = errors->count, .text = text};
	errors->count++;
}

/* The tree's names from the root down; an entry of groups and users goes by its own name. */
static void write_key(FILE *out, const config_setting_t *setting)
{
	const config_setting_t *parent = setting->parent;
	const char *name = NULL;

	if (!parent)
		return;
	write_key(out, parent);
	if (setting->name) {
		fprintf(out, "%s%s", parent->parent ? "." : "", setting->name);
		return;
	}
	if (config_setting_is_group(setting))
		config_setting_lookup_string(setting, "name", &name);
	if (name)
		fprintf(out, "[%.*s]", SHOWN_MAX, name);
	else
		fprintf(out, "[%d]", config_setting_index(setting));
}

__attribute__((format(printf, 5, 0))) static int write_line(struct config_errors *errors,
	unsigned line, const config_setting_t *setting, const char *expected, const char *format,
	va_list ap)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out) {
		errors->no_memory = true;
		return -EINVAL;
	}
	fputs(errors->file, out);
	if (line)
		fprintf(out, ":%u", line);
	fputs(": ", out);
	if (setting && setting->parent) {
		write_key(out, setting);
		fputs(": ", out);
	}
	vfprintf(out, format, ap);
	if (expected)
		fprintf(out, "; expected %s", expected);
	if (fclose(out) != 0) {
		free(text);
		text = NULL;
	} else {
		str_make_printable(text); /* a string of the config may hold a newline */
	}
	add_mistake(errors, line, text);
	return -EINVAL;
}

int config_error_at(struct config_errors *errors, unsigned line, const char *format, ...)
{
	va_list ap;
	int r;

	va_start(ap, format);
	r = write_line(errors, line, NULL, NULL, format, ap);
	va_end(ap);
	return r;
}

int config_error(struct config_errors *errors, const config_setting_t *setting,
	const char *expected, const char *format, ...)
{
	va_list ap;
	int r;

	va_start(ap, format);
	r = write_line(errors, config_setting_source_line(setting), setting, expected, format, ap);
	va_end(ap);
	return r;
}

char *setting_describe(const config_setting_t *setting)
{
	const char *text;

	switch (config_setting_type(setting)) {
	case CONFIG_TYPE_GROUP:
		return strdup("a group { }");
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		return str_format("%lld", config_setting_get_int64(setting));
	case CONFIG_TYPE_FLOAT:
		return str_format("%g", config_setting_get_float(setting));
	case CONFIG_TYPE_STRING:
		text = config_setting_get_string(setting);
		return str_format(
			"\"%.*s%s\"", SHOWN_MAX, text, strlen(text) > SHOWN_MAX ? "..." : "");
	case CONFIG_TYPE_BOOL:
		return strdup(config_setting_get_bool(setting) ? "true" : "false");
	default:
		return strdup("a list");
	}
}
