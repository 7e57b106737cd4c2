import type { ClientStream } from './client-stream.js';

/** Waits so many milliseconds; rejects at once with `client_closed` if the client leaves meanwhile. */
export function pause(ms: number, client: ClientStream): Promise<void> {
  return new Promise((resolve, reject) => {
    const { abandoned } = client;
    const giveUp = (): void => {
      clearTimeout(timer);
      reject(abandoned.reason as Error);
    };
    const timer = setTimeout(() => {
      abandoned.removeEventListener('abort', giveUp);
      resolve();
    }, ms);
    if (abandoned.aborted) giveUp();
    else abandoned.addEventListener('abort', giveUp, { once: true });
  });
}
