/* SPDX-License-Identifier: ISC */
/*
 * What each counter of /proc/net/xfrm_stat means: packets that Linux dropped, and why. Knows no kernel
 * interface.
 */
#include "text/counters.h"

#include <string.h>
#include <strings.h>

/* In the order of Linux 6.18. */
const struct counter counters[] = {
	{ "XfrmInError", "received, and dropped for a reason without a counter of its own" },
	{ "XfrmInBufferError", "received, and wrapped in more SAs than Linux unwraps, or too large for its buffers" },
	{ "XfrmInHdrError", "received, with a header of ESP, AH or IPComp that cannot be read" },
	{ "XfrmInNoStates", "received, and no SA has this destination, protocol and SPI" },
	{ "XfrmInStateProtoError", "received, and not to be decrypted, or of wrong integrity" },
	{ "XfrmInStateModeError", "received, and what is inside does not fit the mode of the SA" },
	{ "XfrmInStateSeqError", "received, seen before, or older than the replay window" },
	{ "XfrmInStateExpired", "received by an SA whose hard limit is reached" },
	{ "XfrmInStateMismatch", "received by an SA that is not for such packets" },
	{ "XfrmInStateInvalid", "received by an SA that is just being deleted, or has ended" },
	{ "XfrmInTmplMismatch", "received, and not protected in the way that its policy asks for" },
	{ "XfrmInNoPols", "received through a tunnel, and no policy is for it" },
	{ "XfrmInPolBlock", "received, and a policy discards it" },
	{ "XfrmInPolError", "received, and its policy could not be applied" },
	{ "XfrmOutError", "to be sent, and dropped for a reason without a counter of its own" },
	{ "XfrmOutBundleGenError", "to be sent, and there is no way to send it through its SAs" },
	{ "XfrmOutBundleCheckError", "to be sent by a way through SAs that no longer holds" },
	{ "XfrmOutNoStates", "to be sent, and the SA that its policy asks for is not there" },
	{ "XfrmOutStateProtoError", "to be sent, and not to be encrypted" },
	{ "XfrmOutStateModeError", "to be sent, and it does not fit the mode of the SA" },
	{ "XfrmOutStateSeqError", "to be sent, and the SA has no sequence number left" },
	{ "XfrmOutStateExpired", "to be sent by an SA whose hard limit is reached" },
	{ "XfrmOutPolBlock", "to be sent, and a policy discards it" },
	{ "XfrmOutPolDead", "to be sent, and its policy was deleted at that moment" },
	{ "XfrmOutPolError", "to be sent, and its policy could not be applied" },
	{ "XfrmFwdHdrError", "to be forwarded, with a header that cannot be read" },
	{ "XfrmOutStateInvalid", "to be sent by an SA that is just being deleted, or has ended" },
	{ "XfrmAcquireError", "for an SA that is not finished" },
	{ "XfrmOutStateDirError", "to be sent by an SA that only receives" },
	{ "XfrmInStateDirError", "received by an SA that only sends" },
	{ "XfrmInIptfsError", "received in IP-TFS, and what is inside cannot be read" },
	{ "XfrmOutNoQueueSpace", "to be sent in IP-TFS, whose queue is full" },
	{ NULL, NULL }
};

const struct counter *counter_find(const char *name, size_t n)
{
	for (const struct counter *c = counters; c->name != NULL; c++)
		if (strlen(c->name) == n && strncasecmp(c->name, name, n) == 0)
			return c;
	return NULL;
}
