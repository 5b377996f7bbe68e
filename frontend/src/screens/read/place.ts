/** Where the reader stands, when some reads are still on their way to the server. */
import type { Place, Token } from '../../api/contract';

/** The server's place, moved on past the presentations whose reads wait on this computer. */
export function beyond(place: Place, waiting: ReadonlySet<Token>): Place {
  const ahead = [...(place.current === null ? [] : [place.current]), ...place.upcoming];
  const left = ahead.filter((token) => !waiting.has(token));
  const passed = ahead.length - left.length;
  const { progress } = place;
  return {
    progress: { ...progress, done: Math.min(progress.planned, progress.done + passed) },
    current: left[0] ?? null,
    upcoming: left.slice(1),
    // A read that has not arrived cannot be corrected yet.
    previous: passed > 0 ? null : place.previous,
  };
}

/** Nothing is left to read, and nothing is on its way. */
export const isFinished = (place: Place, waiting: ReadonlySet<Token>): boolean =>
  place.current === null && waiting.size === 0;
