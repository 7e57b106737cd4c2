interface Accepted {
  readonly type: string;
  readonly quality: number;
}

/**
 * Does an `Accept` header name JSON, and no text that Prometheus reads before it or with a higher quality? Whoever takes
 * anything gets text, as scrapers and browsers expect.
 */
export function prefersJson(accept: string | undefined): boolean {
  const accepted = (accept ?? '').split(',').map(toAccepted);
  const json = accepted.find(({ type, quality }) => type === 'application/json' && quality > 0);
  if (!json) return false;
  const texts = accepted.filter(({ type }) => type === 'text/plain' || type === 'application/openmetrics-text');
  return texts.every(
    (text) => text.quality < json.quality || (text.quality === json.quality && accepted.indexOf(text) > accepted.indexOf(json)),
  );
}

function toAccepted(part: string): Accepted {
  const [type = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
  const written = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  const quality = written === undefined ? 1 : Number(written);
  return { type, quality: Number.isNaN(quality) ? 1 : quality };
}
