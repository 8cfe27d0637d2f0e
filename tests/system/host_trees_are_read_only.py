# SPDX-License-Identifier: Apache-2.0
"""/usr, /etc, /opt and what else is the host's cannot be written, and no mount of it made writable (I31)."""


def test(env):
    for place in ("/", "/usr", "/usr/bin", "/etc", "/opt", "/var", "/var/lib", "/sys", "/proc"):
        done = env.ssh("stu1", f"touch {place}/new")
        env.check(done.rc != 0, place, "can be written")
    for place in ("/proc", "/sys", "/dev", "/run", "/home", "/usr", "/etc", "/tmp", "/home/stu1", "/dev/pts"):
        done = env.ssh("stu1", f"umount {place} || umount -l {place}; mount -o remount,rw {place}")
        env.check(done.rc != 0, place, "was unmounted or remounted")
    env.check(env.ssh("stu1", "unshare -rm sh -c 'mount -o remount,rw /usr && echo rw; umount -l /proc && ls /'"
                      ).text == "", "a user namespace of the student's own changed the mounts")
    env.equal(env.ssh_ok("stu1", "awk '$4 !~ /nosuid/ {print $2}' /proc/mounts"), "")
