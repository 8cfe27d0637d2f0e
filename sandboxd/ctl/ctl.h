/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandboxctl: what the admin says to the broker. One process, root's own, that lives as long as its
 * request; it decides nothing, parses nothing that a student wrote, and holds no privilege that its
 * caller had not. A family of subcommands has a file; main.c has the table of them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define CTL_SOCKET_DEFAULT "/run/sandboxd/sandboxd.sock"

/* What sandboxctl exits with; `enter` exits as the program that it ran. */
enum ctl_exit {
	CTL_DONE = 0,
	CTL_FAILED = 1,	   /* failed, or refused by the broker */
	CTL_USAGE = 2,	   /* the command line makes no sense */
	CTL_NO_BROKER = 3, /* nobody answers at the socket */
};

/* The options of the command line, whichever subcommand knows them. */
struct ctl {
	const char *socket;
	bool json;
	const char *reason; /* NULL: none given */
	bool off;
	bool kill;
	uint64_t kill_seconds;
};

/*
 * A subcommand. ARGV holds its ARGC arguments, as many as its row allows, and a NULL behind them.
 * Returns what sandboxctl exits with, and has said on stderr why that is not 0.
 */
typedef int ctl_run(const struct ctl *ctl, int argc, char **argv);

ctl_run ctl_list, ctl_show, ctl_kill, ctl_enter, ctl_reload, ctl_drain;

/* One line to stderr with the program's name before it. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Several lines of the broker's to stderr, each after the program's name; control characters are
 * replaced. */
void complain_lines(const char *text);
