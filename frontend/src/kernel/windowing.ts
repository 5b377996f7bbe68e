/** Display windows: percentiles of the image, and the table from stored value to grey. */
import type { VoxelArray, Volume, Window } from './types';

/** Enough samples for a percentile to a tenth of a percent, few enough to stay under 20 ms. */
const SAMPLES = 200_000;

/** Sorted sample of the non-zero finite values (after slope and intercept); every value when there are few. */
function sampleValues(volume: Volume): Float64Array {
  const { voxels, slope, intercept } = volume;
  const stride = Math.max(1, Math.floor(voxels.length / SAMPLES));
  const found: number[] = [];
  for (let at = Math.floor(stride / 2); at < voxels.length; at += stride) {
    const stored = voxels[at] ?? 0;
    if (stored !== 0 && Number.isFinite(stored)) found.push(stored * slope + intercept);
  }
  return Float64Array.from(found).sort();
}

/** Value below which this share (0 to 1) of a sorted, non-empty sample lies; linear between neighbours, as numpy. */
export function percentile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below] ?? 0;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? low;
  return low + (high - low) * (place - below);
}

export interface WindowPresets {
  readonly default: Window;
  readonly wide: Window;
  readonly narrow: Window;
}

/** The three named windows of an image; an empty or flat image gets a window one unit wide. */
export function windowPresets(volume: Volume): WindowPresets {
  const sorted = sampleValues(volume);
  if (sorted.length === 0) {
    const flat = { low: 0, high: 1 };
    return { default: flat, wide: flat, narrow: flat };
  }
  const between = (low: number, high: number): Window => widened(percentile(sorted, low), percentile(sorted, high));
  return { default: between(0.01, 0.995), wide: between(0, 1), narrow: between(0.25, 0.995) };
}

/** A window at least a small step wide, low first. */
export function widened(low: number, high: number): Window {
  const [a, b] = low <= high ? [low, high] : [high, low];
  const least = Math.max(Math.abs(a), Math.abs(b), 1e-6) * 1e-6;
  return b - a >= least ? { low: a, high: b } : { low: a, high: a + Math.max(least, 1e-6) };
}

/** Grey 0 to 255 of an image value. */
export function grey(value: number, window: Window): number {
  const scaled = ((value - window.low) / (window.high - window.low)) * 255;
  return Number.isNaN(scaled) ? 0 : Math.min(255, Math.max(0, Math.round(scaled)));
}

/** Maps stored values to grey: a table for 8 and 16 bit images, arithmetic for the others. */
export function greyMap(volume: Volume, window: Window): (stored: number) => number {
  const { slope, intercept } = volume;
  const direct = (stored: number): number => grey(stored * slope + intercept, window);
  const first = tableStart(volume.voxels);
  if (first === null) return direct;
  const length = volume.voxels instanceof Uint8Array ? 256 : 65_536;
  const table = Uint8Array.from({ length }, (_, at) => direct(at + first));
  return (stored) => table[stored - first] ?? 0;
}

function tableStart(voxels: VoxelArray): number | null {
  if (voxels instanceof Int16Array) return -32_768;
  return voxels instanceof Uint8Array || voxels instanceof Uint16Array ? 0 : null;
}
