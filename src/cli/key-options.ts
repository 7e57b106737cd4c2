import { ATTRIBUTE_RULES, type AttributeRule, type KeyWishes } from '../keys/index.js';
import { parseExpiry } from './expiry.js';
import { UsageError } from './usage.js';

/** What `keys create` takes; those that may be repeated make a list. */
export const KEY_OPTIONS = {
  name: { type: 'string' },
  role: { type: 'string' },
  team: { type: 'string' },
  'require-user': { type: 'boolean' },
  expires: { type: 'string' },
  model: { type: 'string', multiple: true },
  route: { type: 'string', multiple: true },
  'ip-allow': { type: 'string', multiple: true },
  tag: { type: 'string', multiple: true },
  'requests-per-minute': { type: 'string' },
  'requests-per-hour': { type: 'string' },
  'tokens-per-minute': { type: 'string' },
  concurrency: { type: 'string' },
  'allow-provider-state': { type: 'boolean' },
  disabled: { type: 'boolean' },
} as const;

type Option = keyof typeof KEY_OPTIONS;
type KeyOptions = {
  readonly [Name in Option]?: (typeof KEY_OPTIONS)[Name] extends { readonly multiple: true }
    ? readonly string[]
    : (typeof KEY_OPTIONS)[Name]['type'] extends 'boolean'
      ? boolean
      : string;
};

/** Throws a `UsageError` that names the option. */
export function toWishes(options: KeyOptions, nowMs: number): KeyWishes {
  const name = options.name?.trim();
  if (!name) throw new UsageError('A key needs a name that says what it is for: keys create --name my-app');
  const { role = 'client', expires } = options;
  return {
    name: checked('name', ATTRIBUTE_RULES.name, name),
    role: checked('role', ATTRIBUTE_RULES.role, role) as KeyWishes['role'],
    teamId: checked('team', ATTRIBUTE_RULES.team, options.team),
    requireUser: options['require-user'],
    expiresAt: expires === undefined ? undefined : parseExpiry(expires, nowMs),
    models: checked('model', ATTRIBUTE_RULES.models, options.model),
    routes: checked('route', ATTRIBUTE_RULES.routes, options.route),
    ipAllow: checked('ip-allow', ATTRIBUTE_RULES.ipAllow, options['ip-allow']),
    tags: checked('tag', ATTRIBUTE_RULES.tags, toTags(options.tag)),
    requestsPerMinute: toLimit('requests-per-minute', options),
    requestsPerHour: toLimit('requests-per-hour', options),
    tokensPerMinute: toLimit('tokens-per-minute', options),
    concurrency: toLimit('concurrency', options),
    allowProviderState: options['allow-provider-state'],
    disabled: options.disabled,
  };
}

function checked<T>(option: Option, rule: AttributeRule, value: T): T {
  const complaint = value === undefined ? undefined : rule(value);
  if (complaint !== undefined) throw new UsageError(`--${option} ${complaint}${typeof value === 'string' ? `; found "${value}"` : ''}.`);
  return value;
}

function toLimit(option: 'requests-per-minute' | 'requests-per-hour' | 'tokens-per-minute' | 'concurrency', options: KeyOptions) {
  const text = options[option];
  if (text === undefined) return undefined;
  return checked(option, ATTRIBUTE_RULES.limit, /^\d+$/.test(text) ? Number(text) : NaN);
}

function toTags(pairs: readonly string[] | undefined): Record<string, string> | undefined {
  return pairs && Object.fromEntries(pairs.map(toTag));
}

function toTag(pair: string): readonly [string, string] {
  const at = pair.indexOf('=');
  if (at === -1) throw new UsageError(`--tag takes name=text; found "${pair}".`);
  return [pair.slice(0, at), pair.slice(at + 1)];
}
