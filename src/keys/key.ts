/** What a key is, in the words of those who show it or change it. */
export { type KeyChanges, type KeyWishes, ROLES } from './key-attributes.js';
export { KEY_STATES, type KeyRecord, type KeyState, type NewKey, stateOf } from './key-record.js';
export { findKeyParts } from './key-text.js';
export { toKeyWire } from './key.wire.js';
