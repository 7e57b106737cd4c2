export { ANSWER_CACHE, type AnswerCache, type CacheOutcome } from './answer-cache.js';
export { CacheModule } from './cache.module.js';
