export type { EndUser, EndUserChanges, Whose } from './end-user.js';
export { toEndUserWire } from './end-user.wire.js';
export { EndUsersService } from './end-users.service.js';
