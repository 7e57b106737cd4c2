import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../platform/index.js';
import type { ExplainedRequestDto } from '../requests/explained-request.dto.js';
import { BodiesStore } from './bodies.store.js';
import { unpackBody } from './body.js';
import { type BodyPlace, BodySealing, Unreadable } from './body-sealing.js';
import type { BodyDto, RequestWithBodiesDto } from './request-with-bodies.dto.js';

/** What was kept of calls, for whoever may see them. */
@Injectable()
export class KeptBodies {
  private readonly sealing: BodySealing;

  constructor(
    @Inject(BodiesStore) private readonly store: Pick<BodiesStore, 'find'>,
    @Inject(CONFIG) config: Pick<Config, 'keys'>,
  ) {
    this.sealing = new BodySealing(config.keys.secretKeys);
  }

  /** The call with its bodies. A body that cannot be opened says why. Throws `service_unavailable` where the database does not answer. */
  async addTo(call: ExplainedRequestDto): Promise<RequestWithBodiesDto> {
    const found = await this.store.find({ callId: call.id, admittedAt: new Date(call.admitted_at) });
    if (!found) return call;
    const { secretId } = found;
    const [request, answer] = await Promise.all([
      this.open(found.request, secretId, { callId: call.id, part: 'request' }),
      this.open(found.answer, secretId, { callId: call.id, part: 'answer' }),
    ]);
    return { ...call, bodies: { request, answer } };
  }

  private async open(sealed: Uint8Array | null, secretId: string, place: BodyPlace): Promise<BodyDto | null> {
    if (!sealed) return null;
    try {
      const body = await unpackBody(this.sealing.open(Buffer.from(sealed), secretId, place));
      return { ...body, unreadable: null };
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      return { text: null, bytes: null, cut: false, redacted: false, unreadable: error.message };
    }
  }
}
