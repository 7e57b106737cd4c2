import { Cluster, type Redis, type RedisOptions } from 'ioredis';
import { CLUSTER_OPTIONS, REDIS_OPTIONS } from './redis-options.js';

const REPAIR_MS = 500;

/** What there is to hear of a Cluster's nodes. */
export interface ClusterListener {
  /** One of its masters can be asked, for the first time or again. */
  onReady(): void;
  /** The connection to one of its nodes broke. */
  onLost(): void;
  onFailure(error: Error): void;
  /** What answers at the addresses of the nodes is no Cluster any more. */
  onNoCluster(): void;
}

type Place = Pick<RedisOptions, 'host' | 'port' | 'username' | 'password' | 'tls' | 'family'>;

/**
 * All masters of a Redis Cluster, each with a connection of its own that is made at once. While slots are without a master that
 * answers, the others are asked every half second who has them now, and whoever that is is connected to.
 */
export class ClusterClient {
  readonly commands: Cluster;
  /** Where the Cluster is looked for when no node answers; ioredis reads it anew each time. */
  private readonly seeds: { host: string; port: number }[];
  private repair: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(
    private readonly place: Place,
    private readonly listener: ClusterListener,
  ) {
    const { host = '127.0.0.1', port = 6_379, ...login } = place;
    this.seeds = [{ host, port }];
    this.commands = new Cluster(this.seeds, { ...CLUSTER_OPTIONS, redisOptions: { ...toNodeOptions(), ...login } });
    this.commands.on('error', (error: Error) => this.fail(error));
    this.commands.on('node error', (error: Error) => this.fail(error));
    this.commands.on('+node', (node: Redis) => this.attend(node));
    this.commands.on('refresh', () => this.learnSeeds());
    this.commands.on('ready', () => this.noteReady());
  }

  get masters(): readonly Redis[] {
    return this.commands.nodes('master');
  }

  /** One that answers, for what any of them can do. */
  get anyMaster(): Redis | undefined {
    return this.masters.find(({ status }) => status === 'ready');
  }

  /** The masters, as `host:port`, whose slots nobody answers for now. */
  get missing(): readonly string[] {
    const ready = new Set(this.masters.filter(({ status }) => status === 'ready').map(({ options }) => `${options.host}:${options.port}`));
    const owners = new Set(this.commands.slots.map(([owner]) => owner).filter((owner) => owner !== undefined));
    return [...owners].filter((owner) => !ready.has(owner));
  }

  get isReady(): boolean {
    return this.commands.status === 'ready' && this.anyMaster !== undefined;
  }

  /** How to connect to a node that answers; to the first address where none does. */
  get placeOfAny(): RedisOptions {
    const { host, port } = this.anyMaster?.options ?? this.place;
    return { ...this.place, ...(host === undefined ? {} : { host }), ...(port === undefined ? {} : { port }) };
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.repair);
    this.commands.disconnect();
  }

  private attend(node: Redis): void {
    let wasReady = false;
    node.on('ready', () => {
      wasReady = true;
      this.noteReady();
    });
    node.on('close', () => {
      if (this.isClosed) return;
      if (wasReady) this.listener.onLost();
      wasReady = false;
      this.repairLater();
    });
    if (!node.options.readOnly) node.connect().catch(() => undefined);
  }

  private noteReady(): void {
    if (!this.isClosed && this.isReady) this.listener.onReady();
  }

  private repairLater(): void {
    if (!this.isClosed) this.repair ??= setTimeout(() => this.repairNow(), REPAIR_MS).unref();
  }

  private repairNow(): void {
    this.repair = undefined;
    if (this.isClosed || this.missing.length === 0) return;
    // A Cluster of which nobody is left is looked for by ioredis itself, from the first address on.
    if (this.commands.status === 'ready') this.commands.refreshSlotsCache();
    this.repairLater();
  }

  private learnSeeds(): void {
    const known = this.masters.map(({ options }) => ({ host: options.host!, port: options.port! }));
    this.seeds.splice(1, Infinity, ...known.filter(({ host, port }) => host !== this.seeds[0]!.host || port !== this.seeds[0]!.port));
  }

  private fail(error: Error): void {
    if (this.isClosed) return;
    this.listener.onFailure(error);
    if (error.message.includes('cluster support disabled')) this.listener.onNoCluster();
  }
}

/** A Cluster has one database, and its client decides by itself what is queued. */
function toNodeOptions() {
  const { retryStrategy: _retry, enableOfflineQueue: _queue, ...options } = REDIS_OPTIONS;
  return options;
}
