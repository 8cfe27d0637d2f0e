/* SPDX-License-Identifier: Apache-2.0 */
/* sandboxd, the broker: see sandboxd(8). Root, in the foreground, one thread, one loop. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "broker/broker.h"
#include "broker/client.h"
#include "broker/control.h"
#include "broker/ids.h"
#include "broker/network.h"
#include "broker/reload.h"
#include "broker/restore.h"
#include "broker/session.h"
#include "broker/trees.h"
#include "broker/upstream.h"
#include "broker/watch.h"
#include "build_config.h"

enum { EXIT_USAGE = 2, BROKER_NICE = -10 };

static const char usage[] = "Usage: sandboxd [-c FILE] [--debug]\n"
			    "       sandboxd --check-config [FILE]\n"
			    "       sandboxd --version | --help\n";

struct arguments {
	const char *config;
	bool check;
	bool debug;
};

static void parse_arguments(int argc, char **argv, struct arguments *ret)
{
	static const struct option options[] = {
		{"config", required_argument, NULL, 'c'},
		{"check-config", no_argument, NULL, 'C'},
		{"debug", no_argument, NULL, 'd'},
		{"version", no_argument, NULL, 'V'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option;

	ret->config = SANDBOXD_CONFIG_FILE;
	while ((option = getopt_long(argc, argv, "c:h", options, NULL)) >= 0) {
		switch (option) {
		case 'c':
			ret->config = optarg;
			break;
		case 'C':
			ret->check = true;
			break;
		case 'd':
			ret->debug = true;
			break;
		case 'V':
			puts("sandboxd " SANDBOXD_VERSION);
			exit(EXIT_SUCCESS);
		case 'h':
			fputs(usage, stdout);
			exit(EXIT_SUCCESS);
		default:
			fputs(usage, stderr);
			exit(EXIT_USAGE);
		}
	}
	if (ret->check && optind == argc - 1)
		ret->config = argv[optind++];
	if (optind < argc) {
		fprintf(stderr, "sandboxd: unexpected argument %s\n%s", argv[optind], usage);
		exit(EXIT_USAGE);
	}
}

/* Logs what failed on which object, once, and passes the error on. */
static int failed(int error, const char *what, const char *object)
{
	log_error("%s %s: %s", what, object, strerror(-error));
	return error;
}

static int load_config(struct broker *broker, const char *path)
{
	_cleanup_free_ char *errors = NULL;
	int r = config_load(path, false, &broker->config, &errors);

	broker->config_path = path;
	if (r < 0 && errors)
		log_lines(LOG_ERR, errors);
	else if (r < 0)
		failed(r, "configuration", path);
	return r;
}

static int open_directory(int parent, const char *path, mode_t mode, int *ret)
{
	struct stat st;
	int r = fd_mkdir_at(parent, path, mode), fd;

	if (r < 0)
		return failed(r, "directory", path);
	fd = openat(parent, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return failed(-errno, "directory", path);
	*ret = fd;
	if (fstat(fd, &st) < 0 || st.st_uid != 0 || (st.st_mode & 022)) {
		log_error("directory %s must be root's alone to write in", path);
		return -EPERM;
	}
	return 0;
}

/* One broker for each run directory: the lock goes with the process. */
static int lock_run_dir(struct broker *broker)
{
	int fd = openat(broker->dirs.run, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return failed(-errno, "lock in", broker_service(broker)->run_dir);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		log_error("another sandboxd runs with the run directory %s",
			broker_service(broker)->run_dir);
		return -EBUSY;
	}
	return 0;
}

static int open_directories(struct broker *broker)
{
	const struct service *service = broker_service(broker);
	struct broker_dirs *dirs = &broker->dirs;
	const struct {
		const char *name;
		mode_t mode;
		int *fd;
	} rows[] = {
		{"leases", 0700, &dirs->leases},
		{"sessions", 0700, &dirs->sessions},
		{"sandboxes", 0700, &dirs->sandboxes},
		{"info", 0700, &dirs->info},
		{"trees", 0700, &dirs->trees},
		{"stage", 0700, &dirs->stage},
		{"pins", 0700, &dirs->pins},
	};
	int r = open_directory(AT_FDCWD, service->run_dir, 0711, &dirs->run);

	if (r >= 0)
		r = open_directory(AT_FDCWD, service->state_dir, 0711, &dirs->state);
	if (r >= 0)
		r = lock_run_dir(broker);
	for (size_t i = 0; r >= 0 && i < ELEMENTS(rows); i++) {
		r = fd_mkdir_at(dirs->run, rows[i].name, rows[i].mode);
		/* Before the descriptor is opened, which has to see what is mounted. */
		if (r >= 0 && rows[i].fd == &dirs->pins)
			r = trees_mount_pins(service->run_dir);
		if (r < 0)
			return failed(r, "directory", rows[i].name);
		r = open_directory(dirs->run, rows[i].name, rows[i].mode, rows[i].fd);
	}
	if (r < 0)
		return r;
	r = trees_mount(service->run_dir);
	return r < 0 ? failed(r, "shared trees below", service->run_dir) : 0;
}

static int open_cgroups(struct broker *broker)
{
	const struct service *service = broker_service(broker);
	_cleanup_free_ char *message = NULL;
	int r = cgroup_tree_open(broker->dirs.run, service->name,
		(const char *const *)service->optional.items, &broker->cgroups, &message);

	if (message)
		log_write(r < 0 ? LOG_ERR : LOG_NOTICE, "%s", message);
	return r < 0 && !message ? failed(r, "cgroups of", service->name) : r;
}

static int build_filters(struct broker *broker)
{
	static const unsigned abis[SECCOMP_ABIS] = {SECCOMP_ABI_NATIVE, SECCOMP_ABI_I386};

	for (int id = 0; id < SECCOMP_PROGRAM_COUNT; id++) {
		for (size_t abi = 0; abi < SECCOMP_ABIS; abi++) {
			int r = seccomp_program_build(
				(enum seccomp_program_id)id, abis[abi], &broker->filters[id][abi]);

			if (r < 0)
				return failed(
					r, "seccomp program", id ? "of sessions" : "of sandboxes");
		}
	}
	return 0;
}

static int start_network(struct broker *broker)
{
	_cleanup_free_ char *message = NULL;
	int r;

	upstream_refresh(broker);
	r = network_start(broker_service(broker), (const char *const *)broker->resolvers, &message);
	if (r < 0 && message)
		log_error("%s", message);
	if (r >= 0)
		r = watch_firewall(broker);
	return r < 0 && !message ? failed(r, "network of", broker_service(broker)->name) : r;
}

static void read_host_name(struct broker *broker)
{
	if (gethostname(broker->host, sizeof(broker->host) - 1) < 0 || !broker->host[0])
		snprintf(broker->host, sizeof(broker->host), "host");
	broker->host[strcspn(broker->host, ".")] = '\0';
	str_make_printable(broker->host);
}

static int on_stop(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
	return sd_event_exit(sd_event_source_get_event(source), 0);
}

static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
	_cleanup_free_ char *text = NULL;

	reload_config(userdata, &text);
	return 0;
}

/* Children and PID 1s are watched by pidfd; here their numbers are given back. __WALL: PID 1s are
 * clone children. */
static int on_child(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
	siginfo_t gone;

	do
		gone.si_pid = 0;
	while (waitid(P_ALL, 0, &gone, WEXITED | WNOHANG | __WALL) == 0 && gone.si_pid != 0);
	return 0;
}

static int open_loop(struct broker *broker)
{
	static const struct {
		int signal;
		sd_event_signal_handler_t handle;
	} signals[] = {
		{SIGTERM, on_stop}, {SIGINT, on_stop}, {SIGHUP, on_hangup}, {SIGCHLD, on_child}};
	int r = sd_event_new(&broker->event);
	sigset_t mask;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&mask);
	for (size_t i = 0; i < ELEMENTS(signals); i++)
		sigaddset(&mask, signals[i].signal);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	for (size_t i = 0; r >= 0 && i < ELEMENTS(signals); i++)
		r = sd_event_add_signal(
			broker->event, NULL, signals[i].signal, signals[i].handle, broker);
	if (r >= 0)
		r = sd_event_set_watchdog(broker->event, true);
	return r < 0 ? failed(r, "event loop of", "sandboxd") : 0;
}

/* Each session costs a few descriptors. */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int broker_start(struct broker *broker)
{
	static int (*const steps[])(struct broker *) = {
		open_loop, open_directories, open_cgroups, build_filters, start_network};
	int r = 0;

	raise_descriptor_limit();
	/* Its turns and its children's are short, and each is a login that waits; PID 1 goes back
	 * to 0. */
	setpriority(PRIO_PROCESS, 0, BROKER_NICE);
	umask(022);
	read_host_name(broker);
	for (size_t i = 0; r >= 0 && i < ELEMENTS(steps); i++)
		r = steps[i](broker);
	if (r < 0)
		return r;
	r = ids_open(broker_service(broker), broker->dirs.state, &broker->ids);
	if (r < 0)
		return failed(r, "record of id ranges below", broker_service(broker)->state_dir);
	control_restore_drain(broker);
	r = restore_all(broker);
	if (r < 0)
		return failed(r, "what runs below", broker_service(broker)->run_dir);
	r = client_listen(broker);
	return r < 0 ? failed(r, "socket", broker_service(broker)->socket) : 0;
}

/* Sessions go on without a broker: what runs is left alone, and what is ours alone goes only if
 * nothing runs. */
static void broker_stop(struct broker *broker)
{
	bool idle = !broker->users;

	while (broker->clients)
		client_free(broker->clients);
	while (broker->users) {
		while (broker->users->sandboxes)
			sandbox_forget(broker->users->sandboxes);
		user_free(broker->users);
	}
	if (broker->listener >= 0)
		unlink(broker_service(broker)->socket);
	if (idle && broker->cgroups) {
		network_stop(broker_service(broker));
		trees_unmount(broker_service(broker)->run_dir);
	}
	ids_free(broker->ids);
	upstream_done(broker);
	cgroup_tree_free(broker->cgroups);
	for (int id = 0; id < SECCOMP_PROGRAM_COUNT; id++)
		for (size_t abi = 0; abi < SECCOMP_ABIS; abi++)
			seccomp_program_done(&broker->filters[id][abi]);
	sd_event_unref(broker->event);
	config_free(broker->config);
}

int main(int argc, char **argv)
{
	struct arguments arguments = {0};
	struct broker broker = {.listener = -EBADF};
	int r;

	parse_arguments(argc, argv, &arguments);
	if (arguments.check)
		return config_check_main(arguments.config);
	log_open("sandboxd", arguments.debug);
	if (geteuid() != 0) {
		log_error("sandboxd must run as root");
		return EXIT_FAILURE;
	}
	if (load_config(&broker, arguments.config) < 0)
		return EXIT_FAILURE;
	r = broker_start(&broker);
	if (r >= 0) {
		log_notice("sandboxd %s is ready: cgroup %s, socket %s", SANDBOXD_VERSION,
			cgroup_tree_backend(broker.cgroups), broker_service(&broker)->socket);
		sd_notify(0, "READY=1");
		r = sd_event_loop(broker.event);
	}
	broker_stop(&broker);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
