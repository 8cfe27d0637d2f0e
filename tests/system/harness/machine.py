# SPDX-License-Identifier: Apache-2.0
"""The machine that system tests see: made inside private mount, network, PID, IPC and UTS namespaces.

Everything that a test or the product may write lies on file systems of the machine's own, so the real
host keeps its /etc, homes, logs, devices, links and processes. Runs as root, as PID 1's child of the
private PID namespace, before anything else is started. See __main__.py for how the namespaces are made.
"""

import os
import pathlib
import shutil
import stat
import subprocess

PREFIX = "/opt/sandboxd-test"
PROBES = PREFIX + "/probes"
HOSTNAME = "lab"
PASSWORD = "correct horse"

# The machine's own network, and the world behind it (a second network namespace).
HOST4, WORLD4 = "203.0.113.1", "203.0.113.2"
HOST6, WORLD6 = "2001:db8:5::1", "2001:db8:5::2"
WORLD = "world"

# name, uid, groups. `joint` has scope "user" in the base config; `boss` is exempt through sudo.
USERS = (
    ("stu1", 1000, ("sandboxed",)),
    ("stu2", 1001, ("sandboxed",)),
    ("joint", 1002, ("sandboxed",)),
    ("plain", 1100, ()),
    ("boss", 1101, ("sandboxed", "sudo")),
)

# path, kind, mode: `copy` and `overlay` begin as the host's, `empty` as nothing. The product makes overlays of
# /usr and /etc itself and the kernel stacks two at most: on a host whose root is one, /usr stays the host's.
TREES = (
    ("/etc", "copy", 0o755),
    ("/usr", "overlay", 0o755),
    ("/opt", "overlay", 0o755),
    ("/var/lib", "overlay", 0o755),
    ("/home", "empty", 0o755),
    ("/root", "empty", 0o700),
    ("/run", "empty", 0o755),
    ("/srv", "empty", 0o755),
    ("/var/log", "empty", 0o755),
    ("/var/mail", "empty", 0o2775),
    ("/var/tmp", "empty", 0o1777),
    ("/var/spool/cron", "empty", 0o755),
    ("/tmp", "empty", 0o1777),
)

DEVICES = (
    ("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9),
    ("tty", 5, 0), ("kmsg", 1, 11),
)

# Services whose PAM file gets the entering line; su-l and runuser-l include su and runuser.
ENTERING = ("sshd", "login", "su", "runuser", "cron")


def run(*command, **kw):
    """Runs a command that has to succeed; its output is in the exception otherwise."""
    kw.setdefault("stdin", subprocess.DEVNULL)
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **kw)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.returncode}\n{done.stdout.decode(errors='replace')}")
    return done.stdout.decode(errors="replace")


def write(path, text, mode=0o644, owner=(0, 0)):
    path = pathlib.Path(path)
    path.write_text(text)
    path.chmod(mode)
    os.chown(path, *owner)


def is_overlay(path):
    return run("stat", "-f", "-c", "%T", path).strip() == "overlayfs"


def is_private(path):
    """True if PATH, one of TREES, is not the real host's."""
    return os.path.ismount(path)


def _forget_mounts():
    """Takes off what somebody else has mounted below /tmp and comes and goes; in this namespace alone."""
    for line in reversed(pathlib.Path("/proc/self/mountinfo").read_text().splitlines()):
        if line.split()[4].startswith("/tmp/"):
            subprocess.run(["umount", "-n", "-l", line.split()[4]], check=False, stderr=subprocess.DEVNULL)


def _mount_trees(work):
    for index, (path, kind, mode) in enumerate(TREES):
        if kind == "overlay" and is_overlay(path):
            if path == "/usr":
                continue
            kind = "copy"
        place = f"{work}/tree{index}"
        os.mkdir(place)
        os.makedirs(path, exist_ok=True)
        if kind == "overlay":
            run("mount", "-n", "-t", "tmpfs", "-o", "mode=755", "upper", place)
            for name in ("upper", "work"):
                os.mkdir(f"{place}/{name}")
            run("mount", "-n", "-t", "overlay", "-o",
                f"lowerdir={path},upperdir={place}/upper,workdir={place}/work", "overlay", path)
            continue
        run("mount", "-n", "-t", "tmpfs", "-o", f"mode={mode:o}", "private", place)
        if kind == "copy":
            run("cp", "-a", path + "/.", place)
        run("mount", "-n", "--move", place, path)


def _mount_kernel_trees(work):
    run("mount", "-n", "-t", "proc", "-o", "nosuid,nodev,noexec", "proc", "/proc")
    sys_place = f"{work}/sys"
    os.mkdir(sys_place)
    run("mount", "-n", "-t", "sysfs", "-o", "nosuid,nodev,noexec", "sysfs", sys_place)
    run("mount", "-n", "--rbind", "/sys/fs/cgroup", sys_place + "/fs/cgroup")
    run("mount", "-n", "--move", sys_place, "/sys")

    dev = f"{work}/dev"
    os.mkdir(dev)
    run("mount", "-n", "-t", "tmpfs", "-o", "mode=755", "dev", dev)
    for name, major, minor in DEVICES:
        os.mknod(f"{dev}/{name}", stat.S_IFCHR | 0o666, os.makedev(major, minor))
        os.chmod(f"{dev}/{name}", 0o666)
    for name, target in (("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"),
                         ("stdout", "/proc/self/fd/1"), ("stderr", "/proc/self/fd/2"),
                         ("ptmx", "pts/ptmx")):
        os.symlink(target, f"{dev}/{name}")
    for name in ("pts", "shm", "mqueue"):
        os.mkdir(f"{dev}/{name}")
    run("mount", "-n", "-t", "devpts", "-o", "newinstance,ptmxmode=0666,mode=0620,gid=5", "devpts", dev + "/pts")
    run("mount", "-n", "-t", "tmpfs", "-o", "mode=1777", "shm", dev + "/shm")
    run("mount", "-n", "-t", "mqueue", "mqueue", dev + "/mqueue")
    run("mount", "-n", "--move", dev, "/dev")


def _make_state_files():
    os.makedirs("/run/sshd", 0o755)
    os.makedirs("/run/lock", 0o1777, exist_ok=True)
    os.makedirs("/run/user", 0o755)
    os.makedirs("/run/netns", 0o755)
    os.makedirs("/var/spool/cron/crontabs", exist_ok=True)
    shutil.chown("/var/spool/cron/crontabs", "root", "crontab")
    os.chmod("/var/spool/cron/crontabs", 0o1730)
    shutil.chown("/var/mail", "root", "mail")
    for path, mode in (("/run/utmp", 0o664), ("/var/log/wtmp", 0o664), ("/var/log/btmp", 0o660),
                       ("/var/log/lastlog", 0o664)):
        write(path, "", mode)
        shutil.chown(path, "root", "utmp")
    run("hostname", HOSTNAME)
    write("/etc/motd", "")  # what a refused login reads is then ours alone
    shutil.rmtree("/etc/update-motd.d", ignore_errors=True)
    write("/etc/hostname", HOSTNAME + "\n")
    write("/etc/hosts", f"127.0.0.1 localhost\n127.0.1.1 {HOSTNAME}\n{WORLD4} world\n")
    if os.path.islink("/etc/resolv.conf"):
        os.unlink("/etc/resolv.conf")
    write("/etc/resolv.conf", f"search lab.example\nnameserver {WORLD4}\n")


def _make_accounts():
    """Debian's own accounts and those of the installed daemons; nobody of the real host's."""
    for kind in ("passwd", "group"):
        lines = pathlib.Path(f"/usr/share/base-passwd/{kind}.master").read_text().splitlines()
        lines = [":".join(["x" if n == 1 else field for n, field in enumerate(line.split(":"))]) for line in lines]
        names = {line.split(":")[0] for line in lines}
        for line in pathlib.Path(f"/etc/{kind}").read_text().splitlines():
            name, _, number = line.split(":")[:3]
            if name not in names and int(number) < 1000 and name != "sandboxed":
                lines.append(line)
        write(f"/etc/{kind}", "\n".join(lines) + "\n")
    for path in ("/etc/subuid", "/etc/subgid"):
        write(path, "")
    groups = pathlib.Path("/etc/group").read_text()
    for name in ("crontab", "_ssh"):
        if f"\n{name}:" not in groups:
            run("groupadd", "-r", name)
    run("pwconv")
    run("grpconv")


def add_group(name, gid=None):
    run("groupadd", *(["-g", str(gid)] if gid else []), name)


def add_user(name, uid, groups=(), shell="/bin/bash", home=None, gecos="", password=PASSWORD):
    """A user with a home of mode 0750, the tests' key, and a password."""
    home = home or f"/home/{name}"
    run("groupadd", "-g", str(uid), name)
    command = ["useradd", "-u", str(uid), "-g", str(uid), "-s", shell, "-d", home, "-c", gecos, "-M",
               "-K", "MAIL_DIR=/var/mail"]
    if groups:
        command += ["-G", ",".join(groups)]
    run(*command, name)
    subprocess.run(["chpasswd"], input=f"{name}:{password}\n".encode(), check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if not os.path.lexists(home):
        os.makedirs(home)
        os.chmod(home, 0o750)
        os.chown(home, uid, uid)
    if os.path.exists("/root/.ssh/id.pub"):
        shutil.copy("/root/.ssh/id.pub", f"/etc/ssh/keys/{name}")


def _make_users():
    os.makedirs("/root/.ssh", 0o700)
    os.makedirs("/etc/ssh/keys", 0o755)
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "/root/.ssh/id")
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "/root/.ssh/other")
    add_group("sandboxed", 900)
    for name, uid, groups in USERS:
        add_user(name, uid, groups)
    shutil.copy("/root/.ssh/id.pub", "/etc/ssh/keys/root")


def _make_network():
    run("ip", "link", "set", "lo", "up")
    run("ip", "netns", "add", WORLD)
    run("ip", "link", "add", "up0", "type", "veth", "peer", "name", "eth0", "netns", WORLD)
    run("ip", "addr", "add", HOST4 + "/24", "dev", "up0")
    run("ip", "addr", "add", HOST6 + "/64", "dev", "up0", "nodad")
    run("ip", "link", "set", "up0", "up")
    world = ("ip", "-n", WORLD)
    run(*world, "link", "set", "lo", "up")
    run(*world, "addr", "add", WORLD4 + "/24", "dev", "eth0")
    run(*world, "addr", "add", WORLD6 + "/64", "dev", "eth0", "nodad")
    run(*world, "link", "set", "eth0", "up")
    run("ip", "route", "add", "default", "via", WORLD4)
    run("ip", "-6", "route", "add", "default", "via", WORLD6)


def pam_module():
    # Without dpkg-dev meson's libdir is lib64, not lib/x86_64-linux-gnu.
    for path in pathlib.Path(PREFIX).glob("lib*/**/security/pam_sandbox.so"):
        return str(path)
    return PREFIX + "/lib/security/pam_sandbox.so"


def write_pam(options=""):
    """The entering line, last in each service's file; begun anew from the host's files each time."""
    line = f"session required {pam_module()} group=sandboxed {options}".rstrip() + "\n"
    for service in ENTERING:
        original = pathlib.Path(f"/etc/pam.d/{service}.host")
        if not original.exists():
            shutil.copy(f"/etc/pam.d/{service}", original)
        write(f"/etc/pam.d/{service}", original.read_text().rstrip("\n") + "\n" + line)


def _make_ssh():
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "/etc/ssh/test_host_key")
    key = pathlib.Path("/etc/ssh/test_host_key.pub").read_text().split()
    write("/root/.ssh/known_hosts", f"127.0.0.1,{HOSTNAME} {key[0]} {key[1]}\n", 0o600)
    write("/root/.ssh/test_config",
          f"Host *\n  HostName 127.0.0.1\n  HostKeyAlias {HOSTNAME}\n  IdentityFile /root/.ssh/id\n"
          "  IdentitiesOnly yes\n  UserKnownHostsFile /root/.ssh/known_hosts\n  GlobalKnownHostsFile none\n"
          "  StrictHostKeyChecking yes\n  BatchMode yes\n  KexAlgorithms curve25519-sha256\n"
          "  LogLevel ERROR\n  ConnectTimeout 30\n", 0o600)
    write_sshd_config()


def write_sshd_config(more=""):
    write("/etc/ssh/sshd_test_config",
          "ListenAddress 0.0.0.0\nPort 22\nHostKey /etc/ssh/test_host_key\nUsePAM yes\n"
          "AuthorizedKeysFile /etc/ssh/keys/%u .ssh/authorized_keys\nPermitRootLogin yes\n"
          "PasswordAuthentication yes\nKbdInteractiveAuthentication yes\nX11Forwarding yes\n"
          "AllowTcpForwarding yes\nAllowStreamLocalForwarding yes\nPermitTunnel yes\n"
          "AcceptEnv LANG LC_* TEST_* LD_* GLIBC_TUNABLES GCONV_PATH LOCPATH MALLOC_*\n"
          "PermitUserEnvironment yes\nPrintMotd no\nMaxStartups 200\nMaxSessions 30\nMaxAuthTries 20\n"
          "LogLevel VERBOSE\nPidFile /run/sshd_test.pid\nUseDNS no\n" + more
          + ("" if "Subsystem" in more else "Subsystem sftp /usr/lib/openssh/sftp-server\n"), 0o600)


def make(installed, probes):
    """Turns the namespaces that this process is in into the test machine. INSTALLED: a DESTDIR tree."""
    work = "/mnt"
    run("mount", "-n", "-t", "tmpfs", "-o", "mode=755", "work", work)
    os.mkdir(work + "/installed")
    run("cp", "-a", installed + PREFIX, work + "/installed/prefix")
    os.mkdir(work + "/installed/probes")
    for probe in probes:
        shutil.copy(probe, work + "/installed/probes/")
    _forget_mounts()
    _mount_trees(work)
    _mount_kernel_trees(work)
    shutil.move(work + "/installed/prefix", PREFIX)
    shutil.move(work + "/installed/probes", PROBES)
    for path in ("/var/lib/sandboxd", "/etc/sandboxd"):  # an installed sandboxd is none of ours
        shutil.rmtree(path, ignore_errors=True)
    _make_accounts()
    _make_state_files()
    _make_users()
    _make_network()
    _make_ssh()
    write_pam()
