/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pam_sandbox.so: its parts by tables, and the module itself as an ELF file and through libpam.
 * What needs accounts or a broker is in tests/system/alone/pam.py.
 */
#include <check.h>
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <security/pam_appl.h>

#include "base/clock.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "pam/account.h"
#include "pam/broker.h"
#include "pam/options.h"

static const struct {
	const char *word;
	int result;
} option_words[] = {
	{"group=students", 0},
	{"exempt=wheel", 0},
	{"as=sshd", 0},
	{"socket=/run/x.sock", 0},
	{"deadline=500ms", 0},
	{"deadline=1h", 0},
	{"gate", 0},
	{"debug", 0},
	{"", REFUSED},
	{"=", REFUSED},
	{"nonsense", REFUSED},
	{"groups=x", REFUSED},
	{"grou=x", REFUSED},
	{"Group=x", REFUSED},
	{" group=x", REFUSED},
	{"group", REFUSED},
	{"group=", REFUSED},
	{"group=a:b", REFUSED},
	{"exempt=", REFUSED},
	{"exempt=a,b", REFUSED},
	{"as=../sshd", REFUSED},
	{"socket=run/x.sock", REFUSED},
	{"socket=", REFUSED},
	{"deadline=", REFUSED},
	{"deadline=0", REFUSED},
	{"deadline=-1", REFUSED},
	{"deadline=5x", REFUSED},
	{"deadline=61m", REFUSED},
	{"gate=no", REFUSED},
	{"debug=", REFUSED},
	{"\x1b[2J", REFUSED},
};

START_TEST(options_parse_takes_only_what_it_knows)
{
	const char *argv[] = {option_words[_i].word, "exempt=last"};
	struct refusal refusal = {""};
	struct options options;

	ck_assert_int_eq(options_parse(2, argv, &options, &refusal), option_words[_i].result);
	/* What stands behind a mistake holds, and so do the defaults. */
	ck_assert_str_eq(options.exempt, "last");
	ck_assert_ptr_nonnull(options.group);
	ck_assert_ptr_nonnull(options.socket);
	ck_assert_uint_gt(options.deadline, 0);
	ck_assert_int_eq(refusal.text[0] != '\0', option_words[_i].result == REFUSED);
	for (const char *c = refusal.text; *c; c++)
		ck_assert(*c >= 0x20 && *c < 0x7f);
}
END_TEST

START_TEST(options_parse_has_the_documented_defaults)
{
	struct refusal refusal;
	struct options options;

	ck_assert_int_eq(options_parse(0, NULL, &options, &refusal), 0);
	ck_assert_str_eq(options.group, "sandboxed");
	ck_assert_str_eq(options.exempt, "sudo");
	ck_assert_str_eq(options.socket, "/run/sandboxd/sandboxd.sock");
	ck_assert_uint_eq(options.deadline, 5 * USEC_PER_SEC);
	ck_assert_ptr_null(options.as);
	ck_assert(!options.gate && !options.debug);
}
END_TEST

static const struct {
	const char *content;
	int result;
} group_files[] = {
	{"sudo:x:27:alice\n", 1},
	{"sudo:x:27:bob,alice,carol\n", 1},
	{"root:x:0:\nsudo:x:27:bob,alice", 1},
	{"sudo:x:27:\nsudo:x:27:alice\n", 1},
	{"sudo::27:alice", 1},
	{"sudo:x:27:\n", 0},
	{"sudo:x:27:alicea,aalice,alic\n", 0},
	{"sudo:x:27: alice\n", 0},
	{"sudo:x:27:alice \n", 0},
	{"sudo:x:27:alice:bob\n", 0},
	{"", -ENOENT},
	{"\n\n\n", -ENOENT},
	{"sudo", -ENOENT},
	{"sudo:alice", -ENOENT},
	{"sudo:x:alice", -ENOENT},
	{"sudoers:x:27:alice\n", -ENOENT},
	{" sudo:x:27:alice\n", -ENOENT},
	{"#sudo:x:27:alice\n", -ENOENT},
	{"alice:x:27:sudo\n", -ENOENT},
};

START_TEST(group_file_has_member_reads_names_exactly)
{
	char path[] = "/tmp/test_pam.XXXXXX";
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_ge(write(fd, group_files[_i].content, strlen(group_files[_i].content)), 0);
	close(fd);
	ck_assert_int_eq(group_file_has_member(path, "sudo", "alice"), group_files[_i].result);
	unlink(path);
}
END_TEST

START_TEST(group_file_has_member_takes_regular_files_only)
{
	char path[] = "/tmp/test_pam.XXXXXX";

	ck_assert_int_eq(group_file_has_member("/nonexistent", "sudo", "alice"), -ENOENT);
	ck_assert_int_eq(group_file_has_member("/tmp", "sudo", "alice"), -EBADF);
	ck_assert_int_eq(group_file_has_member("/dev/zero", "sudo", "alice"), -EBADF);
	ck_assert_ptr_nonnull(mkdtemp(path));
	rmdir(path);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(group_file_has_member(path, "sudo", "alice"), -EBADF);
	unlink(path);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	ck_assert_int_eq(truncate(path, INT64_C(1) << 40), 0);
	ck_assert_int_eq(group_file_has_member(path, "sudo", "alice"), -EFBIG);
	unlink(path);
}
END_TEST

static size_t put_good_reply(unsigned char *buffer)
{
	struct wire_writer w;
	size_t length = 0;

	wire_writer_init(&w, buffer, WIRE_REPLY_MAX);
	wire_put_reply(&w, WIRE_OPEN, 0, "");
	wire_put_string(&w, "lab-0123abcd");
	ck_assert_int_eq(wire_writer_end(&w, &length), 0);
	return length;
}

START_TEST(broker_read_reply_takes_the_whole_reply_only)
{
	unsigned char buffer[WIRE_REPLY_MAX] = {0};
	char session[WIRE_SESSION_MAX + 1] = "untouched";
	struct refusal refusal;
	size_t length = put_good_reply(buffer);

	for (size_t n = 0; n < length; n++) {
		/* A heap block of the exact size, for ASan to watch its end. */
		_cleanup_free_ unsigned char *part = malloc(n + 1);

		memcpy(part, buffer, n);
		ck_assert_int_eq(broker_read_reply(part, n, 3, session, &refusal), REFUSED);
		ck_assert_str_eq(session, "untouched");
	}
	ck_assert_int_eq(broker_read_reply(buffer, length + 1, 3, session, &refusal), REFUSED);
	for (size_t fds = 0; fds < 8; fds++)
		if (fds != 3)
			ck_assert_int_eq(
				broker_read_reply(buffer, length, fds, session, &refusal), REFUSED);
	ck_assert_int_eq(broker_read_reply(buffer, length, 3, session, &refusal), 0);
	ck_assert_str_eq(session, "lab-0123abcd");
}
END_TEST

START_TEST(broker_read_reply_shows_a_refusal_as_one_line)
{
	unsigned char buffer[WIRE_REPLY_MAX];
	char session[WIRE_SESSION_MAX + 1];
	struct refusal refusal;
	struct wire_writer w;

	wire_writer_init(&w, buffer, sizeof(buffer));
	wire_put_reply(&w, WIRE_OPEN, EACCES, "no\x1b[2J room\r\n\x9b%s%n");
	ck_assert_int_eq(broker_read_reply(buffer, w.length, 3, session, &refusal), REFUSED);
	ck_assert_str_eq(refusal.text, "no?[2J room???%s%n");
}
END_TEST

/* The module as a file. */

struct elf {
	const unsigned char *data;
	size_t size;
	const Elf64_Shdr *sections;
	size_t count;
	const char *names;
};

static struct elf map_module(void)
{
	struct elf elf = {0};
	struct stat st;
	const Elf64_Ehdr *header;
	int fd = open(PAM_MODULE, O_RDONLY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fstat(fd, &st), 0);
	elf.size = (size_t)st.st_size;
	elf.data = mmap(NULL, elf.size, PROT_READ, MAP_PRIVATE, fd, 0);
	ck_assert_ptr_ne(elf.data, MAP_FAILED);
	close(fd);
	header = (const void *)elf.data;
	elf.sections = (const void *)(elf.data + header->e_shoff);
	elf.count = header->e_shnum;
	elf.names = (const char *)elf.data + elf.sections[header->e_shstrndx].sh_offset;
	return elf;
}

static const Elf64_Shdr *find_section(const struct elf *elf, const char *name)
{
	for (size_t i = 0; i < elf->count; i++)
		if (str_eq(elf->names + elf->sections[i].sh_name, name))
			return &elf->sections[i];
	return NULL;
}

static const char *dynamic_string(const struct elf *elf, size_t offset)
{
	return (const char *)elf->data + find_section(elf, ".dynstr")->sh_offset + offset;
}

START_TEST(module_exports_the_two_hooks)
{
	struct elf elf = map_module();
	const Elf64_Shdr *section = find_section(&elf, ".dynsym");
	const Elf64_Sym *symbols = (const void *)(elf.data + section->sh_offset);
	size_t defined = 0;

	for (size_t i = 1; i < section->sh_size / sizeof(*symbols); i++) {
		if (symbols[i].st_shndx == SHN_UNDEF)
			continue;
		defined++;
		ck_assert(str_starts(dynamic_string(&elf, symbols[i].st_name), "pam_sm_"));
	}
	ck_assert_uint_eq(defined, 2);
}
END_TEST

#ifndef MODULE_IS_SANITIZED
START_TEST(module_needs_libpam_and_libc)
{
	struct elf elf = map_module();
	const Elf64_Shdr *section = find_section(&elf, ".dynamic");
	const Elf64_Dyn *entries = (const void *)(elf.data + section->sh_offset);

	for (; entries->d_tag != DT_NULL; entries++) {
		const char *needed;

		if (entries->d_tag != DT_NEEDED)
			continue;
		needed = dynamic_string(&elf, entries->d_un.d_val);
		ck_assert_msg(
			str_eq(needed, "libpam.so.0") || str_eq(needed, "libc.so.6"), "%s", needed);
	}
}
END_TEST

START_TEST(module_has_no_constructor_and_no_globals)
{
	/* The C library's start code has one entry, or one word, in each: nothing of ours. */
	static const char *const names[] = {".init_array", ".fini_array", ".data", ".bss"};
	struct elf elf = map_module();

	for (size_t i = 0; i < ELEMENTS(names); i++) {
		const Elf64_Shdr *section = find_section(&elf, names[i]);

		if (section)
			ck_assert_msg(section->sh_size <= sizeof(void *), "%s: %zu bytes", names[i],
				(size_t)section->sh_size);
	}
	ck_assert_ptr_null(find_section(&elf, ".ctors"));
	ck_assert_ptr_null(find_section(&elf, ".tdata"));
	ck_assert_ptr_null(find_section(&elf, ".tbss"));
}
END_TEST
#endif

START_TEST(module_loads_a_thousand_times)
{
	for (int i = 0; i < 1000; i++) {
		void *module = dlopen(PAM_MODULE, RTLD_NOW);

		ck_assert_msg(module != NULL, "%s", dlerror());
		ck_assert_ptr_nonnull(dlsym(module, "pam_sm_open_session"));
		ck_assert_ptr_null(dlsym(module, "pam_sm_authenticate"));
		ck_assert_int_eq(dlclose(module), 0);
	}
}
END_TEST

/* The module through libpam, as far as that goes without accounts of our own. */

struct heard {
	int count;
	char text[1024];
};

static int converse(
	int count, const struct pam_message **messages, struct pam_response **ret, void *data)
{
	struct heard *heard = data;

	for (int i = 0; i < count; i++) {
		heard->count++;
		snprintf(heard->text, sizeof(heard->text), "%s", messages[i]->msg);
	}
	*ret = calloc((size_t)count, sizeof(**ret));
	return *ret ? PAM_SUCCESS : PAM_BUF_ERR;
}

static int open_as(const char *user, const char *options, struct heard *heard)
{
	char directory[] = "/tmp/test_pam.XXXXXX", path[64];
	struct pam_conv conversation = {converse, heard};
	pam_handle_t *pamh;
	FILE *file;
	int r;

	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/test", directory);
	file = fopen(path, "we");
	fprintf(file, "session required pam_permit.so\nsession required %s %s\n", PAM_MODULE,
		options);
	fclose(file);
	ck_assert_int_eq(
		pam_start_confdir("test", user, &conversation, directory, &pamh), PAM_SUCCESS);
	r = pam_open_session(pamh, 0);
	if (r == PAM_SUCCESS)
		ck_assert_int_eq(pam_close_session(pamh, 0), PAM_SUCCESS);
	ck_assert_int_eq(pam_end(pamh, r), PAM_SUCCESS);
	unlink(path);
	rmdir(directory);
	return r;
}

static const struct {
	const char *user;
	const char *options;
	int result;
	const char *words;
} logins[] = {
	{"root", "", PAM_SUCCESS, NULL},
	{"root", "nonsense", PAM_SUCCESS, NULL},
	{"root", "group=nosuchgroup gate", PAM_SUCCESS, NULL},
	{"nobody", "group=root", PAM_SUCCESS, NULL},
	{NULL, "group=root", PAM_SESSION_ERR, "name"},
	{"", "group=root", PAM_SESSION_ERR, "name"},
	{"a\nb", "group=root", PAM_SESSION_ERR, "name"},
	{"\x1b]0;x\x07", "group=root", PAM_SESSION_ERR, "name"},
	{"no-such-user", "group=root", PAM_SESSION_ERR, "no account"},
	{"\xc3\xa9\x9b", "group=root", PAM_SESSION_ERR, "no account \"???\""},
	{"%s%n", "group=root", PAM_SESSION_ERR, "no account \"%s%n\""},
	{"nobody", "group=nosuchgroup", PAM_SESSION_ERR, "nosuchgroup"},
	{"nobody", "group=root grop=x", PAM_SESSION_ERR, "\"grop=x\""},
	{"nobody", "group=nogroup gate", PAM_SESSION_ERR, "gate: not in this version"},
	{"nobody", "group=nogroup", PAM_SESSION_ERR, "not for logins"},
};

START_TEST(open_session_answers_without_a_broker)
{
	struct heard heard = {0};

	ck_assert_int_eq(open_as(logins[_i].user, logins[_i].options, &heard), logins[_i].result);
	ck_assert_int_eq(heard.count, logins[_i].words ? 1 : 0);
	if (logins[_i].words)
		ck_assert_msg(strstr(heard.text, logins[_i].words) != NULL, "%s", heard.text);
}
END_TEST

START_TEST(open_session_refuses_a_long_name)
{
	struct heard heard = {0};
	char user[10240];

	memset(user, 'x', sizeof(user));
	user[sizeof(user) - 1] = '\0';
	ck_assert_int_eq(open_as(user, "group=root", &heard), PAM_SESSION_ERR);
	ck_assert_int_eq(heard.count, 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("pam");
	TCase *parts = tcase_create("parts"), *module = tcase_create("module");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(
		parts, options_parse_takes_only_what_it_knows, 0, (int)ELEMENTS(option_words));
	tcase_add_test(parts, options_parse_has_the_documented_defaults);
	tcase_add_loop_test(
		parts, group_file_has_member_reads_names_exactly, 0, (int)ELEMENTS(group_files));
	tcase_add_test(parts, group_file_has_member_takes_regular_files_only);
	tcase_add_test(parts, broker_read_reply_takes_the_whole_reply_only);
	tcase_add_test(parts, broker_read_reply_shows_a_refusal_as_one_line);
	suite_add_tcase(suite, parts);
	tcase_set_timeout(module, 60);
	tcase_add_test(module, module_exports_the_two_hooks);
#ifndef MODULE_IS_SANITIZED
	tcase_add_test(module, module_needs_libpam_and_libc);
	tcase_add_test(module, module_has_no_constructor_and_no_globals);
#endif
	tcase_add_test(module, module_loads_a_thousand_times);
	tcase_add_loop_test(
		module, open_session_answers_without_a_broker, 0, (int)ELEMENTS(logins));
	tcase_add_test(module, open_session_refuses_a_long_name);
	suite_add_tcase(suite, module);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
