import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { DIALECTS } from '../dialects/index.js';
import { type GatewayRequest, V1 } from '../platform/index.js';
import { ModelCallController } from './model-call.controller.js';
import { ResponsesDocs } from './responses.docs.js';

/** OpenAI Responses. */
@Controller(V1)
export class ResponsesController extends ModelCallController {
  @Post('responses')
  @HttpCode(200)
  @ResponsesDocs()
  create(@Req() request: GatewayRequest, @Res() reply: FastifyReply): void {
    this.answer(DIALECTS['openai-responses'], request, reply);
  }
}
