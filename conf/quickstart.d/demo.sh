# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # names that the parts share
#
# Two users with a locked password, and an sshd on loopback that alone reads their key. It has a PAM
# service of its own: the host's stack for sshd with the entering line behind it.

readonly demo_service=sandboxd-demo-sshd
readonly demo_pam=/etc/pam.d/$demo_service
readonly private=$demo/private
readonly ssh_config=$demo/ssh_config
readonly demo_ssh=(ssh -F "$ssh_config" -o LogLevel=ERROR)

make_demo() {
	# Before the users, and so removed after them and their sessions.
	if [ ! -d /run/sshd ]; then
		made sshd_directory /run/sshd
		install -d -m 0755 /run/sshd
	fi
	make_users
	make_keys
	make_pam_file
	make_sshd_config
	start_sshd
}

make_users() {
	local user
	for user in "${users[@]}"; do
		if ! is_made user "$user"; then
			! getent passwd "$user" >/dev/null ||
				fail "a user $user is there already, and not by quickstart" "userdel $user"
			[ ! -e "/home/$user" ] ||
				fail "/home/$user is there already" "move it away"
			made user "$user"
		fi
		getent passwd "$user" >/dev/null || quietly "the user $user cannot be made" \
			"read the lines above" useradd --create-home --home-dir "/home/$user" \
			--shell /bin/bash --comment "sandboxd demo" "$user"
		quietly "$user cannot be made a member of $group" "read the lines above" \
			usermod --append --groups "$group" "$user"
	done
}

make_keys() {
	local user key
	install -d -m 0755 "$demo/keys"
	install -d -m 0700 "$private"
	made tree "$demo/keys"
	made tree "$private"
	for key in client host; do
		[ -f "$private/$key" ] || ssh-keygen -q -t ed25519 -N '' -C "sandboxd demo" \
			-f "$private/$key"
	done
	for user in "${users[@]}"; do
		install -m 0644 "$private/client.pub" "$demo/keys/$user"
	done
}

make_pam_file() {
	made file "$demo_pam"
	{
		printf '# conf/quickstart: sshd as this host has it, and the entering line last.\n'
		grep -v pam_sandbox.so /etc/pam.d/sshd
		sed 's/$/ as=sshd/' "$entering_line"
	} >"$demo_pam"
}

# Which program serves a PAM service: up to OpenSSH 9.7 the name it was started by, then a setting.
make_sshd_config() {
	local user
	made file "$demo/$demo_service"
	ln -sfn /usr/sbin/sshd "$demo/$demo_service"
	made file "$demo/sshd_config"
	cat >"$demo/sshd_config" <<-END
		ListenAddress 127.0.0.1
		Port $port
		HostKey $private/host
		PidFile none
		UsePAM yes
		AllowUsers ${users[*]}
		AuthorizedKeysFile $demo/keys/%u
		PasswordAuthentication no
		KbdInteractiveAuthentication no
		PermitTunnel no
		AllowStreamLocalForwarding no
		PrintMotd no
		AcceptEnv LANG LC_*
		Subsystem sftp /usr/lib/openssh/sftp-server
	END
	if /usr/sbin/sshd -t -f "$demo/sshd_config" -o "PAMServiceName=$demo_service" 2>/dev/null; then
		printf 'PAMServiceName %s\n' "$demo_service" >>"$demo/sshd_config"
	fi
	quietly "sshd refuses its configuration" "read the lines above" \
		/usr/sbin/sshd -t -f "$demo/sshd_config"
	made file "$demo/known_hosts"
	printf '[127.0.0.1]:%s %s\n' "$port" "$(cat "$private/host.pub")" >"$demo/known_hosts"
	made file "$ssh_config"
	for user in "${users[@]}"; do
		printf 'Host %s\n  User %s\n' "$user" "$user"
	done >"$ssh_config"
	cat >>"$ssh_config" <<-END
		Host ${users[*]}
		  HostName 127.0.0.1
		  Port $port
		  IdentityFile $private/client
		  IdentitiesOnly yes
		  BatchMode yes
		  ConnectTimeout 20
		  UserKnownHostsFile $demo/known_hosts
		  StrictHostKeyChecking yes
	END
}

# sshd's own directory: one that runs now needs it.
undo_sshd_directory() {
	local exe
	for exe in /proc/[0-9]*/exe; do
		[ "$(readlink "$exe" 2>/dev/null)" != /usr/sbin/sshd ] || return 0
	done
	undo_directory "$1"
}

is_port_free() {
	! (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null
}

start_sshd() {
	stop_process sshd
	is_port_free || fail "port $port of 127.0.0.1 is taken" "conf/quickstart --port N, with another"
	start_process sshd "$demo/$demo_service" -D -e -f "$demo/sshd_config"
	for _ in {1..50}; do
		! is_port_free || { sleep 0.1; continue; }
		return
	done
	tail -n 20 "$demo_run/sshd.log" >&2
	fail "the demo sshd does not listen on port $port" "its last lines are above"
}
