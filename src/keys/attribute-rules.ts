import { isAddressRange } from './address-ranges.js';
import { ROLES } from './key-attributes.js';
import { isUuid } from './query-text.js';
import { SURFACES } from './surfaces.js';

/** Says what a value must be, as it goes on after the name of the field; undefined = it is. */
export type AttributeRule = (value: unknown) => string | undefined;

const MAX_NAME_CHARS = 100;
const MAX_USER_ID_CHARS = 500;
const MAX_ENTRIES = 100;
const MAX_MODEL_CHARS = 200;
const MAX_TAGS = 10;
const MAX_LIMIT = 1_000_000_000;
const MODEL = /^[^\s\p{Cc}\p{Cs}]+$/u;
const TAG_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
const TAG_VALUE = /^[^\p{Cc}\p{Cs},=]{1,128}$/u;
/** Control characters, and halves of characters: neither can be stored. */
const UNFIT = /[\p{Cc}\p{Cs}]/u;

/** What administrators may decide, the same wherever they decide it. */
export const ATTRIBUTE_RULES = {
  name: toRule(isName, `must be 1 to ${MAX_NAME_CHARS} characters on one line, without spaces around`),
  role: toRule((value) => (ROLES as readonly unknown[]).includes(value), `must be one of ${ROLES.join(', ')}`),
  team: toRule(
    (value) => typeof value === 'string' && isUuid(value),
    'must be the id of a team, such as 019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e',
  ),
  key: toRule(isKeyName, 'must be the id or the public id of a key'),
  userId: toRule(isUserId, `must be 1 to ${MAX_USER_ID_CHARS} characters, as calls name the end user`),
  disabled: toRule((value) => typeof value === 'boolean', 'must be true or false'),
  models: listOf(isModel, `names of models or patterns such as gpt-4*, each up to ${MAX_MODEL_CHARS} characters without spaces`),
  routes: listOf((text) => (SURFACES as readonly string[]).includes(text), `any of ${SURFACES.join(', ')}`),
  ipAllow: listOf(isAddressRange, 'addresses such as 203.0.113.7 or networks such as 10.0.0.0/8 and 2001:db8::/32'),
  tags: toRule(
    areTags,
    `must be up to ${MAX_TAGS} names with a text each: names of up to 64 letters, digits, -, _ and ., texts of up to 128 characters without , and =`,
  ),
  limit: toRule(isLimit, `must be a whole number from 0, which means no limit, to ${MAX_LIMIT}`),
  expiresAt: toRule((value) => typeof value === 'string' && findTime(value) !== undefined, 'must be a time such as 2027-01-01T09:00:00Z'),
} satisfies Record<string, AttributeRule>;

const DAY = /^\d{4}-\d{2}-\d{2}/;
const TIME = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

/** Epoch milliseconds of a time that names its zone, or of a day, which begins at midnight UTC; undefined if it is neither. */
export function findTime(text: string): number | undefined {
  if (!TIME.test(text)) return undefined;
  const [day] = DAY.exec(text)!;
  const time = Date.parse(text);
  // 30 February would be read as 2 March.
  const isReal = !Number.isNaN(time) && new Date(Date.parse(day)).toISOString().startsWith(day);
  return isReal ? time : undefined;
}

function toRule(holds: (value: unknown) => boolean, text: string): AttributeRule {
  return (value) => (holds(value) ? undefined : text);
}

/** Names the first entry that is wrong. */
function listOf(holds: (text: string) => boolean, what: string): AttributeRule {
  const text = `must be a list of up to ${MAX_ENTRIES}: ${what}`;
  return (value) => {
    if (!Array.isArray(value) || value.length > MAX_ENTRIES) return text;
    const wrong = value.find((entry) => typeof entry !== 'string' || !holds(entry)) as unknown;
    return wrong === undefined ? undefined : `${text}; found ${JSON.stringify(wrong).slice(0, MAX_MODEL_CHARS)}`;
  };
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value.trim() === value && value.length > 0 && value.length <= MAX_NAME_CHARS && !UNFIT.test(value);
}

function isKeyName(value: unknown): boolean {
  return typeof value === 'string' && /^[\w:-]{1,200}$/.test(value);
}

function isUserId(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_USER_ID_CHARS && !UNFIT.test(value);
}

function isModel(text: string): boolean {
  return text.length <= MAX_MODEL_CHARS && MODEL.test(text);
}

function areTags(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value as Record<string, unknown>);
  return (
    entries.length <= MAX_TAGS && entries.every(([name, text]) => TAG_NAME.test(name) && typeof text === 'string' && TAG_VALUE.test(text))
  );
}

function isLimit(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= MAX_LIMIT;
}
