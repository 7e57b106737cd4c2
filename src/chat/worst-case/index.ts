export { affordableOutput, type CallBound, textsToCount, tightened, worstCaseOf } from './worst-case.js';
