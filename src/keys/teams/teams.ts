import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Database, LiveRows, LOG, type Log, Notifications } from '../../platform/index.js';
import { inTime } from '../in-time.js';
import { type KnownTeam, toKnownTeam } from './team.js';
import { TEAMS_NAME, TeamsStore } from './teams.store.js';

/** The teams as they stand now, in memory. */
@Injectable()
export class Teams implements OnModuleInit, OnApplicationShutdown {
  private readonly rows: LiveRows<KnownTeam>;
  private byName: ReadonlyMap<string, KnownTeam> = new Map();
  private byNameAsOf: number | undefined;

  constructor(
    private readonly store: TeamsStore,
    notifications: Notifications,
    database: Database,
    @Inject(LOG) log: Log,
  ) {
    const load = async (ids?: readonly string[]): Promise<readonly KnownTeam[]> => (await store.load(ids)).map(toKnownTeam);
    this.rows = new LiveRows({ name: TEAMS_NAME, load }, notifications, database, log);
  }

  /** A look-up in memory: the same object for as long as nothing of the team has changed. */
  find(id: string): KnownTeam | undefined {
    return this.rows.get(id);
  }

  /** The same by a name, which no two teams have. */
  findByName(name: string): KnownTeam | undefined {
    if (this.byNameAsOf !== this.rows.revision) {
      this.byName = new Map([...this.rows.values()].map((team) => [team.name, team]));
      this.byNameAsOf = this.rows.revision;
    }
    return this.byName.get(name);
  }

  /**
   * Asks the database for a team that memory does not know by this id or name; undefined = there is none. Rejects where the
   * database fails, or takes more than 200 ms.
   */
  async load(named: string): Promise<KnownTeam | undefined> {
    const id = await inTime(this.readAnew(named));
    return id === undefined ? undefined : this.rows.get(id);
  }

  /** What was committed is known here when it resolves, unless the database is away. */
  refresh(id: string): Promise<void> {
    return this.rows.refresh(id);
  }

  onModuleInit(): Promise<void> {
    return this.rows.start();
  }

  onApplicationShutdown(): void {
    this.rows.stop();
  }

  private async readAnew(named: string): Promise<string | undefined> {
    const id = await this.store.findId(named);
    if (id !== undefined) await this.refresh(id);
    return id;
  }
}
