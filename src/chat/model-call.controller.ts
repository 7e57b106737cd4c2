import { Inject, UseInterceptors } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CLOCK, type Clock } from '../core/clock.js';
import { toGatewayError } from '../core/errors.js';
import type { ClientDialect } from '../dialects/index.js';
import { Access, bodyOf, callerOf, type GatewayRequest } from '../platform/index.js';
import { Bodies, type Recording } from '../usage/index.js';
import { ChatService } from './chat.service.js';
import { ClientStream } from './client-stream.js';
import { CostInterceptor } from './cost.interceptor.js';
import { LiveCall } from './live-call.js';
import { tagsOf } from './tags-header.js';
import { timeoutOf } from './timeout-header.js';

/**
 * What the routes that call models have in common, whatever their dialect. Their handlers are synchronous and own their
 * reply: a returned value or iterable would cost half the gateway's time again.
 */
@Access('model')
@UseInterceptors(CostInterceptor)
export abstract class ModelCallController {
  constructor(
    private readonly chat: ChatService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(Bodies) private readonly bodies: Pick<Bodies, 'recorder'>,
  ) {}

  /** What this throws while it checks the body reaches the filter; after that errors go through the stream. */
  protected answer(dialect: ClientDialect, request: GatewayRequest, reply: FastifyReply, alwaysStream = false): void {
    const checked = dialect.parse(bodyOf(request), { alwaysStream, headers: request.headers });
    const timeoutMs = timeoutOf(request.headers);
    const tags = tagsOf(request.headers);
    const live = new LiveCall({ requestId: request.id, caller: callerOf(request), request: checked, timeoutMs, tags }, this.clock);
    const client = ClientStream.hijack(reply, dialect, this.clock);
    const { recorder } = this.bodies;
    let recording: Recording | undefined;
    const answered = this.chat
      .answer(live, client, (settlement) => {
        request.settlement = settlement;
        client.copy = recording = recorder?.begin(live.call);
      })
      .catch((error: unknown) => {
        request.failure = toGatewayError(error);
        client.fail(request.failure);
      });
    if (recorder) void answered.then(() => recording?.end());
  }
}
