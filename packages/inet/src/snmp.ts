/** The counters of the stack, by the names that `nstat` prints. cf. net/ipv4/proc.c */
export class InetStats {
  ArpInRequests = 0;
  ArpInReplies = 0;
  ArpInErrors = 0;
  ArpOutRequests = 0;
  ArpOutReplies = 0;
  /** Somebody else used an address of ours. */
  ArpInConflicts = 0;
  /** Neighbours given up on; packets dropped from a full wait queue; table full. cf. /proc/net/stat/arp_cache */
  ArpResFailed = 0;
  ArpUnresolvedDiscards = 0;
  ArpTableFulls = 0;

  IpInReceives = 0;
  IpInHdrErrors = 0;
  IpInAddrErrors = 0;
  IpForwDatagrams = 0;
  IpInUnknownProtos = 0;
  IpInDiscards = 0;
  IpInDelivers = 0;
  IpOutRequests = 0;
  IpOutDiscards = 0;
  IpOutNoRoutes = 0;
  IpReasmTimeout = 0;
  IpReasmReqds = 0;
  IpReasmOKs = 0;
  IpReasmFails = 0;
  IpFragOKs = 0;
  IpFragFails = 0;
  IpFragCreates = 0;
  IpExtInNoRoutes = 0;
  IpExtInTruncatedPkts = 0;
  IpExtInCsumErrors = 0;
  IpExtReasmOverlaps = 0;

  IcmpInMsgs = 0;
  IcmpInErrors = 0;
  IcmpInCsumErrors = 0;
  IcmpInDestUnreachs = 0;
  IcmpInTimeExcds = 0;
  IcmpInParmProbs = 0;
  IcmpInEchos = 0;
  IcmpInEchoReps = 0;
  IcmpOutMsgs = 0;
  IcmpOutErrors = 0;
  IcmpOutRateLimitGlobal = 0;
  IcmpOutRateLimitHost = 0;
  IcmpOutDestUnreachs = 0;
  IcmpOutTimeExcds = 0;
  IcmpOutParmProbs = 0;
  IcmpOutEchos = 0;
  IcmpOutEchoReps = 0;

  UdpInDatagrams = 0;
  UdpNoPorts = 0;
  UdpInErrors = 0;
  UdpOutDatagrams = 0;
  UdpInCsumErrors = 0;
}
