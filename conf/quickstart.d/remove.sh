# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # names that the parts share
#
# --remove: nobody gets in any more, who is in is ended, and all that quickstart made goes.

remove_all() {
	if [ ! -f "$made_list" ]; then
		rm -rf -- "$demo_run"
		say "nothing of quickstart is here"
		return
	fi
	undo_kind 'dropin|entering'
	check_pam
	drain
	undo_from 0
	rm -rf -- "$demo" "$demo_run"
	check_removed
	say "removed; packages stay installed"
}

# A service whose file names a module that is gone refuses everybody.
check_pam() {
	local files
	files=$(grep -l '^[^#]*pam_sandbox\.so' /etc/pam.d/* | grep -vxF "$demo_pam" | paste -sd' ') || true
	[ -z "$files" ] || fail "by somebody else's hand, pam_sandbox.so stands in $files" \
		"delete that line there first; nothing has been removed yet"
}

# A broker that does not run is started for it: it alone knows what to take down.
drain() {
	[ -x "$sandboxctl" ] && [ -n "$(ls -A "$run_dir/sandboxes" 2>/dev/null)" ] || return 0
	if ! "$sandboxctl" list >/dev/null 2>&1; then
		(start_service) || fail "the broker cannot be started to take its sandboxes down" \
			"see the lines above"
	fi
	# Its line in PAM is the last one; nobody else opens sessions now.
	stop_process sshd
	"$sandboxctl" drain --kill 0 >>"$log" 2>&1 ||
		fail "sessions do not end" "sandboxctl list shows them; sandboxctl drain --kill again"
	# Where the state stays, for the images in it, the next installation is not a closed one.
	"$sandboxctl" drain --off >>"$log" 2>&1 || true
}

check_removed() {
	local user
	for user in "${users[@]}"; do
		! getent passwd "$user" >/dev/null || fail "the user $user is still there" "userdel -r $user"
	done
	[ ! -e /usr/sbin/sandboxd ] || fail "/usr/sbin/sandboxd is still there" "delete it"
}
