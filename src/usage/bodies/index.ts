export { Bodies } from './bodies.js';
export { BodyResealing } from './body-resealing.js';
export type { Recording } from './recording.js';
