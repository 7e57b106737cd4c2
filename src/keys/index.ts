export { deliverFirstKeys, HOW_TO_MAKE_A_KEY, makeFirstKeys, type FirstKeys } from './bootstrap-keys.js';
export { KeyGuard } from './key.guard.js';
export type { KeyRecord, NewKey } from './key-record.js';
export { findKeyParts } from './key-text.js';
export { KeysModule } from './keys.module.js';
export { KeysService, type KeyWishes } from './keys.service.js';
export { KeysStore } from './keys.store.js';
export { isRole, ROLES } from './roles.js';
