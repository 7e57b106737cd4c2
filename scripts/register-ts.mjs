// `node --import ./scripts/register-ts.mjs file.ts`: runs the repository's TypeScript without a build, for scripts and tests.
import { register } from 'node:module';

register('./ts-hooks.mjs', import.meta.url);
