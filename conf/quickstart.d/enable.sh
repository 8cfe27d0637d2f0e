# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # names that the parts share
#
# The host's own logins: the entering line at the end of each service's PAM file, and a drop-in for
# sshd. A backup of each file is kept; each step is tried, and taken back if this host refuses it.

readonly pam_services=(sshd login su runuser cron)
readonly backup_dir=/etc/sandboxd/backup
readonly drop_in=/etc/ssh/sshd_config.d/50-sandboxd.conf

enable_host() {
	local service
	made directory "$backup_dir"
	install -d -m 0700 "$backup_dir"
	for service in "${pam_services[@]}"; do
		[ -f "/etc/pam.d/$service" ] && add_entering_line "$service"
	done
	# Root never meets the sandbox; if even that fails, the module does not load here.
	su -s /bin/sh -c true root >>"$log" 2>&1 ||
		fail "su for root fails with the entering line" "read $log; the line is taken back"
	add_drop_in
	cat <<-END
		    members of $group are boxed from their next login by: ${pam_services[*]}
		    Keep a root shell open until you have tried one. The way back:
		      conf/quickstart --disable
		    or by hand: delete the last line (pam_sandbox.so) of /etc/pam.d/{${pam_services[*]}}
		    and $drop_in; backups are in $backup_dir
	END
}

add_entering_line() {
	local file=/etc/pam.d/$1
	! grep -q '^[^#]*pam_sandbox\.so' "$file" || return 0
	cp -p -- "$file" "$backup_dir/$1"
	made entering "$1"
	replace_file "$file" < <(cat -- "$file" "$entering_line")
}

undo_entering() {
	local file=/etc/pam.d/$1
	[ ! -f "$file" ] || replace_file "$file" < <(grep -vxF -f "$entering_line" -- "$file")
	rm -f -- "${backup_dir:?}/$1"
}

# The file's new content from standard input, in one step: a login meanwhile reads the old or the new.
replace_file() {
	cp -p -- "$1" "$1.sandboxd-new"
	cat >"$1.sandboxd-new"
	mv -- "$1.sandboxd-new" "$1"
}

add_drop_in() {
	[ -d "$(dirname "$drop_in")" ] || return 0
	[ ! -e "$drop_in" ] || is_made dropin "$drop_in" || return 0
	made dropin "$drop_in"
	install -m 0644 "$source_dir/conf/sshd/50-sandboxd.conf" "$drop_in"
	if ! /usr/sbin/sshd -t >>"$log" 2>&1; then
		undo_kind dropin
		fail "sshd refuses $drop_in, which is taken back" "see $log"
	fi
	reload_sshd
}

undo_dropin() {
	rm -f -- "$1"
	reload_sshd
}

reload_sshd() {
	local master
	if has_systemd; then
		systemctl try-reload-or-restart ssh.service >>"$log" 2>&1 || true
	elif [ -s /run/sshd.pid ]; then
		master=$(cat /run/sshd.pid)
		[ "$(readlink "/proc/$master/exe")" != /usr/sbin/sshd ] || kill -HUP "$master"
	fi
}

disable_host() {
	[ -f "$made_list" ] || fail "nothing of quickstart is here" "there is nothing to take back"
	undo_kind 'dropin|entering'
	say "this host's own logins are as they were; the demo and the service stay"
}
