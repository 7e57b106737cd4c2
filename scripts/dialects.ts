// Writes docs/dialects.md from the tables that the gateway translates by. With --check it writes nothing: it fails if the page says something else.
import { toDialectsPage } from './dialects-page.js';
import { writeOrCheck } from './generated-page.js';

await writeOrCheck({
  file: 'docs/dialects.md',
  text: toDialectsPage(),
  source: 'the tables of the dialects',
  command: 'npm run dialects',
});
