import { BlockList, isIP } from 'node:net';

const BITS = { 4: 32, 6: 128 } as const;
const PREFIX = /^\d{1,3}$/;

interface Range {
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
  /** Leading bits that count. */
  readonly prefix: number;
}

/** Addresses and networks of both families. One of IPv4 that is written as IPv6 (`::ffff:10.0.0.1`) is the same address. */
export class AddressRanges {
  private readonly list = new BlockList();

  /** What is no address or network allows nobody. */
  constructor(texts: readonly string[]) {
    for (const text of texts) {
      const range = findRange(text);
      if (range) this.list.addSubnet(range.address, range.prefix, range.family);
    }
  }

  includes(address: string): boolean {
    const [bare] = address.split('%') as [string];
    const version = isIP(bare);
    return version !== 0 && this.list.check(bare, version === 4 ? 'ipv4' : 'ipv6');
  }
}

/** Is it an address (`203.0.113.7`, `2001:db8::1`) or a network (`10.0.0.0/8`, `2001:db8::/32`)? */
export function isAddressRange(text: string): boolean {
  return findRange(text) !== undefined;
}

function findRange(text: string): Range | undefined {
  const [address, prefix, ...more] = text.split('/') as [string, ...string[]];
  const version = isIP(address) as 0 | 4 | 6;
  if (version === 0 || address.includes('%') || more.length > 0) return undefined;
  const bits = prefix === undefined ? BITS[version] : PREFIX.test(prefix) ? Number(prefix) : Infinity;
  return bits <= BITS[version] ? { address, family: `ipv${version}`, prefix: bits } : undefined;
}
