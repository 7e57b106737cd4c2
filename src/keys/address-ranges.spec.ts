import { describe, expect, it } from '@jest/globals';
import { AddressRanges, isAddressRange } from './address-ranges.js';

describe('AddressRanges', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7', '::ffff:203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['10.0.0.0/8', '10.255.0.1'],
    ['10.1.2.3/8', '10.9.9.9'],
    ['0.0.0.0/0', '198.51.100.1'],
    ['2001:db8::1', '2001:0DB8:0:0:0:0:0:1'],
    ['2001:db8::/32', '2001:db8:ffff::1'],
    ['fe80::/10', 'fe80::1%eth0'],
  ])('%s include %s', (range, address) => {
    expect(new AddressRanges([range]).includes(address)).toBe(true);
  });

  it.each([
    ['203.0.113.7', '203.0.113.8'],
    ['10.0.0.0/8', '11.0.0.1'],
    ['10.0.0.0/8', '::ffff:11.0.0.1'],
    ['2001:db8::/32', '2001:db9::1'],
    ['0.0.0.0/0', '2001:db8::1'],
    ['203.0.113.7', '203.0.113.7:443'],
    ['0.0.0.0/0', 'unknown'],
    ['0.0.0.0/0', ''],
    ['nonsense', '203.0.113.7'],
  ])('%s do not include %s', (range, address) => {
    expect(new AddressRanges([range]).includes(address)).toBe(false);
  });
});

describe('isAddressRange', () => {
  it.each(['203.0.113.7', '10.0.0.0/8', '0.0.0.0/0', '::1', '2001:db8::/32', '::/0'])('takes %s', (text) => {
    expect(isAddressRange(text)).toBe(true);
  });

  it.each(['', 'localhost', '10.0.0', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0.0/-1', '::/129', 'fe80::1%eth0', ' ::1'])(
    'does not take %j',
    (text) => {
      expect(isAddressRange(text)).toBe(false);
    },
  );
});
