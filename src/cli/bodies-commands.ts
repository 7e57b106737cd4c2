import type { BodyResealing } from '../usage/index.js';
import type { Report } from './report.js';

/** Seals stored bodies with the newest secret. Exit code 1 if there are some that none of the secrets opens. */
export async function resealBodies(resealing: Pick<BodyResealing, 'run'>): Promise<Report> {
  const { resealed, unreadable } = await resealing.run();
  const left = Object.entries(unreadable);
  const lines = [
    `Encrypted the bodies of ${resealed} calls with the newest of TOLLGATE_SECRET_KEYS.`,
    ...left.map(([id, calls]) => `Those of ${calls} calls cannot be decrypted: they need the key ${id}, or were altered.`),
  ];
  return { text: lines.join('\n'), json: { resealed, unreadable }, exitCode: left.length > 0 ? 1 : 0 };
}
