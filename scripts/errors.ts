// Writes docs/errors.md from the tables that the gateway words its errors by. With --check it writes nothing: it fails if the page says something else.
import { toErrorsPage } from './errors-page.js';
import { writeOrCheck } from './generated-page.js';

await writeOrCheck({ file: 'docs/errors.md', text: toErrorsPage(), source: 'the tables of errors', command: 'npm run errors' });
