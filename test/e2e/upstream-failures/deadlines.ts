/** Short enough that a test which waits for one is quick, long enough for an answer of a busy machine. */
export const SHORT = { connectMs: 500, firstTokenMs: 300, idleMs: 300, totalMs: 700 };
