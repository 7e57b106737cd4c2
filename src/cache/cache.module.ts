import { Module } from '@nestjs/common';
import { ANSWER_CACHE, type AnswerCache } from './answer-cache.js';

/** Keeps nothing and says so: every call bypasses it. */
const withoutCache: AnswerCache = { find: () => 'bypass' };

@Module({
  providers: [{ provide: ANSWER_CACHE, useValue: withoutCache }],
  exports: [ANSWER_CACHE],
})
export class CacheModule {}
