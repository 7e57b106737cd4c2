import { describe, expect, it } from '@jest/globals';
import { privateHostOf, WEBHOOK_RULES } from './webhook-rules.js';
import { maskedUrl } from './webhook.js';

describe('WEBHOOK_RULES', () => {
  it.each([
    'https://hooks.slack.com/services/T000/B000/XXXX',
    'http://example.com',
    'https://example.com:8443/?token=x',
    'HTTPS://EXAMPLE.COM/',
    'http://127.0.0.1:9/',
  ])('take the address %s', (url) => {
    expect(WEBHOOK_RULES.url(url)).toBeUndefined();
  });

  it.each([
    [undefined, 'must be an http:// or https://'],
    [7, 'must be'],
    ['', 'must be'],
    ['example.com', 'must be'],
    ['ftp://example.com', 'must be'],
    ['file:///etc/passwd', 'must be'],
    ['javascript:alert(1)', 'must be'],
    ['https://', 'must be'],
    ['https://exa mple.com', 'must be'],
    ['https://example.com/\r\nx: y', 'must be'],
    [`https://example.com/${'x'.repeat(2_000)}`, 'must be'],
    ['https://user:password@example.com/', 'without user and password'],
    ['https://example.com/#part', 'without a fragment'],
    ['https://hooks.slack.com/***', 'is the masked address'],
  ])('do not take the address %p', (url, reason) => {
    expect(WEBHOOK_RULES.url(url)).toContain(reason);
  });

  it('know the kinds of alerts', () => {
    expect(WEBHOOK_RULES.kinds([])).toBeUndefined();
    expect(WEBHOOK_RULES.kinds(['budget_threshold', 'bound_exceeded'])).toBeUndefined();
    for (const wrong of [undefined, 'budget_threshold', ['unknown'], ['budget_threshold', 'budget_threshold'], [7]]) {
      expect(WEBHOOK_RULES.kinds(wrong)).toContain('budget_threshold');
    }
  });

  it('take a secret of others, or the wish for one', () => {
    expect(WEBHOOK_RULES.secret('generate')).toBeUndefined();
    expect(WEBHOOK_RULES.secret(`whsec_${Buffer.alloc(32).toString('base64')}`)).toBeUndefined();
    for (const wrong of [undefined, null, '', 'my secret', 'whsec_short']) expect(WEBHOOK_RULES.secret(wrong)).toContain('whsec_');
  });
});

describe('privateHostOf', () => {
  it.each([
    ['http://localhost:3000/', 'localhost'],
    ['http://LOCALHOST./', 'localhost.'],
    ['http://app.localhost/', 'app.localhost'],
    ['http://127.1/', '127.0.0.1'],
    ['http://0x7f000001/', '127.0.0.1'],
    ['http://2130706433/', '127.0.0.1'],
    ['http://0177.0.0.1/', '127.0.0.1'],
    ['http://１２７.0.0.1/', '127.0.0.1'],
    ['http://127.0.0.1./', '127.0.0.1'],
    ['http://0/', '0.0.0.0'],
    ['http://169.254.169.254/latest/meta-data', '169.254.169.254'],
    ['http://[::1]/', '::1'],
    ['http://[::ffff:10.0.0.1]/', '::ffff:a00:1'],
    ['http://[64:ff9b::127.0.0.1]/', '64:ff9b::7f00:1'],
  ])('finds %s out', (url, host) => {
    expect(privateHostOf(url)).toBe(host);
  });

  it.each([
    'https://example.com/',
    'https://localhost.example.com/',
    'https://notlocalhost/',
    'https://8.8.8.8/',
    'https://[2606:4700::1]/',
  ])('may have nothing against %s', (url) => {
    expect(privateHostOf(url)).toBeUndefined();
  });
});

describe('maskedUrl', () => {
  it.each([
    ['https://hooks.slack.com/services/T0/B0/secret', 'https://hooks.slack.com/***'],
    ['https://example.com:8443/?token=secret', 'https://example.com:8443/***'],
    ['https://example.com/', 'https://example.com'],
  ])('shows of %s only %s', (url, shown) => {
    expect(maskedUrl(url)).toBe(shown);
  });
});
