const CALL_ID = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
/** Later years have more digits than dates are written with. */
const END_OF_TIME = Date.UTC(10_000, 0, 1);

/** When the call was admitted that has this id, in epoch milliseconds (`makeId`); undefined if it is no call's id. */
export function callTimeOf(id: string): number | undefined {
  const [, high, low] = CALL_ID.exec(id) ?? [];
  const time = Number.parseInt(`${high}${low}`, 16);
  return time < END_OF_TIME ? time : undefined;
}
