/** Has something undone when the work is over. */
export type Later = (undo: () => unknown) => void;

/** Does the work, and then undoes what it has begun, the last first, however it ended: each, even where another could not be undone. */
export async function tidily<T>(work: (later: Later) => Promise<T>): Promise<T> {
  const undos: (() => unknown)[] = [];
  const [outcome] = await Promise.allSettled([work((undo) => undos.unshift(undo))]);
  const problems: unknown[] = [];
  for (const undo of undos) {
    try {
      await undo();
    } catch (error) {
      problems.push(error);
    }
  }
  if (outcome.status === 'rejected') throw outcome.reason;
  if (problems.length > 0) throw new AggregateError(problems, 'What was begun could not all be undone.');
  return outcome.value;
}
