/* SPDX-License-Identifier: ISC */
/* Which objects match --src, --spi and the other filters of a dump. */
#include "run/dump.h"

#include "tables/selector_set.h"

static bool matches_sa(const struct filter *f, const struct sa *sa)
{
	return !(f->has & FILTER_DIR) &&
	       (!(f->has & FILTER_SRC) || addr_contains(&f->src, &sa->src)) &&
	       (!(f->has & FILTER_DST) || addr_contains(&f->dst, &sa->dst)) &&
	       (!(f->has & FILTER_PROTO) || sa->proto == f->proto) &&
	       (!(f->has & FILTER_SPI) || sa->spi == f->spi) &&
	       (!(f->has & FILTER_REQID) || sa->reqid == f->reqid) &&
	       (!(f->has & FILTER_MODE) || sa->mode == f->mode);
}

static bool matches_policy(const struct filter *f, const struct policy *p)
{
	bool any = !(f->has & (FILTER_PROTO | FILTER_REQID | FILTER_MODE));

	for (unsigned i = 0; i < p->ntmpl && !any; i++)
		any = (!(f->has & FILTER_PROTO) || p->tmpl[i].proto == f->proto) &&
		      (!(f->has & FILTER_REQID) || p->tmpl[i].reqid == f->reqid) &&
		      (!(f->has & FILTER_MODE) || p->tmpl[i].mode == f->mode);
	return any && !(f->has & FILTER_SPI) &&
	       (!(f->has & FILTER_SRC) || addr_contains(&f->src, &p->src)) &&
	       (!(f->has & FILTER_DST) || addr_contains(&f->dst, &p->dst)) &&
	       (!(f->has & FILTER_DIR) || p->dir == f->dir);
}

bool filter_takes(const struct filter *f, const struct event *ev)
{
	if (f->has == 0)
		return true;
	return ev->kind == EVENT_SA ? matches_sa(f, &ev->sa) : matches_policy(f, &ev->policy);
}
