/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the shim reads from here on was written by a PID 1 that may be hostile. The program is
 * written by hand: the shim links libc only. The shim has no descriptor but the connection, its
 * signals and, where it relays, the caller's terminal.
 */
#include "shim/fence.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

#if defined(__x86_64__)
#define FENCE_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define FENCE_ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define FENCE_ARCH AUDIT_ARCH_RISCV64
#else
#error "the fence does not know this machine"
#endif

static const uint32_t calls[] = {
	SYS_read,
	SYS_write,
	SYS_writev,
	SYS_recvmsg,
	SYS_sendmsg,
#ifdef SYS_poll
	SYS_poll,
#endif
	SYS_ppoll,
	SYS_close,
	SYS_fstat,
	SYS_newfstatat, /* how the library does fstat(2) */
	SYS_fcntl,	/* the received pty is made non-blocking */
	SYS_clock_gettime,
	SYS_restart_syscall,
	SYS_rt_sigaction,
	SYS_rt_sigprocmask,
	SYS_getpid,
	SYS_exit_group,
};

/* Libraries since glibc 2.42 use these; the kernel's header of them cannot stand beside termios.h.
 */
#define FENCE_TCGETS2 _IOR('T', 0x2a, unsigned char[44])
#define FENCE_TCSETS2 _IOW('T', 0x2b, unsigned char[44])

static const uint32_t requests[] = {
	SIOCOUTQ,
	TIOCGWINSZ,
	TIOCSWINSZ,
	TIOCGPTN,
	TCGETS,
	TCSETS,
	FENCE_TCGETS2,
	FENCE_TCSETS2,
};

struct program {
	struct sock_filter *at;
};

static void emit(struct program *p, struct sock_filter instruction)
{
	*p->at++ = instruction;
}

/* Arguments are 64 bits wide; the kernel's own checks of these look at the low half. */
static void load_argument(struct program *p, unsigned index)
{
	emit(p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			(uint32_t)offsetof(struct seccomp_data, args) + index * 8));
}

static void allow_if_equal(struct program *p, uint32_t value)
{
	emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1));
	emit(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
}

static void skip_unless_equal(struct program *p, uint32_t value, size_t count)
{
	emit(p, (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, value, 0, (unsigned char)count));
}

static void kill_process(struct program *p)
{
	emit(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
}

static int load_filter(void)
{
	struct sock_filter instructions[16 + 2 * (ELEMENTS(calls) + ELEMENTS(requests))];
	struct program p = {.at = instructions};
	struct sock_fprog loaded = {.filter = instructions};

	emit(&p, (struct sock_filter)BPF_STMT(
			 BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)));
	emit(&p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FENCE_ARCH, 1, 0));
	kill_process(&p);
	emit(&p, (struct sock_filter)BPF_STMT(
			 BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)));
	for (size_t i = 0; i < ELEMENTS(calls); i++)
		allow_if_equal(&p, calls[i]);
	/* Ends as the program did, by a signal to itself; to nobody else. */
	skip_unless_equal(&p, SYS_kill, 4);
	load_argument(&p, 0);
	allow_if_equal(&p, (uint32_t)getpid());
	kill_process(&p);
	skip_unless_equal(&p, SYS_ioctl, 1 + 2 * ELEMENTS(requests));
	load_argument(&p, 1);
	for (size_t i = 0; i < ELEMENTS(requests); i++)
		allow_if_equal(&p, requests[i]);
	kill_process(&p);
	loaded.len = (unsigned short)(p.at - instructions);
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &loaded) < 0 ? -errno : 0;
}

int fence_close(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};

	if (syscall(SYS_capset, &header, none) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return load_filter();
}
