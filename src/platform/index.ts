export { Access, type Audience } from './http/access.js';
export { ADMIN, V1 } from './http/prefixes.js';
export { callerOf, type GatewayRequest } from './http/request.js';
export { LOG, type Log } from './log/log.js';
