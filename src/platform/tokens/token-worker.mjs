import { parentPort } from 'node:worker_threads';
import { encode } from 'gpt-tokenizer/encoding/o200k_base';

// Byte-pair encoding is quadratic in the length of a run without blanks: cut such runs, so that nobody can stall us with one.
const LONG_RUN = /\S{500}/g;

parentPort.on('message', ({ id, texts }) => {
  const counts = texts.map(
    (text) =>
      encode(
        text.replace(LONG_RUN, (run) => `${run} `),
        { allowedSpecial: 'all' },
      ).length,
  );
  parentPort.postMessage({ id, counts });
});
