export { ADMISSION, type Admission, type AdmissionRequest, type Hold, type LimitReading, type Payer, type WorstCase } from './admission.js';
export type { OrphanedEvent, OrphanedHold } from './admission-store.js';
export { LimitsModule } from './limits.module.js';
export { RefusalCounts } from './refusal-counts.js';
