import { beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { PublishedKeys } from './published-keys.js';
import type { VerificationKey } from './token-keys.js';

const MINUTE_MS = 60_000;

/** An endpoint, and the clock of who asks it. */
class Endpoint {
  nowMs = 0;
  asked = 0;
  isAway = false;
  text = '{"keys":[]}';
  private readonly waiting: (() => void)[] = [];
  isSlow = false;
  readonly logged: string[] = [];

  readonly keys = new PublishedKeys(
    () => this.load(),
    { elapsed: () => this.nowMs },
    pino({}, { write: (line: string) => this.logged.push((JSON.parse(line) as { event: string }).event) }),
  );

  /** Another set, as after a rotation. */
  rotate(): void {
    this.text = `${this.text} `;
  }

  letGo(): void {
    for (const go of this.waiting.splice(0)) go();
  }

  private async load(): Promise<string> {
    this.asked += 1;
    if (this.isSlow) await new Promise<void>((resolve) => this.waiting.push(resolve));
    if (this.isAway) throw new Error('away');
    return this.text;
  }
}

describe('PublishedKeys', () => {
  let endpoint: Endpoint;
  let keys: PublishedKeys;

  beforeEach(() => {
    endpoint = new Endpoint();
    ({ keys } = endpoint);
  });

  /** What is there without waiting. */
  function atOnce(): VerificationKey {
    const current = keys.current();
    expect(current).not.toBeInstanceOf(Promise);
    return current as VerificationKey;
  }

  it('are fetched once, for all who wait', async () => {
    const [one, other] = await Promise.all([keys.current(), keys.current()]);

    expect(one).toBe(other);
    expect(atOnce()).toBe(one);
    expect(endpoint.asked).toBe(1);
  });

  it('stay the same object for as long as the same is published', async () => {
    const first = await keys.current();
    endpoint.nowMs = 11 * MINUTE_MS;

    expect(await keys.current()).toBe(first);
    expect(endpoint.asked).toBe(2);
  });

  it('are renewed while they serve when they are 5 minutes old, and before they serve when they are 10', async () => {
    const first = await keys.current();
    endpoint.nowMs = 5 * MINUTE_MS - 1;
    expect(atOnce()).toBe(first);
    expect(endpoint.asked).toBe(1);

    endpoint.rotate();
    endpoint.nowMs += 1;
    expect(atOnce()).toBe(first);
    await keys.start();
    const second = atOnce();
    expect(second).not.toBe(first);
    expect(endpoint.asked).toBe(2);

    endpoint.rotate();
    endpoint.nowMs += 10 * MINUTE_MS;
    const third = keys.current();
    expect(third).toBeInstanceOf(Promise);
    expect(await third).not.toBe(second);
  });

  it('serve on for a day while the endpoint is away, which is asked every 30 s, and then no more', async () => {
    const first = await keys.current();
    endpoint.isAway = true;
    endpoint.nowMs = 20 * MINUTE_MS;
    expect(await keys.current()).toBe(first);
    endpoint.nowMs += 29_999;
    expect(atOnce()).toBe(first);
    expect(endpoint.asked).toBe(2);
    endpoint.nowMs += 1;
    expect(atOnce()).toBe(first);
    expect(endpoint.asked).toBe(3);
    await keys.start();

    endpoint.nowMs = 24 * 60 * MINUTE_MS - 1;
    expect(atOnce()).toBe(first);
    await keys.start();
    endpoint.nowMs += 1;
    await expect(keys.current()).rejects.toMatchObject({ kind: 'service_unavailable', details: { retryAfterMs: 2_000 } });
    expect(endpoint.logged).toEqual(['jwt_keys_unread']);

    endpoint.isAway = false;
    endpoint.nowMs += 1_000;
    expect(await keys.current()).toEqual(expect.any(Function));
    expect(endpoint.logged).toEqual(['jwt_keys_unread', 'jwt_keys_read']);
  });

  it('that are not there are asked for again a second later', async () => {
    endpoint.isAway = true;
    await keys.start();
    endpoint.isAway = false;
    endpoint.nowMs += 999;
    await expect(keys.current()).rejects.toMatchObject({ kind: 'service_unavailable' });
    expect(endpoint.asked).toBe(1);

    endpoint.nowMs += 1;
    expect(await keys.current()).toEqual(expect.any(Function));
  });

  it.each(['', '[]', '{}', '{"keys":{}}', '{"keys":[7]}', '<html>'])('are not there where the answer is %j', async (text) => {
    endpoint.text = text;

    await expect(keys.current()).rejects.toMatchObject({ kind: 'service_unavailable' });
  });

  it('are renewed for a token that none of them fits, though not within 30 s of the last time', async () => {
    const first = await keys.current();
    endpoint.rotate();
    endpoint.nowMs = 29_999;
    expect(await keys.renewed(first)).toBeUndefined();
    expect(endpoint.asked).toBe(1);

    endpoint.nowMs += 1;
    const [second, same] = await Promise.all([keys.renewed(first), keys.renewed(first)]);
    expect(second).toEqual(expect.any(Function));
    expect(same).toBe(second);
    expect(endpoint.asked).toBe(2);
    // Who came with the old ones needs no fetch.
    expect(await keys.renewed(first)).toBe(second);
    expect(await keys.renewed(second!)).toBeUndefined();
    expect(endpoint.asked).toBe(2);
  });

  it('cannot tell of a token that none of them fits while the endpoint is away', async () => {
    const first = await keys.current();
    endpoint.isAway = true;
    endpoint.nowMs = 30_000;

    await expect(keys.renewed(first)).rejects.toMatchObject({ kind: 'service_unavailable' });
    await expect(keys.renewed(first)).rejects.toMatchObject({ kind: 'service_unavailable' });
    expect(endpoint.asked).toBe(2);
    expect(atOnce()).toBe(first);
  });

  it('that are late are waited for by those alone who have none', async () => {
    const first = await keys.current();
    endpoint.isSlow = true;
    endpoint.nowMs = 6 * MINUTE_MS;
    expect(atOnce()).toBe(first);
    expect(atOnce()).toBe(first);
    expect(endpoint.asked).toBe(2);

    endpoint.rotate();
    const renewed = keys.renewed(first);
    endpoint.letGo();
    expect(await renewed).toBe(atOnce());
    expect(endpoint.asked).toBe(2);
  });
});
