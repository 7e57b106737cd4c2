import { BlockList, isIP } from 'node:net';

/**
 * Where no stranger's server stands: the entries of IANA's IPv4 special-purpose registry that are not globally reachable, multicast,
 * and 168.63.129.16, under which Azure serves its machines. The metadata services of the other clouds lie in 169.254.0.0/16,
 * 100.64.0.0/10 and 192.0.0.0/24.
 */
const REFUSED_V4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const;

/**
 * All that is reachable over IPv6 lies in 2000::/3, and besides in two forms of IPv4: mapped, and through a NAT64. Out of it are
 * taken what is reserved for protocols (with Teredo), examples, and 6to4, which embeds addresses that nobody could check.
 */
const TAKEN_V6 = [
  ['2000::', 3],
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
] as const;
const REFUSED_V6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const;
/** What stands before an IPv4 address that is written as one of IPv6. */
const EMBEDDING_PREFIXES = ['::ffff:', '64:ff9b::'];
const EMBEDDING_BITS = 96;

const refusedV4 = new BlockList();
const takenV6 = new BlockList();
const refusedV6 = new BlockList();
for (const [address, bits] of REFUSED_V4) {
  refusedV4.addSubnet(address, bits, 'ipv4');
  for (const prefix of EMBEDDING_PREFIXES) refusedV6.addSubnet(`${prefix}${address}`, EMBEDDING_BITS + bits, 'ipv6');
}
for (const [address, bits] of TAKEN_V6) takenV6.addSubnet(address, bits, 'ipv6');
for (const [address, bits] of REFUSED_V6) refusedV6.addSubnet(address, bits, 'ipv6');

/** May a stranger's server stand there? Not at what is private, local, reserved or no address at all. An IPv6 zone refuses. */
export function isPublicAddress(address: string): boolean {
  if (address.includes('%')) return false;
  const version = isIP(address);
  if (version === 4) return !refusedV4.check(address, 'ipv4');
  return version === 6 && takenV6.check(address, 'ipv6') && !refusedV6.check(address, 'ipv6');
}
