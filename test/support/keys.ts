import type { Clock } from '../../src/core/clock.js';
import { systemClock } from '../../src/core/clock.js';
import { KeysService, KeysStore } from '../../src/keys/index.js';
import { Authenticator } from '../../src/keys/authenticator.js';
import { type KeyNews, KnownKeys } from '../../src/keys/known-keys.js';
import type { Teams } from '../../src/keys/teams/teams.js';
import { Audit, type PrismaService, type StaticKey } from '../../src/platform/index.js';
import { silentLog } from './silent-log.js';

/** The real store, which also counts what it is asked. */
export class CountingStore extends KeysStore {
  questions = 0;

  override findByPublicIds(publicIds: readonly string[]) {
    this.questions += 1;
    return super.findByPublicIds(publicIds);
  }
}

export interface KeysOptions {
  readonly clock?: Clock;
  readonly clients?: readonly StaticKey[];
  /** Whether changes are heard of, which whoever asks for it passes on to `known`. */
  readonly news?: KeyNews;
  /** None, unless given. */
  readonly teams?: Pick<Teams, 'find' | 'load'>;
}

const NO_TEAMS: Pick<Teams, 'find' | 'load'> = { find: () => undefined, load: () => Promise.resolve(undefined) };
const HEARING: KeyNews = { isListening: true };

/** The keys of one process, as after its start. */
export function keysOver(prisma: PrismaService, { clock = systemClock, clients = [], news = HEARING, teams = NO_TEAMS }: KeysOptions = {}) {
  const store = new CountingStore(prisma, new Audit(prisma, clock));
  const known = new KnownKeys((publicIds) => store.findByPublicIds(publicIds), news, clock, silentLog);
  const config = { keys: { clients, admins: [], metricsToken: undefined, secretKeys: [] } };
  return { store, known, keys: new KeysService(store, known, clock), authenticator: new Authenticator(known, teams, config, clock) };
}
