export { type Denial, DenialsService } from './denials.service.js';
export { toDeniedTokenWire } from './denied-token.js';
export { TOKEN_RULES } from './token-claims.js';
