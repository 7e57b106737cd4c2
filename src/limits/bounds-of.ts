import { createHash } from 'node:crypto';
import type { Caller, RateLimits } from '../core/caller.js';
import type { Config } from '../platform/index.js';
import type { Payer } from './admission.js';
import { type Bound, counterName, type RateBound, type ScopeKind } from './bounds.js';
import { boundOf } from './budgets/budget-bound.js';
import type { BudgetsInForce } from './budgets/live-budgets.js';
import { budgetsUnknown } from './refusals.js';

/** All that limits the calls of a payer at a time (epoch milliseconds); the same list until something of it changes. */
export type BoundsOf = (payer: Payer, nowMs: number) => readonly Bound[];

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Lists of end users that are remembered, of all callers together. */
const MOST_USERS = 10_000;
/** The longest name that is remembered, or stands in the name of a counter. */
const LONGEST_NAME = 128;

/** A list, and for how long it is right. */
interface Listed {
  readonly bounds: readonly Bound[];
  readonly user: Payer['user'];
  readonly from: number;
  readonly until: number;
}

/** What was listed for a caller under the same configuration and the same budgets. */
interface CallerLists {
  readonly limits: Config['limits'];
  readonly revision: number;
  /** For calls that name no end user. */
  plain: Listed | undefined;
  readonly users: Map<string, Listed>;
}

/** Lists what limits calls. A list is made once, and looked up for every call. */
export class Bounds {
  private callers = new WeakMap<Caller, CallerLists>();
  private users = 0;

  constructor(
    private readonly config: Pick<Config, 'limits' | 'redis'>,
    private readonly budgets: BudgetsInForce,
  ) {}

  /** Throws `service_unavailable` while nobody knows the budgets, unless the policy for that is `open`. */
  readonly of: BoundsOf = (payer, nowMs) => {
    const lists = this.listsOf(payer.caller);
    const listed = payer.userId === undefined ? lists.plain : lists.users.get(payer.userId);
    if (listed && listed.user === payer.user && nowMs >= listed.from && nowMs < listed.until) return listed.bounds;
    return this.list(lists, payer, nowMs).bounds;
  };

  private listsOf(caller: Caller): CallerLists {
    const { limits } = this.config;
    const { revision } = this.budgets;
    let lists = this.callers.get(caller);
    if (lists?.limits !== limits || lists.revision !== revision) {
      this.callers.set(caller, (lists = { limits, revision, plain: undefined, users: new Map() }));
    }
    return lists;
  }

  private list(lists: CallerLists, payer: Payer, nowMs: number): Listed {
    if (!this.budgets.isKnown && this.config.redis.whenDown === 'closed') throw budgetsUnknown();
    const listed = this.make(payer, nowMs);
    const { userId } = payer;
    if (userId === undefined) lists.plain = listed;
    else if (userId.length <= LONGEST_NAME) this.remember(lists, userId, listed);
    return listed;
  }

  private remember({ users }: CallerLists, userId: string, listed: Listed): void {
    if (this.users >= MOST_USERS) {
      this.callers = new WeakMap();
      this.users = 0;
      users.clear();
    }
    if (!users.has(userId)) this.users += 1;
    users.set(userId, listed);
  }

  private make({ caller, userId, user }: Payer, nowMs: number): Listed {
    const { keyId, keyName, team } = caller;
    const { limits } = this.config;
    const timed = this.budgets.of(caller, userId).map((budget) => boundOf(budget, nowMs));
    const bounds = [
      ...boundsWithin(withDefaults(caller.limits, limits), { scope: 'key', subject: keyName, names: namesOf(keyId) }),
      ...(team?.limits ? boundsWithin(team.limits, { scope: 'team', subject: team.name, names: [team.id] }) : []),
      ...(userId === undefined ? [] : boundsWithin(withDefaults(user?.limits, limitsOfUsers(limits)), userOf(caller, userId))),
      ...timed.map(({ bound }) => bound),
    ];
    return {
      bounds,
      user,
      from: Math.max(...timed.map(({ from }) => from)),
      until: Math.min(...timed.map(({ until }) => until)),
    };
  }
}

/** Whose limits they are, and what names their counters apart from all others'. */
interface Limited {
  readonly scope: ScopeKind;
  readonly subject: string;
  readonly names: readonly string[];
}

function boundsWithin({ concurrency = 0, ...limits }: RateLimits, { scope, subject, names }: Limited): readonly Bound[] {
  const rate = (kind: RateBound['kind'], limit: number | undefined, windowMs: number): RateBound => {
    return { kind, scope, subject, counter: counterName(kind, scope, ...names, windowMs), limit: limit ?? 0, windowMs };
  };
  const all = [
    { kind: 'calls' as const, scope, subject, counter: counterName('calls', scope, ...names), limit: concurrency },
    rate('requests', limits.requestsPerMinute, MINUTE_MS),
    rate('requests', limits.requestsPerHour, HOUR_MS),
    rate('tokens', limits.tokensPerMinute, MINUTE_MS),
  ];
  return all.filter(({ limit }) => limit > 0);
}

function withDefaults(own: RateLimits = {}, configured: RateLimits): RateLimits {
  return {
    requestsPerMinute: own.requestsPerMinute ?? configured.requestsPerMinute,
    requestsPerHour: own.requestsPerHour ?? configured.requestsPerHour,
    tokensPerMinute: own.tokensPerMinute ?? configured.tokensPerMinute,
    concurrency: own.concurrency ?? configured.concurrency,
  };
}

/** What is configured for end users is how often they may call; more is limited only where it was decided about one. */
function limitsOfUsers({ requestsPerMinute, requestsPerHour }: Config['limits']): RateLimits {
  return { requestsPerMinute, requestsPerHour };
}

function userOf({ tenant }: Caller, userId: string): Limited {
  return { scope: 'user', subject: userId.slice(0, LONGEST_NAME), names: [...namesOf(tenant), ...namesOf(userId)] };
}

/** End users, and issuers of tokens, choose names of any length, some of which are no text at all: those are named by a digest. */
function namesOf(text: string): readonly string[] {
  if (text.length <= LONGEST_NAME && Buffer.from(text).toString() === text) return [text];
  return ['digest', createHash('sha256').update(text, 'utf16le').digest('hex')];
}
