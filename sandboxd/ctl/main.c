/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of sandboxctl: one table of subcommands, one of options. */
#include "ctl/ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "build_config.h"
#include "ctl/nearest.h"

/* Options are bits, so that a subcommand's row says which it knows. */
enum option_bit {
	OPTION_SOCKET = 1 << 0,
	OPTION_JSON = 1 << 1,
	OPTION_REASON = 1 << 2,
	OPTION_OFF = 1 << 3,
	OPTION_KILL = 1 << 4,
	OPTION_HELP = 1 << 5,
	OPTION_VERSION = 1 << 6,
	OPTIONS_GLOBAL = OPTION_SOCKET | OPTION_HELP | OPTION_VERSION,
};

/* The value beside each is what getopt_long() returns; beyond any character. */
enum { LONG_OPTION = 0x1000 };

static const struct option options[] = {
	{"socket", required_argument, NULL, LONG_OPTION | OPTION_SOCKET},
	{"json", no_argument, NULL, LONG_OPTION | OPTION_JSON},
	{"reason", required_argument, NULL, LONG_OPTION | OPTION_REASON},
	{"off", no_argument, NULL, LONG_OPTION | OPTION_OFF},
	{"kill", optional_argument, NULL, LONG_OPTION | OPTION_KILL},
	{"help", no_argument, NULL, LONG_OPTION | OPTION_HELP},
	{"version", no_argument, NULL, LONG_OPTION | OPTION_VERSION},
	{0},
};

struct subcommand {
	const char *name;
	const char *arguments;
	const char *help;
	unsigned options; /* besides the global ones */
	int least, most;  /* arguments */
	bool verbatim;	  /* what follows the first argument is not ours to parse */
	ctl_run *run;	  /* NULL: not in this version */
};

static const struct subcommand subcommands[] = {
	{"list", "[--json]", "what runs, and what it uses of its quotas", OPTION_JSON, 0, 0, false,
		ctl_list},
	{"show", "USER [--json]", "a user's settings, and what set each of them", OPTION_JSON, 1, 1,
		false, ctl_show},
	{"kill", "SESSION|USER [--reason TEXT]", "end a session, or all of a user's", OPTION_REASON,
		1, 1, false, ctl_kill},
	{"enter", "USER|SESSION [COMMAND...]", "a shell in a running sandbox, as its user", 0, 1,
		INT_MAX, true, ctl_enter},
	{"reload", "", "read the config again and apply it to what runs", 0, 0, 0, false,
		ctl_reload},
	{"drain", "[--kill [SECONDS]] | --off", "refuse new sessions, end the running ones",
		OPTION_OFF | OPTION_KILL, 0, 1, false, ctl_drain},
	{"top", NULL, NULL, 0, 0, INT_MAX, true, NULL},
	{"image", NULL, NULL, 0, 0, INT_MAX, true, NULL},
	{"doctor", NULL, NULL, 0, 0, INT_MAX, true, NULL},
};

static void print_help(FILE *file)
{
	fputs("usage: sandboxctl [--socket PATH] COMMAND ...\n\n", file);
	for (size_t i = 0; i < ELEMENTS(subcommands); i++) {
		const struct subcommand *s = &subcommands[i];

		if (s->run)
			fprintf(file, "  %-6s %-30s %s\n", s->name, s->arguments, s->help);
	}
	fputs("\n  --socket PATH  the broker's socket (default " CTL_SOCKET_DEFAULT ")\n"
	      "  --help         this text\n"
	      "  --version      the version\n\n"
	      "exit codes: 0 done, 1 failed or refused, 2 usage, 3 no broker. See sandboxctl(8).\n",
		file);
}

static int usage_of(const struct subcommand *subcommand)
{
	fprintf(stderr, "usage: sandboxctl %s %s\n", subcommand->name, subcommand->arguments);
	return CTL_USAGE;
}

static const struct subcommand *find_subcommand(const char *name)
{
	struct nearest nearest;

	nearest_init(&nearest, name);
	for (size_t i = 0; i < ELEMENTS(subcommands); i++) {
		if (str_eq(subcommands[i].name, name))
			return &subcommands[i];
		if (subcommands[i].run)
			nearest_try(&nearest, subcommands[i].name);
	}
	if (nearest.found)
		complain("unknown command '%s'; did you mean '%s'?", name, nearest.found);
	else
		complain("unknown command '%s': see sandboxctl --help", name);
	return NULL;
}

static int unknown_option(const char *word)
{
	struct nearest nearest;

	nearest_init(&nearest, word);
	for (const struct option *o = options; o->name; o++) {
		char known[32];

		snprintf(known, sizeof(known), "--%s", o->name);
		nearest_try(&nearest, known);
		if (nearest.found == known)
			nearest.found = o->name;
	}
	if (nearest.found)
		complain("unknown option '%s'; did you mean '--%s'?", word, nearest.found);
	else
		complain("unknown option '%s': see sandboxctl --help", word);
	return CTL_USAGE;
}

static int parse_seconds(const char *text, struct ctl *ctl)
{
	if (str_to_u64(text, UINT32_MAX / 1000 - 1, &ctl->kill_seconds) < 0) {
		complain("--kill %s: not a number of seconds", text);
		return CTL_USAGE;
	}
	return 0;
}

/* What an option says, into CTL. 0 or CTL_USAGE. */
static int take_option(unsigned bit, const char *argument, struct ctl *ctl)
{
	switch (bit) {
	case OPTION_SOCKET:
		ctl->socket = argument;
		return 0;
	case OPTION_JSON:
		ctl->json = true;
		return 0;
	case OPTION_REASON:
		ctl->reason = argument;
		return 0;
	case OPTION_OFF:
		ctl->off = true;
		return 0;
	default:
		ctl->kill = true;
		return argument ? parse_seconds(argument, ctl) : 0;
	}
}

/*
 * Parses options of ARGV up to the first argument, or through all of them if PERMUTE, and adds
 * which there were to *SEEN. 0 or CTL_USAGE.
 */
static int parse_options(int argc, char **argv, bool permute, struct ctl *ctl, unsigned *seen)
{
	optind = 0; /* GNU: from the start */
	opterr = 0;
	for (;;) {
		int at = optind ? optind : 1;
		int c = getopt_long(argc, argv, permute ? ":hV" : "+:hV", options, NULL);
		unsigned bit = (unsigned)c & ~(unsigned)LONG_OPTION;
		int r;

		if (c == -1)
			return 0;
		if (c == ':') {
			complain("%s needs an argument", argv[optind - 1]);
			return CTL_USAGE;
		}
		if (c == '?')
			return unknown_option(argv[optind > at ? optind - 1 : at]);
		if (c == 'h')
			bit = OPTION_HELP;
		if (c == 'V')
			bit = OPTION_VERSION;
		*seen |= bit;
		if (bit == OPTION_HELP || bit == OPTION_VERSION)
			continue;
		r = take_option(bit, optarg, ctl);
		if (r != 0)
			return r;
	}
}

/* The options and arguments that SUBCOMMAND's row allows, and no other. 0 or CTL_USAGE. */
static int check_arguments(
	const struct subcommand *subcommand, unsigned seen, int *argc, char **argv, struct ctl *ctl)
{
	unsigned foreign = seen & ~(subcommand->options | OPTIONS_GLOBAL);

	for (const struct option *o = options; o->name; o++) {
		if (foreign & (unsigned)o->val) {
			complain("%s has no --%s", subcommand->name, o->name);
			return usage_of(subcommand);
		}
	}
	/* "--kill 30": getopt takes an optional argument only behind "=". */
	if (ctl->kill && *argc == 1) {
		*argc = 0;
		if (parse_seconds(argv[0], ctl) != 0)
			return usage_of(subcommand);
	} else if (subcommand->run == ctl_drain && *argc > 0) {
		return usage_of(subcommand);
	}
	if (ctl->off && ctl->kill) {
		complain("--off and --kill exclude each other");
		return usage_of(subcommand);
	}
	if (*argc < subcommand->least || *argc > subcommand->most)
		return usage_of(subcommand);
	return 0;
}

/* Standard descriptors that the caller closed would be given to what we open. */
static int open_standard_fds(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			return -EBADF;
	return 0;
}

static int run_subcommand(int argc, char **argv, struct ctl *ctl, unsigned seen)
{
	const struct subcommand *subcommand = find_subcommand(argv[0]);
	int r;

	if (!subcommand)
		return CTL_USAGE;
	if (!subcommand->run) {
		complain("'%s' is not in this version (" SANDBOXD_VERSION ")", subcommand->name);
		return CTL_USAGE;
	}
	r = parse_options(argc, argv, !subcommand->verbatim, ctl, &seen);
	if (r != 0)
		return r;
	if (seen & OPTION_HELP) {
		printf("usage: sandboxctl %s %s\n%s\n", subcommand->name, subcommand->arguments,
			subcommand->help);
		return CTL_DONE;
	}
	argc -= optind;
	argv += optind;
	r = check_arguments(subcommand, seen, &argc, argv, ctl);
	return r != 0 ? r : subcommand->run(ctl, argc, argv);
}

int main(int argc, char **argv)
{
	struct ctl ctl = {.socket = CTL_SOCKET_DEFAULT};
	unsigned seen = 0;
	int r;

	if (open_standard_fds() < 0)
		return CTL_FAILED;
	setlocale(LC_TIME, "");
	r = parse_options(argc, argv, false, &ctl, &seen);
	if (r != 0)
		return r;
	if (seen & OPTION_VERSION) {
		puts("sandboxctl " SANDBOXD_VERSION);
	} else if (optind < argc) {
		r = run_subcommand(argc - optind, argv + optind, &ctl, seen);
	} else {
		print_help(seen & OPTION_HELP ? stdout : stderr);
		r = seen & OPTION_HELP ? CTL_DONE : CTL_USAGE;
	}
	if (fflush(stdout) != 0 && r == CTL_DONE) {
		complain("stdout: %s", strerror(errno));
		r = CTL_FAILED;
	}
	return r;
}
