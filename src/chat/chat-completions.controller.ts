import { Controller, HttpCode, Inject, Post, Req, Res, UseInterceptors } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CLOCK, type Clock } from '../core/clock.js';
import { toGatewayError } from '../core/errors.js';
import { DIALECTS } from '../dialects/index.js';
import { Access, bodyOf, callerOf, type GatewayRequest, V1 } from '../platform/index.js';
import { ChatService } from './chat.service.js';
import { ClientStream } from './client-stream.js';
import { ChatCompletionDocs, ChatStreamDocs } from './chat-completions.docs.js';
import { CostInterceptor } from './cost.interceptor.js';
import { LiveCall } from './live-call.js';

const OPENAI_CHAT = DIALECTS['openai-chat'];

/**
 * OpenAI Chat Completions. The handlers are synchronous and own their reply: a returned value or iterable would cost half
 * the gateway's time again. What they throw while they check the body reaches the filter; after that errors go through the stream.
 */
@Controller(V1)
@Access('model')
@UseInterceptors(CostInterceptor)
export class ChatCompletionsController {
  constructor(
    private readonly chat: ChatService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Post('chat/completions')
  @HttpCode(200)
  @ChatCompletionDocs()
  create(@Req() request: GatewayRequest, @Res() reply: FastifyReply): void {
    this.answer(request, reply, false);
  }

  @Post('chat/stream')
  @HttpCode(200)
  @ChatStreamDocs()
  stream(@Req() request: GatewayRequest, @Res() reply: FastifyReply): void {
    this.answer(request, reply, true);
  }

  private answer(request: GatewayRequest, reply: FastifyReply, alwaysStream: boolean): void {
    const checked = OPENAI_CHAT.parse(bodyOf(request), { alwaysStream, headers: request.headers });
    const live = new LiveCall({ requestId: request.id, caller: callerOf(request), request: checked }, this.clock);
    const client = ClientStream.hijack(reply, OPENAI_CHAT, this.clock);
    this.chat
      .answer(live, client, (settlement) => (request.settlement = settlement))
      .catch((error: unknown) => {
        request.failure = toGatewayError(error);
        client.fail(request.failure);
      });
  }
}
