import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { DIALECTS } from '../dialects/index.js';
import { type GatewayRequest, V1 } from '../platform/index.js';
import { EmbeddingsDocs } from './embeddings.docs.js';
import { ModelCallController } from './model-call.controller.js';

/** OpenAI Embeddings. */
@Controller(V1)
export class EmbeddingsController extends ModelCallController {
  @Post('embeddings')
  @HttpCode(200)
  @EmbeddingsDocs()
  create(@Req() request: GatewayRequest, @Res() reply: FastifyReply): void {
    this.answer(DIALECTS['embeddings'], request, reply);
  }
}
