import { setFlagsFromString } from 'node:v8';

/**
 * V8 notes which literals survive a young collection and allocates those in the old space from then on. A call's objects live
 * for a few milliseconds whatever the statistics of one loaded moment say; once tenured, each dead one keeps alive all that it
 * points to. Measured: a fifth of all allocated bytes was promoted, and young collections took as long as the call's own code
 * (`docs/decisions/0005-no-pretenuring.md`). Has to run before anything is compiled for speed, so it is imported first.
 */
setFlagsFromString('--no-allocation-site-pretenuring');
