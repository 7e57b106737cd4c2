import { Injectable } from '@nestjs/common';
import { GatewayError } from '../../core/errors.js';
import { PrismaService } from '../../platform/index.js';
import { sqlStateOf } from '../sql-state.js';

/** What names the bodies of a call. */
export interface BodyName {
  readonly callId: string;
  readonly admittedAt: Date;
}

/** The bodies of a call as they are stored: sealed. */
export interface SealedBodies {
  readonly secretId: string;
  readonly request: Uint8Array | null;
  readonly answer: Uint8Array | null;
}

export type BodyRow = BodyName & SealedBodies;

/** Parameters go as one text: Prisma would write each of them as JSON of its own, and read it again. */
const INSERT = `INSERT INTO bodies (admitted_at, call_id, secret_id, request, answer)
  SELECT admitted_at, call_id, secret_id, decode(request, 'base64'), decode(answer, 'base64')
  FROM json_to_recordset($1::json) AS row (admitted_at timestamptz, call_id uuid, secret_id text, request text, answer text)
  ON CONFLICT DO NOTHING`;

const COLUMNS = { callId: true, admittedAt: true, secretId: true, request: true, answer: true };

@Injectable()
export class BodiesStore {
  constructor(private readonly prisma: PrismaService) {}

  /** Those that are there already stay as they are. */
  async insert(rows: readonly BodyRow[]): Promise<void> {
    const json = rows.map(({ admittedAt, callId, secretId, request, answer }) => {
      return { admitted_at: admittedAt, call_id: callId, secret_id: secretId, request: base64(request), answer: base64(answer) };
    });
    await this.prisma.queryPlain(INSERT, [JSON.stringify(json)]);
  }

  /** Throws `service_unavailable` where the database does not answer. */
  async find(name: BodyName): Promise<SealedBodies | undefined> {
    try {
      const row = await this.prisma.body.findUnique({ select: COLUMNS, where: { admittedAt_callId: toKey(name) } });
      return row ?? undefined;
    } catch (error) {
      if (sqlStateOf(error) !== undefined) throw error;
      const message = 'The database cannot be read right now. Try again in a moment.';
      throw new GatewayError('service_unavailable', message, { retryAfterMs: 1_000, cause: error });
    }
  }

  /** In the order of their names, at most `limit` of those behind `after` that were sealed with another secret. */
  sealedOtherwise(secretId: string, after: BodyName | undefined, limit: number): Promise<readonly BodyRow[]> {
    const behind = after && [{ admittedAt: { gt: after.admittedAt } }, { admittedAt: after.admittedAt, callId: { gt: after.callId } }];
    return this.prisma.body.findMany({
      select: COLUMNS,
      where: { secretId: { not: secretId }, ...(behind && { OR: behind }) },
      orderBy: [{ admittedAt: 'asc' }, { callId: 'asc' }],
      take: limit,
    });
  }

  /** Puts these in the place of what was sealed with `secretId`; false where that is there no more. */
  async replace(name: BodyName, secretId: string, { request, answer, ...sealed }: SealedBodies): Promise<boolean> {
    const data = { ...sealed, request: request && new Uint8Array(request), answer: answer && new Uint8Array(answer) };
    const { count } = await this.prisma.body.updateMany({ data, where: { ...toKey(name), secretId } });
    return count > 0;
  }
}

function toKey({ admittedAt, callId }: BodyName) {
  return { admittedAt, callId };
}

function base64(bytes: Uint8Array | null): string | null {
  return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
