// Puts rows on disk as a gateway does whose database is away, until it is killed: of those on disk for certain it writes the number to a file.
import { writeFileSync } from 'node:fs';
import { pino } from 'pino';
import { systemClock } from '../../../src/core/clock.js';
import { SEGMENT_BYTES, Spool } from '../../../src/usage/ledger/spool/spool.js';
import { spooledLine } from '../spooled-line.js';

const GROUP = 50;

const [dir, acknowledgements] = process.argv.slice(2) as [string, string];
const spool = new Spool({ dir, maxBytes: 1e9, segmentBytes: SEGMENT_BYTES / 64 }, systemClock, pino({ level: 'silent' }));
for (let number = 0; ; number += GROUP) {
  const rows = Array.from({ length: GROUP }, (_, index) => ({
    line: spooledLine(number + index),
    atMs: systemClock.now(),
    onDone: undefined,
  }));
  await spool.append(rows);
  writeFileSync(acknowledgements, String(number + GROUP));
  if (number === 0) console.log(JSON.stringify({ path: spool.path }));
}
