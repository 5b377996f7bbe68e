/** How long to wait before the next try: 1, 2, 4 … at most 30 s, spread so that many readers do not return at once. */

const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;

/** Milliseconds before try number `failures` + 1; the server's own wish wins. `random` is in [0, 1). */
export function backoff(failures: number, retryAfterSeconds: number | null, random: number): number {
  if (retryAfterSeconds !== null) return Math.max(0, retryAfterSeconds) * 1000 + random * 500;
  const step = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1));
  return step * (0.75 + random / 2);
}
