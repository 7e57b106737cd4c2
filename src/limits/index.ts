export { ADMISSION, type Admission, type AdmissionRequest, type Hold } from './admission.js';
export { LimitsModule } from './limits.module.js';
