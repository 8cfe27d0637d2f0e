/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seccomp programs of a sandbox, made by the broker (root) once at its start and kept in
 * memory.
 *
 * Each is a deny list: namespaces confine what a capability reaches, the programs take away the
 * parts of the kernel that no student's program needs and that gave root away before. Two tables
 * say what: `rules` is compiled by libseccomp, "refuse if"; `lists` is "refuse unless one of
 * these", which libseccomp cannot express in a filter that allows by default, so it stands in front
 * of libseccomp's program in BPF of our own, with the numbers that nobody has reviewed.
 *
 * An ALLOW that depends on the number alone is cached by the kernel (5.11 and later) and then costs
 * nothing: no argument is loaded before the number is known.
 */
#include "isolate/seccomp.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/keyctl.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log.h"

enum { NAMES_MAX = 12, VALUES_MAX = 12, PRELUDE_MAX = 160, PROGRAM_BYTES_MAX = 1 << 15 };

#define OUTER (1 << SECCOMP_OUTER)
#define SESSION (1 << SECCOMP_SESSION)

/*
 * Conditions. Where the kernel takes an int, the upper 32 bits of the register are the caller's to
 * set: an equality is one of the lower half (SCMP_CMP_EQ would be passed by bit 32). IF_NOT refuses
 * on all 64.
 */
#define IF_FIELD(n, mask, value)                                                                   \
	.has_condition = true, .condition = {n, SCMP_CMP_MASKED_EQ, mask, value}
#define IF_IS(n, value) IF_FIELD(n, 0xffffffff, value)
#define IF_HAS(n, bits) IF_FIELD(n, bits, bits)
#define IF_NOT(n, value) .has_condition = true, .condition = {n, SCMP_CMP_NE, value, 0}

/* Refuses the system calls NAMES with ERROR, with a condition only if its argument is so. */
static const struct rule {
	unsigned programs;
	int error;
	const char *reason;
	const char *names[NAMES_MAX];
	bool has_condition; /* else always */
	struct scmp_arg_cmp condition;
} rules[] = {
	{OUTER, EPERM, "keyrings are in no namespace", {"add_key", "request_key"}},
	{OUTER, EPERM, "all but a new session keyring, which PID 1 makes for a login", {"keyctl"},
		IF_NOT(0, KEYCTL_JOIN_SESSION_KEYRING)},
	{OUTER, EPERM, "a keyring with a name could be another session's", {"keyctl"},
		IF_NOT(1, 0)},
	{SESSION, EPERM, "PID 1 has made it", {"keyctl"}},

	{OUTER, EPERM, "programs inside the kernel", {"bpf", "perf_event_open"}},
	{OUTER, EPERM, "holds the kernel up in the middle of a copy", {"userfaultfd"}},
	{OUTER, EPERM, "system calls that no filter sees",
		{"io_uring_setup", "io_uring_enter", "io_uring_register"}},
	/* ENOSYS: databases then go on without. */
	{OUTER, ENOSYS, "fs.aio-max-nr is one number for the whole host", {"io_setup"}},
	{OUTER, EPERM, "opens what no path leads to", {"open_by_handle_at"}},
	{OUTER, EPERM, "watches a whole file system", {"fanotify_init"}},
	{OUTER, EPERM, "other processes' pages", {"move_pages", "migrate_pages"}},
	{OUTER, EPERM, "the kernel's code",
		{"kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module",
			"create_module", "get_kernel_syms", "query_module"}},
	/* adjtimex and clock_adjtime read too; what they would set stands behind a pointer, and
	 * takes CAP_SYS_TIME of the host. */
	{OUTER, EPERM, "the host's clock",
		{"settimeofday", "stime", "clock_settime", "clock_settime64"}},
	{OUTER, EPERM, "the host's storage",
		{"swapon", "swapoff", "quotactl", "quotactl_fd", "acct"}},
	{OUTER, EPERM, "the host's power and log", {"reboot", "syslog"}},
	{OUTER, EPERM, "the processor's ports and modes", {"iopl", "ioperm", "vm86", "vm86old"}},
	{OUTER, EPERM, "old and unused", {"lookup_dcookie", "nfsservctl", "uselib", "_sysctl"}},

	{OUTER, EPERM, "types into a terminal", {"ioctl"}, IF_IS(1, TIOCSTI)},
	{OUTER, EPERM, "pastes into a terminal", {"ioctl"}, IF_IS(1, TIOCLINUX)},
	{OUTER, EPERM, "loads a module for a line discipline", {"ioctl"}, IF_IS(1, TIOCSETD)},

	/* i386: arguments behind a pointer. sendto, bind and the rest need such a socket first. */
	{OUTER, EAFNOSUPPORT, "its family cannot be seen", {"socketcall"},
		IF_IS(0, 1 /* SOCKET */)},
	{OUTER, EAFNOSUPPORT, "its family cannot be seen", {"socketcall"},
		IF_IS(0, 8 /* SOCKETPAIR */)},
	{OUTER, EPROTONOSUPPORT, "loads dccp", {"socket"}, IF_IS(2, 33 /* IPPROTO_DCCP */)},
	{OUTER, EPROTONOSUPPORT, "loads sctp", {"socket"}, IF_IS(2, IPPROTO_SCTP)},
	{OUTER, EPROTONOSUPPORT, "loads l2tp_ip", {"socket"}, IF_IS(2, 115 /* IPPROTO_L2TP */)},
	{SESSION, EPERM, "raw packets", {"socket"}, IF_IS(0, AF_PACKET)},
	{SESSION, EPERM, "the old name of raw packets", {"socket"}, IF_FIELD(1, 0xf, SOCK_PACKET)},

	{SESSION, EPERM, "a user namespace is every capability, over more of the kernel",
		{"clone", "unshare"}, IF_HAS(0, CLONE_NEWUSER)},
	/* Its flags stand behind a pointer; glibc goes on with clone. */
	{SESSION, ENOSYS, "its flags cannot be seen", {"clone3"}},
	{SESSION, EPERM, "enters namespaces", {"setns"}},
	{SESSION, EPERM, "mounts",
		{"mount", "umount", "umount2", "open_tree", "move_mount", "fsopen", "fsconfig",
			"fsmount", "fspick", "mount_setattr"}},
	{SESSION, EPERM, "changes the root", {"pivot_root", "chroot"}},
};

/*
 * Refuses NAME with ERROR unless the lower half of argument ARG is one of VALUES; where
 * CONDITION_VALUE is not 0, only if the lower half of argument 0 is that.
 */
static const struct list {
	unsigned programs;
	int error;
	const char *reason;
	const char *name;
	int number_i386; /* where libseccomp gives the multiplexer's pseudo number; else 0 */
	uint32_t condition_value;
	unsigned arg;
	size_t count;
	uint32_t values[VALUES_MAX];
} lists[] = {
	/* ADDR_NO_RANDOMIZE is gdb's; the last one asks what it is. */
	{OUTER, EPERM, "weakens what is executed later", "personality", 0, 0, 0, 6,
		{PER_LINUX, PER_LINUX32, UNAME26, UNAME26 | PER_LINUX32, ADDR_NO_RANDOMIZE,
			0xffffffff}},
	/* No ALG, KEY, RXRPC, RDS, TIPC, VSOCK, SMC, KCM, XDP ...: modules, many gave root. */
	{OUTER, EAFNOSUPPORT, "families that nobody needs", "socket", 359, 0, 0, 5,
		{AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET}},
	{OUTER, EAFNOSUPPORT, "families that nobody needs", "socketpair", 360, 0, 0, 1, {AF_UNIX}},
	{OUTER, EPROTONOSUPPORT, "no XFRM, CRYPTO, RDMA ...", "socket", 359, AF_NETLINK, 2, 8,
		{NETLINK_ROUTE, NETLINK_USERSOCK, NETLINK_SOCK_DIAG, NETLINK_AUDIT,
			NETLINK_FIB_LOOKUP, NETLINK_NETFILTER, NETLINK_KOBJECT_UEVENT,
			NETLINK_GENERIC}},
	{SESSION, EPERM, "no NETFILTER", "socket", 359, AF_NETLINK, 2, 7,
		{NETLINK_ROUTE, NETLINK_USERSOCK, NETLINK_SOCK_DIAG, NETLINK_AUDIT,
			NETLINK_FIB_LOOKUP, NETLINK_KOBJECT_UEVENT, NETLINK_GENERIC}},
};

/*
 * Numbers that were reviewed: up to futex_requeue (Linux 6.7), without the gap before those that
 * all machines share. What is newer is answered ENOSYS as on an older kernel, which every program
 * copes with; so is x32, whose numbers have bit 30.
 */
enum { NUMBER_LAST = 456 };

static const struct machine {
	uint32_t scmp;
	uint32_t audit;
	unsigned abi; /* of enum seccomp_abi; native: 0 */
	uint32_t gap_first;
	uint32_t gap_last;
} machines[] = {
#if defined(__x86_64__)
	{SCMP_ARCH_X86_64, AUDIT_ARCH_X86_64, SECCOMP_ABI_NATIVE, 335, 423},
	{SCMP_ARCH_X86, AUDIT_ARCH_I386, SECCOMP_ABI_I386, 387, 392},
#elif defined(__aarch64__)
	{SCMP_ARCH_AARCH64, AUDIT_ARCH_AARCH64, SECCOMP_ABI_NATIVE, 295, 423},
#else
#error "the system call numbers of this machine have not been reviewed"
#endif
};

_Static_assert(
	__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the lower half of an argument comes first");

/* ---- the part in front ---- */

struct prelude {
	struct sock_filter code[PRELUDE_MAX];
	size_t count;
	bool overflow;
};

static void emit(struct prelude *p, uint16_t code, uint32_t k, size_t if_true, size_t if_false)
{
	if (p->count == PRELUDE_MAX || if_true > UINT8_MAX || if_false > UINT8_MAX) {
		p->overflow = true;
		return;
	}
	p->code[p->count++] =
		(struct sock_filter)BPF_JUMP(code, k, (uint8_t)if_true, (uint8_t)if_false);
}

static void emit_load(struct prelude *p, size_t offset)
{
	emit(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

/* Jumps over the next SKIP instructions unless the accumulator is VALUE. */
static void emit_unless(struct prelude *p, uint32_t value, size_t skip)
{
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip);
}

static void emit_return(struct prelude *p, uint32_t action)
{
	emit(p, BPF_RET | BPF_K, action, 0, 0);
}

static size_t argument_offset(unsigned n)
{
	return offsetof(struct seccomp_data, args) + n * sizeof(uint64_t);
}

static void emit_list(struct prelude *p, const struct list *list, uint32_t number)
{
	const size_t condition = list->condition_value ? 2 : 0;
	const size_t body = condition + 1 + list->count + 1;

	emit_load(p, offsetof(struct seccomp_data, nr));
	emit_unless(p, number, body);
	if (condition) {
		emit_load(p, argument_offset(0));
		emit_unless(p, list->condition_value, 1 + list->count + 1);
	}
	emit_load(p, argument_offset(list->arg));
	for (size_t i = 0; i < list->count; i++)
		emit(p, BPF_JMP | BPF_JEQ | BPF_K, list->values[i], list->count - i, 0);
	emit_return(p, SECCOMP_RET_ERRNO | (uint32_t)list->error);
}

/* One machine's numbers and lists; falls through to what follows for all that it does not answer.
 */
static int emit_machine(
	struct prelude *p, enum seccomp_program_id id, const struct machine *machine)
{
	struct prelude body = {0};

	emit_load(&body, offsetof(struct seccomp_data, nr));
	/* -1 is a tracer's way to skip a call: the kernel makes none. */
	emit_unless(&body, UINT32_MAX, 1);
	emit_return(&body, SECCOMP_RET_ALLOW);
	emit(&body, BPF_JMP | BPF_JGT | BPF_K, NUMBER_LAST, 2, 0);
	emit(&body, BPF_JMP | BPF_JGE | BPF_K, machine->gap_first, 0, 2);
	emit(&body, BPF_JMP | BPF_JGT | BPF_K, machine->gap_last, 1, 0);
	emit_return(&body, SECCOMP_RET_ERRNO | ENOSYS);
	for (size_t i = 0; i < ELEMENTS(lists); i++) {
		int number = seccomp_syscall_resolve_name_arch(machine->scmp, lists[i].name);

		if (!(lists[i].programs & (1U << id)))
			continue;
		if (number < 0)
			number = lists[i].number_i386;
		if (number <= 0)
			return -ENOSYS;
		emit_list(&body, &lists[i], (uint32_t)number);
	}
	emit_load(p, offsetof(struct seccomp_data, arch));
	emit_unless(p, machine->audit, body.count);
	if (body.overflow || p->overflow || body.count > PRELUDE_MAX - p->count)
		return -E2BIG;
	memcpy(p->code + p->count, body.code, body.count * sizeof(*body.code));
	p->count += body.count;
	return 0;
}

/* ---- libseccomp's part ---- */

static void cleanup_context(scmp_filter_ctx *context)
{
	if (*context)
		seccomp_release(*context);
}

static int add_rule(scmp_filter_ctx context, const struct rule *rule)
{
	for (size_t i = 0; i < NAMES_MAX && rule->names[i]; i++) {
		int number = seccomp_syscall_resolve_name(rule->names[i]);
		int r;

		if (number == __NR_SCMP_ERROR) {
			log_error("seccomp: libseccomp does not know %s", rule->names[i]);
			return -ENOSYS;
		}
		/* A pseudo number (a call that this machine lacks) is passed over unless an ABI has
		 * it. */
		r = seccomp_rule_add_array(context, SCMP_ACT_ERRNO((uint32_t)rule->error), number,
			rule->has_condition ? 1 : 0, &rule->condition);
		if (r < 0)
			return r;
	}
	return 0;
}

static int compile_rules(enum seccomp_program_id id, unsigned abi, int output)
{
	_cleanup_(cleanup_context) scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);
	int r;

	if (!context)
		return -ENOMEM;
	r = seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (r < 0)
		return r;
	r = seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (r < 0)
		return r;
	for (size_t i = 0; i < ELEMENTS(machines); i++) {
		if (!(machines[i].abi & abi))
			continue;
		r = seccomp_arch_add(context, machines[i].scmp);
		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < ELEMENTS(rules); i++) {
		if (!(rules[i].programs & (1U << id)))
			continue;
		r = add_rule(context, &rules[i]);
		if (r < 0)
			return r;
	}
	return seccomp_export_bpf(context, output);
}

int seccomp_program_build(enum seccomp_program_id id, unsigned abi, struct seccomp_program *ret)
{
	_cleanup_close_ int fd = memfd_create("seccomp", MFD_CLOEXEC);
	_cleanup_free_ char *data = NULL;
	_cleanup_free_ struct sock_filter *filter = NULL;
	struct prelude prelude = {0};
	size_t size;
	int r;

	if (fd < 0)
		return -errno;
	for (size_t i = 0; i < ELEMENTS(machines); i++) {
		if (machines[i].abi != SECCOMP_ABI_NATIVE && !(machines[i].abi & abi))
			continue;
		r = emit_machine(&prelude, id, &machines[i]);
		if (r < 0)
			return r;
	}
	r = compile_rules(id, abi, fd);
	if (r < 0)
		return r;
	r = fd_read_all(fd, PROGRAM_BYTES_MAX, &data, &size);
	if (r < 0)
		return r;
	/* Jumps are relative, so a program may stand behind another. */
	filter = malloc(prelude.count * sizeof(*filter) + size);
	if (!filter)
		return -ENOMEM;
	memcpy(filter, prelude.code, prelude.count * sizeof(*filter));
	memcpy(filter + prelude.count, data, size);
	ret->filter = take_ptr(&filter);
	ret->count = prelude.count + size / sizeof(struct sock_filter);
	return 0;
}

void seccomp_program_done(struct seccomp_program *program)
{
	free(program->filter);
	*program = (struct seccomp_program){0};
}

int seccomp_program_load(const struct seccomp_program *program)
{
	struct sock_fprog fprog = {
		.len = (unsigned short)program->count, .filter = program->filter};

	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &fprog, 0, 0) < 0)
		return -errno;
	return 0;
}
