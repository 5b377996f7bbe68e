/** Time as the sync modules see it, so that tests can turn the clock by hand. */

export interface Timer {
  now(): number;
  /** Run once after `ms`; the returned function cancels. */
  after(ms: number, run: () => void): () => void;
  random(): number;
}

export const browserTimer: Timer = {
  now: () => performance.now(),
  after: (ms, run) => {
    const id = setTimeout(run, ms);
    return () => clearTimeout(id);
  },
  random: () => Math.random(),
};
