import type { PrismaService, Secret } from '../../platform/index.js';
import { BodiesStore, type BodyRow } from './bodies.store.js';
import { type BodyPlace, BodySealing, Unreadable } from './body-sealing.js';

/** A call's bodies may take a megabyte. */
const BATCH_ROWS = 32;

export interface ResealOutcome {
  /** Calls whose bodies are sealed with the newest secret now. */
  readonly resealed: number;
  /** Calls whose bodies could not be opened, by the id of the secret that they were sealed with. */
  readonly unreadable: Readonly<Record<string, number>>;
}

/** Seals kept bodies with the newest of the secrets, so that older ones can go. */
export class BodyResealing {
  private readonly store: BodiesStore;
  private readonly sealing: BodySealing;

  /** Newest first. */
  constructor(prisma: PrismaService, secrets: readonly Secret[]) {
    this.store = new BodiesStore(prisma);
    this.sealing = new BodySealing(secrets);
  }

  /** Call by call, beside gateways that run; what it has done stays done if it breaks off. Throws where there is no secret. */
  async run(): Promise<ResealOutcome> {
    const { newestId } = this.sealing;
    if (newestId === undefined) throw new Error('There is no key to encrypt with. Set TOLLGATE_SECRET_KEYS.');
    const unreadable = new Map<string, number>();
    let resealed = 0;
    let rows = await this.store.sealedOtherwise(newestId, undefined, BATCH_ROWS);
    while (rows.length > 0) {
      for (const row of rows) {
        const sealed = this.reseal(row);
        if (!sealed) unreadable.set(row.secretId, (unreadable.get(row.secretId) ?? 0) + 1);
        else if (await this.store.replace(row, row.secretId, { secretId: newestId, ...sealed })) resealed += 1;
      }
      rows = await this.store.sealedOtherwise(newestId, rows.at(-1), BATCH_ROWS);
    }
    return { resealed, unreadable: Object.fromEntries(unreadable) };
  }

  /** Undefined where one of them cannot be opened. */
  private reseal({ callId, secretId, request, answer }: BodyRow): Pick<BodyRow, 'request' | 'answer'> | undefined {
    const again = (sealed: Uint8Array | null, place: BodyPlace): Buffer | null =>
      sealed && this.sealing.seal(this.sealing.open(Buffer.from(sealed), secretId, place), place);
    try {
      return { request: again(request, { callId, part: 'request' }), answer: again(answer, { callId, part: 'answer' }) };
    } catch (error) {
      if (error instanceof Unreadable) return undefined;
      throw error;
    }
  }
}
