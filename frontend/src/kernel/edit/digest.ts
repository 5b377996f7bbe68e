/**
 * A digest of the whole bitmap that an edit updates from its own voxels alone.
 *
 * Each voxel that is not background adds a mixed number of its index and label to two 32-bit sums, so the order of
 * drawing does not matter and taking back subtracts. It finds lost, repeated and damaged steps; against forgery a
 * version carries SHA-256.
 */
import { walkEdit } from './edit';
import type { Edit } from './edit';
import type { LabelVolume } from './volume';

/** Finalizer of MurmurHash3 (A. Appleby, public domain). */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** Running digest of a bitmap. */
export class BitmapDigest {
  private low = 0;
  private high = 0;

  constructor(private readonly volume: LabelVolume) {
    const { labels } = volume;
    for (let at = 0; at < labels.length; at += 1) if (labels[at] !== 0) this.add(at, labels[at] as number, 1);
  }

  /** Take an edit into account: +1 when it was drawn, −1 when it was taken back. */
  update(edit: Edit, direction: 1 | -1): void {
    walkEdit(edit, this.volume.dims, (from, length, old, now) => {
      for (let at = from; at < from + length; at += 1) {
        if (old !== 0) this.add(at, old, direction === 1 ? -1 : 1);
        if (now !== 0) this.add(at, now, direction);
      }
    });
  }

  /** Sixteen hexadecimal digits; sixteen zeros for an empty bitmap. */
  get hex(): string {
    return [this.high, this.low].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
  }

  private add(at: number, label: number, sign: 1 | -1): void {
    const first = mix(at + 0x9e3779b9 + Math.imul(label, 0x27d4eb2f));
    this.low = (this.low + sign * first) | 0;
    this.high = (this.high + sign * Math.imul(first ^ (first >>> 15), 0x2545f491 ^ label)) | 0;
  }
}

/** Digest of a bitmap from all its voxels, to compare with a running one. */
export const bitmapDigest = (volume: LabelVolume): string => new BitmapDigest(volume).hex;
