import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { DIALECTS } from '../dialects/index.js';
import { type GatewayRequest, V1 } from '../platform/index.js';
import { MessagesDocs } from './messages.docs.js';
import { ModelCallController } from './model-call.controller.js';

/** Anthropic Messages. */
@Controller(V1)
export class MessagesController extends ModelCallController {
  @Post('messages')
  @HttpCode(200)
  @MessagesDocs()
  create(@Req() request: GatewayRequest, @Res() reply: FastifyReply): void {
    this.answer(DIALECTS['anthropic-messages'], request, reply);
  }
}
