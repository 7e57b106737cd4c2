import { type KeyRecord, type KeysService, type KeyWishes, stateOf } from '../keys/index.js';
import type { Actor } from '../platform/index.js';
import { toKeyJson } from './key.wire.js';
import type { Report } from './report.js';
import { toTable } from './table.js';

const COMMAND_LINE: Actor = { id: 'cli', name: 'command line' };

export async function createKey(keys: KeysService, wishes: KeyWishes, nowMs: number): Promise<Report> {
  const { key, record } = await keys.create(wishes, COMMAND_LINE);
  const text = [
    `The ${record.role} key "${record.name}". It is not shown again: keep it in a safe place.`,
    '',
    `  ${key}`,
    '',
    `${record.expiresAt === undefined ? 'It never expires' : `It expires on ${toTimeText(record.expiresAt)}`}. To end it: keys revoke ${record.publicId}`,
  ].join('\n');
  return { text, json: { key, ...toKeyJson(record, nowMs) }, exitCode: 0 };
}

export async function listKeys(keys: KeysService, nowMs: number): Promise<Report> {
  const records = await keys.list();
  const text =
    records.length === 0
      ? 'There are no keys yet. Make one: keys create --name my-app'
      : toTable(
          ['PUBLIC ID', 'NAME', 'ROLE', 'STATE', 'CREATED', 'EXPIRES'],
          records.map((record) => toRow(record, nowMs)),
        );
  return { text, json: { keys: records.map((record) => toKeyJson(record, nowMs)) }, exitCode: 0 };
}

export async function rotateKey(keys: KeysService, publicId: string, overlapMs: number, nowMs: number): Promise<Report> {
  const rotated = await keys.rotate(publicId, overlapMs, COMMAND_LINE);
  if (!rotated) return noSuchKey(publicId);
  const { key, record } = rotated;
  const old = overlapMs === 0 ? 'The old one has ended' : `The old one works until ${toTimeText(record.previousEndsAt!)}`;
  const text = [
    `The new secret of the key "${record.name}". It is not shown again: keep it in a safe place.`,
    '',
    `  ${key}`,
    '',
    `${old}.`,
  ].join('\n');
  return { text, json: { key, ...toKeyJson(record, nowMs) }, exitCode: 0 };
}

export async function revokeKey(keys: KeysService, publicId: string, nowMs: number): Promise<Report> {
  const record = await keys.revoke(publicId, COMMAND_LINE);
  if (!record) return noSuchKey(publicId);
  const text = `The key "${record.name}" was revoked on ${toTimeText(record.revokedAt!)}. Running gateways refuse it within a second.`;
  return { text, json: toKeyJson(record, nowMs), exitCode: 0 };
}

function noSuchKey(publicId: string): Report {
  const message = `There is no key with the public id "${publicId}". \`keys list\` shows all keys.`;
  return { text: message, json: { error: { message } }, exitCode: 1 };
}

function toRow(record: KeyRecord, nowMs: number): readonly string[] {
  const { publicId, name, createdAt, expiresAt } = record;
  const expires = expiresAt === undefined ? 'never' : toTimeText(expiresAt);
  return [publicId, name, rightsOf(record), stateOf(record, nowMs), toTimeText(createdAt), expires];
}

/** The role, and in a word what widens or narrows it. */
function rightsOf({ role, models, routes, ipAllow, allowProviderState }: KeyRecord): string {
  const isRestricted = models.length > 0 || routes.length > 0 || ipAllow.length > 0;
  return [role, ...(allowProviderState ? ['provider state'] : []), ...(isRestricted ? ['restricted'] : [])].join(', ');
}

function toTimeText(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
