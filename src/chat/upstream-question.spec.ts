import { describe, expect, it } from '@jest/globals';
import type { Clock } from '../core/clock.js';
import type { Provider, UpstreamControl, UpstreamHandler, UpstreamRequest } from '../core/provider.js';
import { askUpstream } from './upstream-question.js';

describe('a question to a provider', () => {
  it('is answered with status, headers and all of the body', async () => {
    const answer = await ask((handler, control) => {
      handler.onResponseStart(control, 103, {});
      handler.onResponseStart(control, 404, { 'x-some': 'thing' });
      handler.onResponseData(control, Buffer.from('not '));
      handler.onResponseData(control, Buffer.from('here'));
      handler.onResponseEnd(control);
    });

    expect(answer).toEqual({ status: 404, headers: { 'x-some': 'thing' }, body: Buffer.from('not here') });
  });

  it('fails where the provider cannot be asked', async () => {
    const failing = ask(() => {
      throw new Error('no such endpoint');
    });

    await expect(failing).rejects.toMatchObject({ kind: 'internal' });
  });

  it('fails where the connection does', async () => {
    const failing = ask((handler, control) =>
      handler.onResponseError(control, Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })),
    );

    await expect(failing).rejects.toMatchObject({ kind: 'upstream_unavailable' });
  });

  it('fails where the answer is cut', async () => {
    const failing = ask((handler, control) => {
      handler.onResponseStart(control, 200, {});
      handler.onResponseError(control, new Error('other side closed'));
    });

    await expect(failing).rejects.toMatchObject({ kind: 'upstream_protocol' });
  });

  it('is given up when the answer takes too long, and the connection with it', async () => {
    const control = new FakeControl();

    await expect(ask(() => undefined, control)).rejects.toMatchObject({ kind: 'upstream_timeout' });

    expect(control.aborted).toBe(true);
  });

  it('is given up while it waits for a connection, and never sent then', async () => {
    const control = new FakeControl();
    let handler: UpstreamHandler | undefined;
    const failing = askUpstream(
      provider((given) => (handler = given)),
      QUESTION,
      10,
      hastyClock(),
    );
    await expect(failing).rejects.toMatchObject({ kind: 'upstream_timeout' });

    handler!.onRequestStart(control);

    expect(control.aborted).toBe(true);
  });

  it('is given up when the answer has no end', async () => {
    const control = new FakeControl();
    const failing = ask((handler) => {
      handler.onResponseStart(control, 200, {});
      for (let sent = 0; sent < 10 && !control.aborted; sent += 1) handler.onResponseData(control, Buffer.alloc(16 * 1024));
    }, control);

    await expect(failing).rejects.toMatchObject({ kind: 'upstream_protocol' });
    expect(control.aborted).toBe(true);
  });
});

const QUESTION: UpstreamRequest = { endpoint: 'anthropic-count-tokens', headers: {}, model: 'm', stream: false, body: Buffer.from('{}') };

/** Each look at it finds ten seconds gone. */
function hastyClock(): Clock {
  let elapsed = 0;
  return { now: () => 0, elapsed: () => (elapsed += 10_000) };
}

function ask(play: (handler: UpstreamHandler, control: UpstreamControl) => void, control = new FakeControl()) {
  const asked = provider((handler) => {
    handler.onRequestStart(control);
    control.onAbort = (reason) => handler.onResponseError(control, reason);
    play(handler, control);
  });
  return askUpstream(asked, QUESTION, 5_000, hastyClock());
}

function provider(play: (handler: UpstreamHandler) => void): Provider {
  const send: Provider['send'] = (_request, handler) => {
    play(handler);
    return '';
  };
  return { send, timeouts: { connectMs: 1, firstTokenMs: 1, idleMs: 1, totalMs: 60_000 } } as unknown as Provider;
}

class FakeControl implements UpstreamControl {
  aborted = false;
  onAbort: ((reason: Error) => void) | undefined;

  pause(): void {
    return;
  }

  resume(): void {
    return;
  }

  abort(reason: Error): void {
    this.aborted = true;
    this.onAbort?.(reason);
  }
}
