/** Which parts of the label texture a change touches: small boxes, so that a brush move never sends the whole volume. */
import { boxSize, boxVoxels, cut, joinBoxes } from './volume';
import type { Box, LabelVolume } from './volume';

/** Most bytes sent to the graphics card at once. */
export const UPLOAD_LIMIT = 65_536;

/** One sub-box of the texture: where it goes, and its bytes (x fastest). */
export interface Upload {
  readonly box: Box;
  readonly bytes: Uint8Array;
}

/** A box cut along its longest way through memory (z, then y, then x) into parts of at most `limit` voxels. */
export function splitBox(box: Box, limit = UPLOAD_LIMIT): readonly Box[] {
  if (boxVoxels(box) <= limit) return [box];
  const size = boxSize(box);
  const axis = size[2] > 1 ? 2 : size[1] > 1 ? 1 : 0;
  const layer = boxVoxels(box) / size[axis];
  const step = Math.max(1, Math.floor(limit / layer));
  const parts: Box[] = [];
  for (let at = box.low[axis]; at < box.high[axis]; at += step) {
    const low = box.low.map((v, a) => (a === axis ? at : v)) as unknown as Box['low'];
    const high = box.high.map((v, a) => (a === axis ? Math.min(at + step, v) : v)) as unknown as Box['high'];
    parts.push(...splitBox({ low, high }, limit));
  }
  return parts;
}

/** The uploads for a changed box, each at most `limit` bytes. */
export function uploads(volume: LabelVolume, box: Box, limit = UPLOAD_LIMIT): readonly Upload[] {
  return splitBox(box, limit).map((part) => ({ box: part, bytes: cut(volume, part) }));
}

/**
 * What has changed since the last frame. Moves within a frame join into one box while that stays within one upload;
 * `next` gives one upload per frame, oldest first.
 */
export class DirtyBoxes {
  private waiting: Box[] = [];

  add(box: Box): void {
    const last = this.waiting.at(-1);
    const joined = last && joinBoxes(last, box);
    if (joined && boxVoxels(joined) <= UPLOAD_LIMIT) this.waiting[this.waiting.length - 1] = joined;
    else this.waiting.push(...splitBox(box));
  }

  /** The upload for this frame with the labels as they are now; null when nothing waits. */
  next(volume: LabelVolume): Upload | null {
    const box = this.waiting.shift();
    return box === undefined ? null : { box, bytes: cut(volume, box) };
  }

  /** Forget what waits, after the whole texture was sent (a new context). */
  clear(): void {
    this.waiting = [];
  }
}
