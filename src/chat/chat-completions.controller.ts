import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { DIALECTS } from '../dialects/index.js';
import { type GatewayRequest, V1 } from '../platform/index.js';
import { ChatCompletionDocs, ChatStreamDocs } from './chat-completions.docs.js';
import { ModelCallController } from './model-call.controller.js';

/** OpenAI Chat Completions. */
@Controller(V1)
export class ChatCompletionsController extends ModelCallController {
  @Post('chat/completions')
  @HttpCode(200)
  @ChatCompletionDocs()
  create(@Req() request: GatewayRequest, @Res() reply: FastifyReply): void {
    this.answer(DIALECTS['openai-chat'], request, reply);
  }

  @Post('chat/stream')
  @HttpCode(200)
  @ChatStreamDocs()
  stream(@Req() request: GatewayRequest, @Res() reply: FastifyReply): void {
    this.answer(DIALECTS['openai-chat'], request, reply, true);
  }
}
