import path from 'node:path';
import { pathToFileURL } from 'node:url';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** What Node is given to run a gateway with, in whatever folder. */
export type Launch = readonly string[];

/** As it is shipped: `npm run build` has made it. */
export const FROM_BUILD: Launch = [path.join(ROOT, 'dist/main.js')];

/** As it stands in the repository, without a build. */
export const FROM_SOURCE: Launch = [
  '--import',
  pathToFileURL(path.join(ROOT, 'scripts/register-ts.mjs')).href,
  path.join(ROOT, 'src/main.ts'),
];
