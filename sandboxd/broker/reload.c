/* SPDX-License-Identifier: Apache-2.0 */
/* In the broker. */
#include "broker/reload.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/str.h"
#include "broker/network.h"
#include "broker/resize.h"
#include "broker/session.h"

static bool prefix_eq(const struct ip_prefix *a, const struct ip_prefix *b)
{
	return a->family == b->family && a->length == b->length &&
	       memcmp(&a->address, &b->address, sizeof(a->address)) == 0;
}

/* What only a restart can change; the first difference, or NULL. */
static const char *fixed_difference(const struct service *a, const struct service *b)
{
	const struct {
		const char *key;
		bool same;
	} settings[] = {
		{"service.name", str_eq(a->name, b->name)},
		{"service.socket", str_eq(a->socket, b->socket)},
		{"service.run_dir", str_eq(a->run_dir, b->run_dir)},
		{"service.state_dir", str_eq(a->state_dir, b->state_dir)},
		{"service.addresses", prefix_eq(&a->addresses, &b->addresses)},
		{"service.addresses6", a->has_addresses6 == b->has_addresses6 &&
					       prefix_eq(&a->addresses6, &b->addresses6)},
		{"service.ids", a->ids_subuid == b->ids_subuid && a->ids_first == b->ids_first &&
					a->ids_count == b->ids_count},
	};

	for (size_t i = 0; i < ELEMENTS(settings); i++)
		if (!settings[i].same)
			return settings[i].key;
	return NULL;
}

/* The new policy in a sandbox that runs. Its scope, tree and network stay what they were made with.
 */
static int apply_policy(struct sandbox *s)
{
	struct broker *broker = s->broker;
	struct policy *policy, *old = s->policy;
	int r = account_policy(s->account, broker->config, &policy);

	if (r < 0)
		return r;
	policy->scope = old->scope;
	if (s->has_network)
		network_allow_remove(broker_service(broker), s->id, old);
	s->policy = policy;
	if (s->has_network)
		r = network_allow_add(broker_service(broker), s->id, policy);
	if (old->quota.values[QUOTA_TMP] != policy->quota.values[QUOTA_TMP])
		resize_tmp(s);
	policy_free(old);
	for (struct session *session = s->sessions; r >= 0 && session; session = session->next)
		r = session_arm_time(session);
	return r < 0 ? r : sandbox_write_info(s);
}

static int apply_user(struct user *user)
{
	int r = 0;

	for (struct sandbox *s = user->sandboxes; r >= 0 && s; s = s->next)
		if (s->state == SANDBOX_RUNNING)
			r = apply_policy(s);
	if (r >= 0 && user->sandboxes)
		r = user_apply(user, &user->sandboxes->policy->quota);
	return r;
}

static char *apply_all(struct broker *broker)
{
	size_t waiting = 0, failed = 0;

	for (struct user *user = broker->users; user; user = user->next) {
		int r = apply_user(user);

		if (r < 0) {
			log_error("reload: sandboxes of uid %u: %s", user->uid, strerror(-r));
			failed++;
		}
		waiting += user->retry;
	}
	if (failed)
		return str_format(
			"the new settings could not be applied to %zu users; the log says why",
			failed);
	if (waiting)
		return str_format("%zu users have more memory in use than the new limit; it holds "
				  "when the use falls",
			waiting);
	return NULL;
}

int reload_config(struct broker *broker, char **ret_text)
{
	struct config *config, *old = broker->config;
	_cleanup_free_ char *errors = NULL;
	const char *fixed;
	int r = config_load(broker->config_path, false, &config, &errors);

	if (r < 0) {
		log_error("the configuration is not reloaded, the old one stays in force");
		log_lines(LOG_ERR, errors ? errors : strerror(-r));
		*ret_text = errors ? take_ptr(&errors) : str_format("%s", strerror(-r));
		return r;
	}
	fixed = fixed_difference(config_service(old), config_service(config));
	if (fixed) {
		log_error(
			"the configuration is not reloaded: %s has changed, which needs a restart",
			fixed);
		*ret_text = str_format("%s has changed: that needs a restart of sandboxd; the old "
				       "configuration stays in force",
			fixed);
		config_free(config);
		return -EBUSY;
	}
	broker->config = config;
	config_free(old);
	*ret_text = apply_all(broker);
	log_info("the configuration is reloaded%s%s", *ret_text ? ": " : "",
		*ret_text ? *ret_text : "");
	return 0;
}
