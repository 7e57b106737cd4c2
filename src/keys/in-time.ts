/** A caller waits no longer than this for the database, whatever is wrong with it. */
const WAIT_MS = 200;

/** Rejects when the work fails, or when the database does not answer in time. */
export function inTime<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new Error(`the database did not answer within ${WAIT_MS} ms`));
    // One turn of grace: when it was this process that was late, the answer has arrived and only waits to be read.
    const timer = setTimeout(() => setImmediate(late), WAIT_MS);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
