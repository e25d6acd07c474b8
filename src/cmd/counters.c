/* What each counter of /proc/net/xfrm_stat means: why Linux dropped packets, as far as it says. Knows no kernel interface. */
#include "cmd/cmd.h"

#include <string.h>
#include <strings.h>

/* In the order of Linux 6.18. What has a word in [] is a rule. */
const struct counter counters[] = {
	{ "XfrmInError", "received, and dropped for a reason without a counter of its own",
		"There was no memory to note by which SA the packet came, or no route for it any more. Look at dmesg and free(1)." },
	{ "XfrmInBufferError", "received, and wrapped in more SAs than Linux unwraps, or too large for its buffers",
		"A packet may be in six SAs, one in the other. More are made by mistake, when a tunnel's own packets go into it\n"
		"again [own-ends], or by somebody who means ill. A device that decrypts may fail with it too: try without -offload." },
	{ "XfrmInHdrError", "received, with a header of ESP, AH or IPComp that cannot be read",
		"The packet ended too early or was damaged: by a middle box, by a fragment that never came, or by something\n"
		"else than ESP sent to the UDP port of an SA with -natt. tcpdump -v shows what comes." },
	{ "XfrmInNoStates", "received, and no SA has this destination, protocol and SPI",
		"The peer sends by an SA that is not loaded here: only one end was loaded again, an SPI or an address differs\n"
		"between the two files, a NAT has changed the destination, the protocol is not the same, or the SA here has a -mark\n"
		"or has ended. Strangers who try SPIs are counted too. Compare the SPI that tcpdump shows with setkey -D, and\n"
		"the two files with setkey peercheck." },
	{ "XfrmInStateProtoError", "received, and not to be decrypted, or of wrong integrity",
		"Key, algorithm or length of the ICV are not the peer's: of hmac-sha256 Linux sends 96 bits and most others 128\n"
		"[short-icv]. Or somebody changed the packet on its way, or made it. Compare setkey dump --fingerprints at\n"
		"both ends, and the files with setkey peercheck; setkey dump --format=json counts integrity_failed for each SA." },
	{ "XfrmInStateModeError", "received, and what is inside does not fit the mode of the SA",
		"The SA has -m tunnel here and not at the peer, so that no packet is in the packet [not-tunnel]; or the\n"
		"other way round. Compare the two files with setkey peercheck." },
	{ "XfrmInStateSeqError", "received, seen before, or older than the replay window",
		"The sender was booted and counts from 1 again with the same key, the most usual cause where keys are set by\n"
		"hand [replay-window]: leave -r out, or load new keys on both sides. Else packets overtake each other by more than the\n"
		"window: -esn -r 1024 at both ends. -esn at one end alone does it too, and so does somebody who sends packets again." },
	{ "XfrmInStateExpired", "received by an SA whose hard limit is reached",
		"-lh, -bh, -ph or -uh has ended the SA, and nothing has replaced it [ends]. Load a new one, or leave the limit out." },
	{ "XfrmInStateMismatch", "received by an SA that is not for such packets",
		"ESP in UDP came for an SA without -natt or esp-udp, or plain ESP for one with it; or what was inside is\n"
		"outside the -sel of the SA. setkey -D shows both, tcpdump what comes." },
	{ "XfrmInStateInvalid", "received by an SA that is just being deleted, or has ended",
		"A few while SAs are replaced are no fault. Many: the peer goes on with an SA that has ended here." },
	{ "XfrmInTmplMismatch", "received, and not protected in the way that its policy asks for",
		"It came in the clear, or by another SA than the policy -P in, or -P fwd for what is forwarded, asks for: with\n"
		"another protocol, mode, id (unique:N) or other ends of the tunnel. Usual causes: the ends of the inbound tunnel are not\n"
		"exchanged; the policy is also for the near net, which talks to itself in the clear; the peer has no SA and sends\n"
		"in the clear; a forward policy is turned the wrong way [forward-turned]; ipcomp/ is required, and short packets\n"
		"come uncompressed: ask for it with level use. setkey -DP shows the policies, setkey lint --kernel what is\n"
		"strange about them, tcpdump whether ESP comes at all." },
	{ "XfrmInNoPols", "received through a tunnel, and no policy is for it",
		"What comes out of a tunnel needs a policy: -P in for this host, -P fwd for others. It is not there, with -k or\n"
		"exact; for want of the forward copy [no-forward], or its addresses are narrower than what the peer sends. Also\n"
		"counted is what came in the clear where the default was set to block. setkey -DP shows the policies." },
	{ "XfrmInPolBlock", "received, and a policy discards it",
		"A policy -P in or -P fwd with the action discard is for it. If it should not be, look in setkey -DP which comes\n"
		"first: lower priority values, and of equal ones the one that was added first [never-reached]." },
	{ "XfrmInPolError", "received, and its policy could not be applied",
		"There was no memory, a security module refused, or policy and sub policy ask for more than six SAs together." },
	{ "XfrmOutError", "to be sent, and dropped for a reason without a counter of its own",
		"There was no memory to make the packet larger, or a checksum or the parts of a large one could not be made.\n"
		"Look at dmesg, and try without -offload." },
	{ "XfrmOutBundleGenError", "to be sent, and there is no way to send it through its SAs",
		"SAs are there, and no route from the near end of the tunnel to the far one: ip route get FAR from NEAR tells. Or\n"
		"the near end is no address of this host, or its interface is down." },
	{ "XfrmOutBundleCheckError", "to be sent by a way through SAs that no longer holds",
		"A route or an SA changed at that moment. Linux of today makes the way anew and hardly ever counts here." },
	{ "XfrmOutNoStates", "to be sent, and the SA that its policy asks for is not there",
		"The most usual fault of files: ends, protocol or mode of the SA are not what the policy asks for [no-such-sa]\n"
		"[not-tunnel], its id is another [other-id], it carries the other family [inner-family], it has ended [ends], or it\n"
		"was never loaded. setkey lint FILE, or setkey lint --kernel, says which. Where a daemon makes the SAs, the packets that it\n"
		"took to make them are counted." },
	{ "XfrmOutStateProtoError", "to be sent, and not to be encrypted",
		"The cipher refused or there was no memory, or a device with -offload could not do it. Look at dmesg." },
	{ "XfrmOutStateModeError", "to be sent, and it does not fit the mode of the SA",
		"The outer header could not be made: the packet is of a family that the SA does not carry, or too large for the\n"
		"way, so that its sender is told by ICMP [mtu]." },
	{ "XfrmOutStateSeqError", "to be sent, and the SA has no sequence number left",
		"4294967295 packets have gone by it [sequence-numbers]. Load a new SA with a new key, and give it -esn -r 32 at\n"
		"both ends." },
	{ "XfrmOutStateExpired", "to be sent by an SA whose hard limit is reached",
		"-lh, -bh, -ph or -uh has ended the SA, and nothing has replaced it [ends]. Load a new one, or leave the limit out." },
	{ "XfrmOutPolBlock", "to be sent, and a policy discards it",
		"A policy -P out, or -P fwd for what is forwarded, with the action discard is for it. If it should not be, look in\n"
		"setkey -DP which comes first: lower priority values, and of equal ones the one that was added first [never-reached]." },
	{ "XfrmOutPolDead", "to be sent, and its policy was deleted at that moment",
		"A few while policies are replaced are no fault." },
	{ "XfrmOutPolError", "to be sent, and its policy could not be applied",
		"Its SA is there and cannot be used, policy and sub policy ask for more than six SAs together, or there was no\n"
		"memory. setkey -DP shows the policies." },
	{ "XfrmFwdHdrError", "to be forwarded, with a header that cannot be read",
		"The packet is too short or damaged, so that no policy can be looked up for it. tcpdump -v shows what comes." },
	{ "XfrmOutStateInvalid", "to be sent by an SA that is just being deleted, or has ended",
		"A few while SAs are replaced are no fault. Many: nothing has replaced an SA that has ended [ends]." },
	{ "XfrmAcquireError", "for an SA that is not finished",
		"getspi has taken an SPI, or the kernel has asked a daemon, and no update has brought the keys yet. Where\n"
		"nobody is to bring any, the policy asks for an SA that is not there [no-such-sa]." },
	{ "XfrmOutStateDirError", "to be sent by an SA that only receives",
		"The SA has -dir in, and a policy -P out finds it. Take the other one of the pair (Linux 6.10)." },
	{ "XfrmInStateDirError", "received by an SA that only sends",
		"The SA has -dir out, and the peer uses its SPI: SPIs or directions of the two files are exchanged (Linux 6.10)." },
	{ "XfrmInIptfsError", "received in IP-TFS, and what is inside cannot be read",
		"Packets that were put together or cut by IP-TFS came damaged or with parts missing (Linux 6.14). setkey makes no\n"
		"such SAs: a daemon has." },
	{ "XfrmOutNoQueueSpace", "to be sent in IP-TFS, whose queue is full",
		"More is to be sent than the rate that was chosen lets through (Linux 6.14). setkey makes no such SAs: a daemon has." },
	{ NULL, NULL, NULL }
};

const struct counter *counter_find(const char *name)
{
	for (const struct counter *c = counters; c->name != NULL; c++)
		if (strcasecmp(c->name, name) == 0)
			return c;
	return NULL;
}
