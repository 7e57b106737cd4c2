export * from './overrides/index.js';
export * from './sync/index.js';
