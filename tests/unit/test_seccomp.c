/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the two seccomp programs answer, as golden tables: every number from 0 to 600 with all
 * arguments 0, and the arguments that decide. Asked twice: of an interpreter here, which sees all
 * decisions of all machines and has no side effects, and for the refused ones of the kernel, in a
 * child with the programs loaded. Needs no privilege.
 */
#include "isolate/seccomp.h"

#include <check.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"

#if defined(__x86_64__)

enum { MATRIX_LAST = 600, X32 = 0x40000000, NATIVE = AUDIT_ARCH_X86_64, KILLED = -1 };

static struct seccomp_program programs[2][SECCOMP_PROGRAM_COUNT]; /* [abi] */

static void build_all(void)
{
	for (unsigned abi = 0; abi < 2; abi++)
		for (unsigned id = 0; id < SECCOMP_PROGRAM_COUNT; id++)
			ck_assert_int_eq(seccomp_program_build(id, abi, &programs[abi][id]), 0);
}

static void free_all(void)
{
	for (unsigned abi = 0; abi < 2; abi++)
		for (unsigned id = 0; id < SECCOMP_PROGRAM_COUNT; id++)
			seccomp_program_done(&programs[abi][id]);
}

/* The instructions that the kernel's cache of decisions knows, and loads of any argument. */
static uint32_t interpret(const struct seccomp_program *program, const struct seccomp_data *data)
{
	uint32_t a = 0;

	for (size_t pc = 0; pc < program->count; pc++) {
		const struct sock_filter *i = &program->filter[pc];

		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			ck_assert_uint_le(i->k, sizeof(*data) - sizeof(a));
			memcpy(&a, (const char *)data + i->k, sizeof(a));
			break;
		case BPF_JMP | BPF_JA:
			pc += i->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			pc += a == i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			pc += a > i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			pc += a >= i->k ? i->jt : i->jf;
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= i->k;
			break;
		case BPF_RET | BPF_K:
			return i->k;
		default:
			ck_abort_msg("instruction %#x at %zu", i->code, pc);
		}
	}
	ck_abort_msg("fell off the end");
	return 0;
}

/* The error that OUTER alone, or both together give: 0 allowed, KILLED, or an errno. */
static int decide(unsigned abi, bool with_session, const struct seccomp_data *data)
{
	uint32_t outer = interpret(&programs[abi][SECCOMP_OUTER], data);
	uint32_t session =
		with_session ? interpret(&programs[abi][SECCOMP_SESSION], data) : SECCOMP_RET_ALLOW;
	/* The kernel takes the stricter action, and of two like ones the filter's that was added
	 * last. */
	uint32_t action = (int32_t)(outer & SECCOMP_RET_ACTION_FULL) <
					  (int32_t)(session & SECCOMP_RET_ACTION_FULL)
				  ? outer
				  : session;

	switch (action & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
		return 0;
	case SECCOMP_RET_ERRNO:
		return (int)(action & SECCOMP_RET_DATA);
	case SECCOMP_RET_KILL_PROCESS:
		return KILLED;
	default:
		ck_abort_msg("action %#x", action);
		return 0;
	}
}

/* With all arguments 0. What stands nowhere here is allowed; numbers that were not reviewed are
 * ENOSYS. */
static const struct {
	int number;
	int outer;
	int session; /* outer and session together */
} golden[] = {
	{SYS_socket, EAFNOSUPPORT, EAFNOSUPPORT},
	{SYS_socketpair, EAFNOSUPPORT, EAFNOSUPPORT},
	{SYS_uselib, EPERM, EPERM},
	{SYS_pivot_root, 0, EPERM},
	{SYS__sysctl, EPERM, EPERM},
	{SYS_chroot, 0, EPERM},
	{SYS_acct, EPERM, EPERM},
	{SYS_settimeofday, EPERM, EPERM},
	{SYS_mount, 0, EPERM},
	{SYS_umount2, 0, EPERM},
	{SYS_swapon, EPERM, EPERM},
	{SYS_swapoff, EPERM, EPERM},
	{SYS_reboot, EPERM, EPERM},
	{SYS_iopl, EPERM, EPERM},
	{SYS_ioperm, EPERM, EPERM},
	{SYS_create_module, EPERM, EPERM},
	{SYS_init_module, EPERM, EPERM},
	{SYS_delete_module, EPERM, EPERM},
	{SYS_get_kernel_syms, EPERM, EPERM},
	{SYS_query_module, EPERM, EPERM},
	{SYS_quotactl, EPERM, EPERM},
	{SYS_nfsservctl, EPERM, EPERM},
	{SYS_syslog, EPERM, EPERM},
	{SYS_lookup_dcookie, EPERM, EPERM},
	{SYS_clock_settime, EPERM, EPERM},
	{SYS_kexec_load, EPERM, EPERM},
	{SYS_add_key, EPERM, EPERM},
	{SYS_request_key, EPERM, EPERM},
	{SYS_keyctl, EPERM, EPERM},
	{SYS_migrate_pages, EPERM, EPERM},
	{SYS_move_pages, EPERM, EPERM},
	{SYS_perf_event_open, EPERM, EPERM},
	{SYS_fanotify_init, EPERM, EPERM},
	{SYS_open_by_handle_at, EPERM, EPERM},
	{SYS_setns, 0, EPERM},
	{SYS_finit_module, EPERM, EPERM},
	{SYS_kexec_file_load, EPERM, EPERM},
	{SYS_bpf, EPERM, EPERM},
	{SYS_userfaultfd, EPERM, EPERM},
	{SYS_io_setup, ENOSYS, ENOSYS},
	{SYS_io_uring_setup, EPERM, EPERM},
	{SYS_io_uring_enter, EPERM, EPERM},
	{SYS_io_uring_register, EPERM, EPERM},
	{SYS_open_tree, 0, EPERM},
	{SYS_move_mount, 0, EPERM},
	{SYS_fsopen, 0, EPERM},
	{SYS_fsconfig, 0, EPERM},
	{SYS_fsmount, 0, EPERM},
	{SYS_fspick, 0, EPERM},
	{SYS_clone3, 0, ENOSYS},
	{SYS_mount_setattr, 0, EPERM},
	{SYS_quotactl_fd, EPERM, EPERM},
};

static int golden_error(int number, bool with_session)
{
	if (number > 456 || (number >= 335 && number <= 423))
		return ENOSYS;
	for (size_t i = 0; i < ELEMENTS(golden); i++)
		if (golden[i].number == number)
			return with_session ? golden[i].session : golden[i].outer;
	return 0;
}

START_TEST(every_number_as_golden)
{
	build_all();
	for (int number = 0; number <= MATRIX_LAST; number++) {
		struct seccomp_data data = {.nr = number, .arch = NATIVE};
		struct seccomp_data i386 = {.nr = number, .arch = AUDIT_ARCH_I386};
		struct seccomp_data x32 = {.nr = number | X32, .arch = NATIVE};

		for (int session = 0; session < 2; session++) {
			for (unsigned abi = 0; abi < 2; abi++) {
				ck_assert_msg(decide(abi, session, &data) ==
						      golden_error(number, session),
					"number %d, session %d: %d", number, session,
					decide(abi, session, &data));
				ck_assert_int_eq(decide(abi, session, &x32), ENOSYS);
			}
			ck_assert_int_eq(decide(0, session, &i386), KILLED);
		}
	}
	free_all();
}
END_TEST

#define UP (UINT64_C(1) << 32)

/* The arguments that decide. I386 rows are asked of the program with that ABI. */
static const struct {
	uint32_t arch;
	uint32_t number;
	uint64_t arguments[3];
	int outer;
	int session;
} calls[] = {
	{NATIVE, SYS_ioctl, {0, TIOCSTI}, EPERM, EPERM},
	{NATIVE, SYS_ioctl, {0, TIOCSTI | UP}, EPERM, EPERM},
	{NATIVE, SYS_ioctl, {0, TIOCSTI | UINT64_C(1) << 63}, EPERM, EPERM},
	{NATIVE, SYS_ioctl, {0, TIOCLINUX}, EPERM, EPERM},
	{NATIVE, SYS_ioctl, {0, TIOCLINUX | UP}, EPERM, EPERM},
	{NATIVE, SYS_ioctl, {0, TIOCSETD}, EPERM, EPERM},
	{NATIVE, SYS_ioctl, {0, TIOCGWINSZ}, 0, 0},
	{NATIVE, SYS_ioctl, {0, TIOCSCTTY}, 0, 0},
	{NATIVE, SYS_ioctl, {TIOCSTI, 0}, 0, 0},

	{NATIVE, SYS_personality, {0}, 0, 0},
	{NATIVE, SYS_personality, {0x8}, 0, 0},
	{NATIVE, SYS_personality, {0x20000}, 0, 0},
	{NATIVE, SYS_personality, {0x20008}, 0, 0},
	{NATIVE, SYS_personality, {0x40000}, 0, 0},
	{NATIVE, SYS_personality, {0xffffffff}, 0, 0},
	{NATIVE, SYS_personality, {UINT64_MAX}, 0, 0},
	{NATIVE, SYS_personality, {0x400000}, EPERM, EPERM},
	{NATIVE, SYS_personality, {0x400000 | UP}, EPERM, EPERM},
	{NATIVE, SYS_personality, {0x440000}, EPERM, EPERM},

	{NATIVE, SYS_keyctl, {1, 0}, 0, EPERM},
	{NATIVE, SYS_keyctl, {1 | UP, 0}, EPERM, EPERM},
	{NATIVE, SYS_keyctl, {1, 0x1000}, EPERM, EPERM},
	{NATIVE, SYS_keyctl, {11, 0}, EPERM, EPERM},

	{NATIVE, SYS_clone, {SIGCHLD}, 0, 0},
	{NATIVE, SYS_clone, {CLONE_VM | CLONE_THREAD | CLONE_SIGHAND}, 0, 0},
	{NATIVE, SYS_clone, {CLONE_NEWUSER}, 0, EPERM},
	{NATIVE, SYS_clone, {CLONE_NEWUSER | CLONE_NEWPID | SIGCHLD}, 0, EPERM},
	{NATIVE, SYS_clone, {CLONE_NEWUSER | UP}, 0, EPERM},
	{NATIVE, SYS_unshare, {CLONE_NEWUSER}, 0, EPERM},
	{NATIVE, SYS_unshare, {CLONE_NEWUSER | CLONE_NEWNS | UP}, 0, EPERM},
	{NATIVE, SYS_unshare, {CLONE_FILES}, 0, 0},

	{NATIVE, SYS_socket, {AF_UNIX, SOCK_STREAM, 0}, 0, 0},
	{NATIVE, SYS_socket, {AF_INET, SOCK_STREAM, 0}, 0, 0},
	{NATIVE, SYS_socket, {AF_INET, SOCK_STREAM, 6}, 0, 0},
	{NATIVE, SYS_socket, {AF_INET6, SOCK_DGRAM, 17}, 0, 0},
	{NATIVE, SYS_socket, {AF_INET, SOCK_DGRAM, 1 /* ping */}, 0, 0},
	{NATIVE, SYS_socket, {AF_INET, SOCK_STREAM, 262 /* MPTCP */}, 0, 0},
	{NATIVE, SYS_socket, {AF_INET, SOCK_DCCP, 33}, EPROTONOSUPPORT, EPROTONOSUPPORT},
	{NATIVE, SYS_socket, {AF_INET, SOCK_STREAM, 132}, EPROTONOSUPPORT, EPROTONOSUPPORT},
	{NATIVE, SYS_socket, {AF_INET6, SOCK_STREAM, 132 | UP}, EPROTONOSUPPORT, EPROTONOSUPPORT},
	{NATIVE, SYS_socket, {AF_INET, SOCK_DGRAM, 115}, EPROTONOSUPPORT, EPROTONOSUPPORT},
	{NATIVE, SYS_socket, {AF_PACKET, SOCK_RAW, 0}, 0, EPERM},
	{NATIVE, SYS_socket, {AF_PACKET | UP, SOCK_RAW, 0}, 0, EPERM},
	{NATIVE, SYS_socket, {AF_INET, SOCK_PACKET, 0}, 0, EPERM},
	{NATIVE, SYS_socket, {AF_INET, SOCK_PACKET | SOCK_CLOEXEC | UP, 0}, 0, EPERM},
	{NATIVE, SYS_socket, {AF_ALG, SOCK_SEQPACKET, 0}, EAFNOSUPPORT, EAFNOSUPPORT},
	{NATIVE, SYS_socket, {AF_ALG | UP, SOCK_SEQPACKET, 0}, EAFNOSUPPORT, EAFNOSUPPORT},
	{NATIVE, SYS_socket, {AF_NETLINK, SOCK_RAW, NETLINK_ROUTE}, 0, 0},
	{NATIVE, SYS_socket, {AF_NETLINK, SOCK_RAW, NETLINK_GENERIC}, 0, 0},
	{NATIVE, SYS_socket, {AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER}, 0, EPERM},
	{NATIVE, SYS_socket, {AF_NETLINK | UP, SOCK_RAW, NETLINK_NETFILTER | UP}, 0, EPERM},
	{NATIVE, SYS_socket, {AF_NETLINK, SOCK_RAW, NETLINK_XFRM}, EPROTONOSUPPORT, EPERM},
	{NATIVE, SYS_socket, {AF_NETLINK, SOCK_RAW, NETLINK_XFRM | UP}, EPROTONOSUPPORT, EPERM},
	{NATIVE, SYS_socket, {AF_NETLINK, SOCK_RAW, NETLINK_CRYPTO}, EPROTONOSUPPORT, EPERM},
	{NATIVE, SYS_socket, {AF_NETLINK, SOCK_RAW, NETLINK_RDMA}, EPROTONOSUPPORT, EPERM},
	{NATIVE, SYS_socketpair, {AF_UNIX, SOCK_STREAM, 0}, 0, 0},
	{NATIVE, SYS_socketpair, {AF_TIPC, SOCK_STREAM, 0}, EAFNOSUPPORT, EAFNOSUPPORT},

	{NATIVE, UINT32_MAX, {0}, 0, 0},
	{NATIVE, 457 /* statmount */, {0}, ENOSYS, ENOSYS},
	{NATIVE, 467 /* open_tree_attr */, {0}, ENOSYS, ENOSYS},
	{NATIVE, 1000000, {0}, ENOSYS, ENOSYS},

	{AUDIT_ARCH_I386, 20 /* getpid */, {0}, 0, 0},
	{AUDIT_ARCH_I386, 54 /* ioctl */, {0, TIOCSTI}, EPERM, EPERM},
	{AUDIT_ARCH_I386, 102 /* socketcall */, {1}, EAFNOSUPPORT, EPERM},
	{AUDIT_ARCH_I386, 102, {8}, EAFNOSUPPORT, EAFNOSUPPORT},
	{AUDIT_ARCH_I386, 102, {3 /* CONNECT */}, 0, 0},
	{AUDIT_ARCH_I386, 359 /* socket */, {AF_INET, SOCK_STREAM, 0}, 0, 0},
	{AUDIT_ARCH_I386, 359, {AF_ALG, SOCK_SEQPACKET, 0}, EAFNOSUPPORT, EAFNOSUPPORT},
	{AUDIT_ARCH_I386, 359, {AF_PACKET, SOCK_RAW, 0}, 0, EPERM},
	{AUDIT_ARCH_I386, 359, {AF_INET, SOCK_STREAM, 132}, EPROTONOSUPPORT, EPROTONOSUPPORT},
	{AUDIT_ARCH_I386, 360 /* socketpair */, {AF_UNIX, SOCK_STREAM, 0}, 0, 0},
	{AUDIT_ARCH_I386, 120 /* clone */, {CLONE_NEWUSER}, 0, EPERM},
	{AUDIT_ARCH_I386, 435 /* clone3 */, {0}, 0, ENOSYS},
	{AUDIT_ARCH_I386, 136 /* personality */, {0x400000}, EPERM, EPERM},
	{AUDIT_ARCH_I386, 136, {0x40000}, 0, 0},
	{AUDIT_ARCH_I386, 22 /* umount */, {0}, 0, EPERM},
	{AUDIT_ARCH_I386, 52 /* umount2 */, {0}, 0, EPERM},
	{AUDIT_ARCH_I386, 404 /* clock_settime64 */, {0}, EPERM, EPERM},
	{AUDIT_ARCH_I386, 113 /* vm86old */, {0}, EPERM, EPERM},
	{AUDIT_ARCH_I386, 390, {0}, ENOSYS, ENOSYS},
	{AUDIT_ARCH_I386, 467, {0}, ENOSYS, ENOSYS},
	{AUDIT_ARCH_AARCH64, 0, {0}, KILLED, KILLED},
};

START_TEST(arguments_decide_as_golden)
{
	struct seccomp_data data = {
		.nr = (int)calls[_i].number,
		.arch = calls[_i].arch,
		.args = {calls[_i].arguments[0], calls[_i].arguments[1], calls[_i].arguments[2]},
	};

	build_all();
	ck_assert_int_eq(decide(1, false, &data), calls[_i].outer);
	ck_assert_int_eq(decide(1, true, &data), calls[_i].session);
	free_all();
}
END_TEST

/* ---- the same of the kernel ---- */

static void load(unsigned abi, bool with_session)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		seccomp_program_load(&programs[abi][SECCOMP_OUTER]) < 0 ||
		(with_session && seccomp_program_load(&programs[abi][SECCOMP_SESSION]) < 0))
		_exit(100);
}

/* In a child with the programs: every refused call is made. Exits with 0, or 1 at the first
 * surprise. */
static void try_refused(bool with_session)
{
	load(1, with_session);
	for (int number = 0; number <= MATRIX_LAST; number++) {
		int expected = golden_error(number, with_session);

		/* uretprobe and uprobe: the kernel's own, seccomp is not asked (6.11 and later). */
		if (number == 335 || number == 336)
			continue;
		if (expected && (syscall(number, 0, 0, 0, 0, 0, 0) != -1 || errno != expected))
			_exit(1);
	}
	for (size_t i = 0; i < ELEMENTS(calls); i++) {
		int expected = with_session ? calls[i].session : calls[i].outer;

		if (calls[i].arch != NATIVE || expected <= 0)
			continue;
		if (syscall(calls[i].number, calls[i].arguments[0], calls[i].arguments[1],
			    calls[i].arguments[2]) != -1 ||
			errno != expected)
			_exit(2);
	}
	_exit(0);
}

static int wait_for(pid_t pid)
{
	int status;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

START_TEST(kernel_refuses_as_golden)
{
	pid_t pid;

	build_all();
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		try_refused(_i == 1);
	ck_assert_int_eq(wait_for(pid), 0);
	free_all();
}
END_TEST

/* getpid by the i386 entry; SIGSEGV where the kernel has none. */
static int run_i386(int abi)
{
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		long r;

		signal(SIGSEGV, SIG_DFL); /* a sanitizer would report it */
		if (abi >= 0)
			load((unsigned)abi, true);
		__asm__ volatile("int $0x80"
				 : "=a"(r)
				 : "a"(20)
				 : "memory", "r8", "r9", "r10", "r11");
		_exit(r == getpid() ? 0 : 3);
	}
	return wait_for(pid);
}

START_TEST(i386_killed_unless_abi)
{
	int status;

	build_all();
	if (run_i386(-1) == 0) {
		ck_assert_int_eq(run_i386(1), 0);
		status = run_i386(0);
		ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
	}
	free_all();
}
END_TEST

/* What a login loads stays small: a long program costs at every load. */
START_TEST(programs_stay_small)
{
	build_all();
	ck_assert_uint_le(programs[0][SECCOMP_OUTER].count, 200);
	ck_assert_uint_le(programs[0][SECCOMP_SESSION].count, 120);
	free_all();
}
END_TEST

static void add_tests(TCase *tests)
{
	tcase_add_test(tests, every_number_as_golden);
	tcase_add_loop_test(tests, arguments_decide_as_golden, 0, (int)ELEMENTS(calls));
	tcase_add_loop_test(tests, kernel_refuses_as_golden, 0, 2);
	tcase_add_test(tests, i386_killed_unless_abi);
	tcase_add_test(tests, programs_stay_small);
}

#else /* the golden tables are those of x86_64 */

START_TEST(programs_build)
{
	struct seccomp_program program;

	ck_assert_int_eq(seccomp_program_build((enum seccomp_program_id)_i, 0, &program), 0);
	seccomp_program_done(&program);
}
END_TEST

static void add_tests(TCase *tests)
{
	tcase_add_loop_test(tests, programs_build, 0, SECCOMP_PROGRAM_COUNT);
}

#endif

int main(void)
{
	Suite *suite = suite_create("seccomp");
	TCase *tests = tcase_create("seccomp");
	SRunner *runner = srunner_create(suite);
	int failed;

	add_tests(tests);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
