/** How fast bytes go, and how long the rest will take: the last quarter of a minute counts. */

const WINDOW_MS = 15_000;
const ENOUGH_MS = 2_000;

interface Sample {
  readonly at: number;
  readonly bytes: number;
}

export class Pace {
  private samples: Sample[] = [];

  /** Note how many bytes have gone at a moment. */
  note(bytes: number, at: number): void {
    this.samples = [...this.samples.filter((sample) => at - sample.at <= WINDOW_MS), { at, bytes }];
  }

  /** Forget everything, after a pause. */
  forget(): void {
    this.samples = [];
  }

  /** Bytes per second; null while it is too early to tell. */
  get rate(): number | null {
    const [first, last] = [this.samples[0], this.samples.at(-1)];
    if (!first || !last || last.at - first.at < ENOUGH_MS || last.bytes <= first.bytes) return null;
    return ((last.bytes - first.bytes) * 1000) / (last.at - first.at);
  }
}

/** "about 2 min left"; nothing while the rate is unknown. */
export function left(bytes: number, rate: number | null): string {
  if (rate === null || bytes <= 0) return '';
  const seconds = bytes / rate;
  if (seconds < 10) return 'a few seconds left';
  if (seconds < 55) return `about ${Math.round(seconds / 5) * 5} s left`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `about ${Math.max(1, minutes)} min left` : `about ${Math.round(minutes / 60)} h left`;
}

/** "3.4 MB": a size as a person says it. */
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
