import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { notify } from '../../src/platform/index.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { Gate } from '../support/gate.js';
import { expectInTime, inTime } from '../support/in-time.js';
import { query } from '../support/query.js';
import { openReplica, type Replica } from '../support/replica.js';

const LISTENERS = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'tollgate notifications'`;

describe('notifications', () => {
  let server: TestDatabase;
  let gate: Gate;
  /** Listens through the gate. */
  let listener: Replica;
  let speaker: Replica;
  let heard: string[];
  let gaps: number;

  beforeEach(async () => {
    server = await createDatabase();
    gate = await Gate.before(server.url);
    await gate.open();
    [listener, speaker] = await Promise.all([openReplica(server.url, gate.url), openReplica(server.url)]);
    heard = [];
    gaps = 0;
    listener.notifications.subscribe(
      'news',
      (payload) => heard.push(payload),
      () => (gaps += 1),
    );
  });

  afterEach(async () => {
    await Promise.all([listener.stop(), speaker.stop()]);
    await gate.shut();
    await server.drop();
  });

  const say = (payload: string, channel = 'news'): Promise<void> => notify(speaker.prisma, channel, payload);

  async function listen(): Promise<void> {
    listener.notifications.onModuleInit();
    await eventually(() => listener.notifications.isListening);
  }

  it('are heard by who subscribed, in the order in which they were sent, as they were written', async () => {
    await listen();
    const texts = ['one', '', 'two words\nand a line', 'ü'.repeat(3_990)];

    await say('for others', 'newspaper');
    for (const text of texts) await say(text);

    await eventually(() => heard.length === texts.length);
    expect(heard).toEqual(texts);
  });

  it('are heard within a second, by the process itself too', async () => {
    await listen();

    await inTime(1_000, async () => {
      await notify(listener.prisma, 'news', 'mine');
      await eventually(() => heard.length === 1);
    });
  });

  it('are sent when the transaction commits, and not when it is undone', async () => {
    await listen();

    const undone = speaker.prisma.$transaction(async (transaction) => {
      await notify(transaction, 'news', 'undone');
      throw new Error('no');
    });
    await expect(undone).rejects.toThrow('no');
    await speaker.prisma.$transaction(async (transaction) => {
      await notify(transaction, 'news', 'done');
      await say('before it commits');
    });

    await eventually(() => heard.length === 2);
    expect(heard).toEqual(['before it commits', 'done']);
  });

  it('fail the transaction when they are too long', async () => {
    await expect(say('x'.repeat(8_000))).rejects.toThrow('payload string too long');
  });

  it('say that there is a gap when listening begins, and after each loss of the connection', async () => {
    await listen();
    expect(gaps).toBe(1);

    await gate.shut();
    await eventually(() => !listener.notifications.isListening);
    await say('missed');
    expect(gaps).toBe(1);
    await gate.open();

    await eventually(() => gaps === 2);
    await say('heard');
    await eventually(() => heard.length === 1);
    expect(heard).toEqual(['heard']);
  });

  it('notice within 4 s that the other side has fallen silent', async () => {
    await listen();

    gate.silence();
    const silentAt = performance.now();
    await eventually(() => !listener.notifications.isListening);

    expectInTime(performance.now() - silentAt, 4_000);
    await gate.shut();
    await gate.open();
    gate.restore();
    await eventually(() => gaps === 2);
  });

  it('come back when the server ends the connection', async () => {
    await listen();

    await query(server.url, LISTENERS.replace('pid', 'pg_terminate_backend(pid)'));

    await eventually(() => gaps === 2);
  });

  it('reach others when one subscriber fails', async () => {
    listener.notifications.subscribe(
      'news',
      () => {
        throw new Error('mistake');
      },
      () => {
        throw new Error('mistake');
      },
    );
    const others: string[] = [];
    listener.notifications.subscribe(
      'news',
      (payload) => others.push(payload),
      () => others.push('gap'),
    );
    await listen();

    await say('all the same');

    await eventually(() => others.length === 2);
    expect(others).toEqual(['gap', 'all the same']);
  });

  it('leave no connection behind, and no attempt to make one', async () => {
    await listen();
    expect(await query(server.url, LISTENERS)).toHaveLength(1);

    await inTime(1_000, () => listener.notifications.onApplicationShutdown());

    await eventually(async () => (await query(server.url, LISTENERS)).length === 0);
    expect(listener.notifications.isListening).toBe(false);
  });

  it('do not hold up the end when the server hangs', async () => {
    await listen();
    gate.silence();

    await inTime(1_000, () => listener.notifications.onApplicationShutdown());

    gate.restore();
  });
});
