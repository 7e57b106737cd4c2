import type { KeyRecord, KeysService, KeyWishes } from '../keys/index.js';
import { toKeyJson } from './key.wire.js';
import type { Report } from './report.js';
import { toTable } from './table.js';

export async function createKey(keys: KeysService, wishes: KeyWishes): Promise<Report> {
  const { key, record } = await keys.create(wishes);
  const text = [
    `The ${record.role} key "${record.name}". It is not shown again: keep it in a safe place.`,
    '',
    `  ${key}`,
    '',
    `${record.expiresAt === undefined ? 'It never expires' : `It expires on ${toTimeText(record.expiresAt)}`}. To end it: keys revoke ${record.publicId}`,
  ].join('\n');
  return { text, json: { key, ...toKeyJson(record) }, exitCode: 0 };
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
  return { text, json: { keys: records.map(toKeyJson) }, exitCode: 0 };
}

export async function revokeKey(keys: KeysService, publicId: string): Promise<Report> {
  const record = await keys.revoke(publicId);
  if (!record) {
    const message = `There is no key with the public id "${publicId}". \`keys list\` shows all keys.`;
    return { text: message, json: { error: { message } }, exitCode: 1 };
  }
  const text = `The key "${record.name}" was revoked on ${toTimeText(record.revokedAt!)}. Running gateways refuse it within 5 seconds.`;
  return { text, json: toKeyJson(record), exitCode: 0 };
}

function toRow(record: KeyRecord, nowMs: number): readonly string[] {
  const { publicId, name, createdAt, expiresAt } = record;
  const expires = expiresAt === undefined ? 'never' : toTimeText(expiresAt);
  return [publicId, name, rightsOf(record), stateOf(record, nowMs), toTimeText(createdAt), expires];
}

function rightsOf({ role, allowProviderState }: KeyRecord): string {
  return allowProviderState ? `${role}, provider state` : role;
}

function stateOf({ revokedAt, expiresAt }: KeyRecord, nowMs: number): string {
  if (revokedAt !== undefined) return 'revoked';
  return expiresAt !== undefined && expiresAt <= nowMs ? 'expired' : 'active';
}

function toTimeText(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
