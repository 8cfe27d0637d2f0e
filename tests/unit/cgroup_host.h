/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of the cgroup back ends share: a user with one sandbox below the test's own
 * cgroup, in this host's real hierarchies. Needs root; what a host does not have is skipped, in
 * words. Check runs each test in a process of its own, so the state is that test's.
 */
#pragma once

#include <check.h>

#include "isolate/cgroup.h"
#include "isolate/cgroup_backend.h"

enum { TEST_UID = 64123, MIB = 1 << 20 };

#define TEST_ID "0123abcd"

extern const char *const all_optional[];

extern struct cgroup_tree *tree;
extern struct cgroup_user *user;
extern struct cgroup_sandbox *sandbox;
extern struct quota quota;

void skip(const char *reason);

/* The hierarchies of one back end; false if this host has none. */
bool find_place(int version, struct cgroup_place *places, size_t *count);

/* Makes tree, user (32 pids) and sandbox, or says why not. */
bool open_all(int version);
/* Kills what is in S and removes it. */
void end_sandbox(struct cgroup_sandbox *s);
/* Removes user and tree, and insists that no directory is left. */
void close_all(void);
/* Removes what another process left below the tree's name, as a new broker would. Asserts nothing.
 */
void sweep(int version);

/* Forks a child that enters S and runs WORK; on return it is in. */
pid_t enter_child(struct cgroup_sandbox *s, void (*work)(void));
void work_wait(void);

uint64_t read_number(int dir, const char *file);
const struct cgroup_user_dirs *dirs_of(enum quota_id quota_id);

/* What PID 1 does with its descriptors: a child to `sessions`; itself to `spare` and home. */
void move_by(const int *files, size_t count);

/* Runs SUITE as root, and sweeps if a test failed. The exit status of the program. */
int run_suite(Suite *suite);
