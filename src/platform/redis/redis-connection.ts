import { EventEmitter } from 'node:events';
import type { Redis } from 'ioredis';
import { ClusterClient } from './cluster-client.js';
import { parseRedisAddress } from './redis-address.js';
import { openRedis, type RedisAddress } from './redis-options.js';
import { RedisSubscriber } from './redis-subscriber.js';
import { servesCluster } from './serves-cluster.js';

interface ConnectionEvents {
  ready: [];
  lost: [];
  failed: [error: Error];
}

type Argument = string | number;

/** What we ask of either client of ioredis. */
interface Commands {
  evalsha(sha1: string, keys: number, ...keysAndArguments: Argument[]): Promise<unknown>;
  eval(source: string, keys: number, ...keysAndArguments: Argument[]): Promise<unknown>;
  get(key: string): Promise<string | null>;
  set(key: string, value: string, unit: 'PX', ms: number): Promise<unknown>;
  del(key: string): Promise<number>;
  pttl(key: string): Promise<number>;
}

/**
 * A single Redis, the master behind Sentinels, or a Cluster; which of the last and the first it is, the server says each time that a
 * connection has been made. Connects in the background and never throws for a Redis that is away. A command is answered or rejected
 * within 100 ms and never sent again.
 */
export class RedisConnection extends EventEmitter<ConnectionEvents> implements Commands {
  private readonly address: RedisAddress;
  private single: Redis | undefined;
  private cluster: ClusterClient | undefined;
  /** Undefined while there is none that is ready to be asked. */
  private commands: Commands | undefined;
  private isClosed = false;

  /** Throws for a `url` that is none of `redis[s]://…` and `redis[s]+sentinel://…`. */
  constructor(url: string) {
    super();
    this.address = parseRedisAddress(url);
    this.single = this.openSingle();
  }

  /** `ready`, or in ioredis's words what it is instead. In a Cluster it is ready when one of the masters is. */
  get status(): string {
    if (this.commands) return this.cluster && !this.cluster.isReady ? 'reconnecting' : 'ready';
    if (this.isClosed) return 'end';
    const status = this.single?.status ?? 'connecting';
    return status === 'ready' ? 'connect' : status;
  }

  /** Of a Cluster, that is: whether it was found to be one. */
  get isCluster(): boolean {
    return this.cluster !== undefined;
  }

  /** `db` is the number of the database: channels, unlike keys, are common to all of a Redis. */
  get options(): { readonly db: number } {
    return { db: this.single?.options.db ?? 0 };
  }

  /** Calls when the connection to any node can be used, for the first time or again: what was known of its memory may be no more. */
  onReady(listener: () => void): void {
    this.on('ready', listener);
  }

  /** Calls when the connection to any node was lost. */
  onLost(listener: () => void): void {
    this.on('lost', listener);
  }

  evalsha(sha1: string, keys: number, ...keysAndArguments: Argument[]): Promise<unknown> {
    return this.commands?.evalsha(sha1, keys, ...keysAndArguments) ?? refuse();
  }

  eval(source: string, keys: number, ...keysAndArguments: Argument[]): Promise<unknown> {
    return this.commands?.eval(source, keys, ...keysAndArguments) ?? refuse();
  }

  get(key: string): Promise<string | null> {
    return this.commands?.get(key) ?? refuse();
  }

  /** Kept for so many milliseconds. */
  set(key: string, value: string, unit: 'PX', ms: number): Promise<unknown> {
    return this.commands?.set(key, value, unit, ms) ?? refuse();
  }

  del(key: string): Promise<number> {
    return this.commands?.del(key) ?? refuse();
  }

  pttl(key: string): Promise<number> {
    return this.commands?.pttl(key) ?? refuse();
  }

  /** Heard by the subscribers of all nodes. */
  publish(channel: string, text: string): Promise<number> {
    return this.anyNode?.publish(channel, text) ?? refuse();
  }

  /** Rejects if any master does not answer. */
  async ping(): Promise<void> {
    const missing = this.cluster?.missing ?? [];
    if (missing.length > 0) throw new Error(`no connection to ${missing.join(', ')}`);
    await this.askMasters((master) => master.ping());
  }

  /** What each master says in that section of `INFO`. */
  info(section: string): Promise<readonly string[]> {
    return this.askMasters((master) => master.info(section));
  }

  /** Resolves when it is ready; rejects with the reason when an attempt to connect fails first, or after `withinMs`. */
  async whenReady(withinMs: number): Promise<void> {
    if (this.status === 'ready') return;
    await new Promise<void>((resolve, reject) => {
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        this.off('ready', onReady).off('failed', onFailed);
        settle();
      };
      const onReady = (): void => end(resolve);
      const onFailed = (error: Error): void => end(() => reject(error));
      const timer = setTimeout(() => onFailed(new Error(`no connection within ${withinMs} ms`)), withinMs).unref();
      this.on('ready', onReady).on('failed', onFailed);
    });
  }

  /** Another connection to the same Redis, to hear what is published. */
  duplicate({ connectionName }: { readonly connectionName: string }): RedisSubscriber {
    return new RedisSubscriber(() => this.cluster?.placeOfAny ?? this.address, connectionName);
  }

  disconnect(): void {
    this.isClosed = true;
    this.commands = undefined;
    this.single?.disconnect();
    this.cluster?.close();
  }

  private get anyNode(): Redis | undefined {
    if (!this.commands) return undefined;
    return this.cluster ? this.cluster.anyMaster : this.single;
  }

  /** Those that hold keys, as far as they are connected. */
  nodes(_role: 'master'): Redis[] {
    return [...(this.cluster?.masters ?? (this.commands && this.single ? [this.single] : []))];
  }

  private async askMasters<Answer>(ask: (master: Redis) => Promise<Answer>): Promise<readonly Answer[]> {
    const masters = this.nodes('master');
    if (masters.length === 0) return refuse();
    return Promise.all(masters.map(ask));
  }

  private openSingle(): Redis {
    const single = openRedis(this.address);
    // Without a listener each failed attempt would be printed; `StoreWatch` reports the outage, once.
    single.on('error', (error) => this.emit('failed', error));
    single.on('ready', () => void this.begin(single));
    single.on('close', () => this.lose(single));
    return single;
  }

  /** Nothing is asked of a server before it is known what it is: in a Cluster most commands belong elsewhere. */
  private async begin(single: Redis): Promise<void> {
    let isCluster: boolean;
    try {
      isCluster = await servesCluster(single);
    } catch (error) {
      this.emit('failed', error as Error);
      single.disconnect(true);
      return;
    }
    if (this.isClosed || single !== this.single || single.status !== 'ready') return;
    if (isCluster) return this.turnToCluster(single);
    this.commands = single;
    this.emit('ready');
  }

  private lose(single: Redis): void {
    if (this.isClosed || single !== this.single || !this.commands) return;
    this.commands = undefined;
    this.emit('lost');
  }

  private turnToCluster(single: Redis): void {
    const { host, port, username, password, tls, family } = single.options;
    this.single = undefined;
    single.disconnect();
    const cluster = new ClusterClient(
      { host, port, username, password, tls, family },
      {
        onReady: () => {
          this.commands = cluster.commands;
          this.emit('ready');
        },
        onLost: () => this.emit('lost'),
        onFailure: (error) => this.emit('failed', error),
        onNoCluster: () => this.turnToSingle(cluster),
      },
    );
    this.cluster = cluster;
  }

  private turnToSingle(cluster: ClusterClient): void {
    cluster.close();
    if (this.isClosed || cluster !== this.cluster) return;
    this.cluster = undefined;
    this.commands = undefined;
    this.single = this.openSingle();
  }
}

function refuse(): Promise<never> {
  return Promise.reject(new Error('Redis is not connected.'));
}
