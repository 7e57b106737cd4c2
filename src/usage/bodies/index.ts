export { Bodies } from './bodies.js';
export { BodyResealing, type ResealOutcome } from './body-resealing.js';
export type { Recording } from './recording.js';
