import { Injectable } from '@nestjs/common';
import { GatewayError } from '../../core/errors.js';
import type { Price, PriceFactor, Rate } from '../../core/price.js';
import { type Bucket, BUCKETS } from '../../core/usage.js';
import { PrismaService } from '../../platform/index.js';
import { sqlStateOf } from '../sql-state.js';
import type { RequestFilter } from './request-filter.js';
import type { ChargedPrice, RequestRow, WholeRow } from './request-row.js';
import { callStatement, labelStatement, searchStatement, type Statement } from './requests.sql.js';
import { Turns } from './turns.js';

/** Below what the connections themselves grant: a statement that is given up there goes on at the server. */
const PATIENCE_MS = 4_000;
/** So that long searches leave connections to those who call. */
const AT_A_TIME = 3;
const CANCELLED = '57014';
const TAKES_LONG = `The search took longer than ${PATIENCE_MS / 1000} s. Narrow it: a shorter time (\`from\`, \`to\`), a \`key\`, or a \`user\` together with its \`team\`.`;

/** What names a call. */
export interface CallName {
  readonly callId: string;
  readonly admittedAt: Date;
}

/** Pico-dollars for a token by bucket. */
type Rates = Readonly<Partial<Record<Rate, string>>>;

interface StoredBase extends Rates {
  /** By service tier. */
  readonly factors?: Readonly<Record<string, { readonly numerator: string; readonly denominator: string }>>;
}

interface StoredTier {
  readonly above_input_tokens: number;
  readonly rates: Rates;
}

/** Single rows of the ledger. What is asked for in vain for too long is refused: `invalid_request`. */
@Injectable()
export class RequestsStore {
  private readonly turns = new Turns(AT_A_TIME);

  constructor(private readonly prisma: PrismaService) {}

  /** The newest of those that pass, at most `limit`. */
  search(filter: RequestFilter, limit: number): Promise<readonly RequestRow[]> {
    return this.turns.take(() => this.read<RequestRow>(searchStatement(filter, limit)));
  }

  /** `keyId` undefined = whosever it is. */
  async find(callId: string, admittedAt: number, keyId: string | undefined): Promise<WholeRow | undefined> {
    const [row] = await this.read<WholeRow>(callStatement(callId, admittedAt, keyId));
    return row;
  }

  /** The newest calls with this label, at most `limit`. */
  labelled(label: string, keyId: string | undefined, limit: number): Promise<readonly CallName[]> {
    return this.turns.take(() => this.read<CallName>(labelStatement(label, keyId, limit)));
  }

  async price(id: string): Promise<ChargedPrice | undefined> {
    const row = await this.reachable(this.prisma.chargedPrice.findUnique({ select: { base: true, tiers: true }, where: { id } }));
    if (!row) return undefined;
    const tiers = row.tiers as unknown as readonly StoredTier[];
    return {
      base: toPrice(row.base as StoredBase),
      factors: toFactors(row.base as StoredBase),
      tiers: tiers.map(({ above_input_tokens: aboveInputTokens, rates }) => ({ aboveInputTokens, price: toPrice(rates) })),
    };
  }

  /** By id; those that are gone are missing. */
  async budgetNames(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (ids.length === 0) return new Map();
    const rows = await this.reachable(this.prisma.budget.findMany({ select: { id: true, name: true }, where: { id: { in: [...ids] } } }));
    return new Map(rows.map(({ id, name }) => [id, name]));
  }

  /** Compiling a statement would take longer than reading a page does. */
  private read<Row>({ text, values }: Statement): Promise<readonly Row[]> {
    const settings = `SELECT set_config('statement_timeout', '${PATIENCE_MS}', true), set_config('jit', 'off', true)`;
    const rows = this.prisma.$transaction(
      async (transaction) => {
        await transaction.$queryRawUnsafe(settings);
        return transaction.$queryRawUnsafe<Row[]>(text, ...values);
      },
      { timeout: 2 * PATIENCE_MS },
    );
    return this.reachable(rows);
  }

  private async reachable<Result>(reading: Promise<Result>): Promise<Result> {
    try {
      return await reading;
    } catch (error) {
      const state = sqlStateOf(error);
      if (state === CANCELLED) throw new GatewayError('invalid_request', TAKES_LONG, { param: 'from', cause: error });
      if (state !== undefined) throw error;
      throw new GatewayError('service_unavailable', 'The database cannot be read right now. Try again in a moment.', {
        retryAfterMs: 1_000,
        cause: error,
      });
    }
  }
}

/** A bucket that did not exist when the price was written was not charged; reasoning was as output, and there was no fee. */
function toPrice(rates: Rates): Price {
  const { reasoning, request } = rates;
  return {
    ...(Object.fromEntries(BUCKETS.map((bucket) => [bucket, BigInt(rates[bucket] ?? '0')])) as Record<Bucket, bigint>),
    ...(reasoning !== undefined && { reasoning: BigInt(reasoning) }),
    ...(request !== undefined && { request: BigInt(request) }),
  };
}

function toFactors({ factors = {} }: StoredBase): Readonly<Record<string, PriceFactor>> {
  const entries = Object.entries(factors).map(([serviceTier, { numerator, denominator }]) => {
    return [serviceTier, { numerator: BigInt(numerator), denominator: BigInt(denominator) }] as const;
  });
  return Object.fromEntries(entries);
}
