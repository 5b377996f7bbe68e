/** A stored case with the masks of its sources, fetched, verified and packed as a viewer opens it. */
import type { Transport } from '../api/transport';
import { download } from '../api/verified';
import { decodeNifti } from '../kernel/nifti';
import { slotCapacity } from '../kernel/packing';
import type { PackedCandidates, Rgb, Volume } from '../kernel/types';
import type { LineStyle, SequenceImage, ViewerPresentation } from './port';

export interface StoredVolume {
  readonly sequence: string;
  readonly url: string;
  readonly window: readonly [number, number];
}

export interface StoredMask {
  readonly name: string;
  readonly kind: string;
  readonly empty: boolean;
  readonly colour: Rgb;
  /** Address of the mask on each sequence that it lies on. */
  readonly urls: Readonly<Record<string, string>>;
}

export interface StoredCase {
  readonly volumes: readonly StoredVolume[];
  readonly masks: readonly StoredMask[];
}

/** One bit per source: whether it marks the voxel, whatever the label. */
const BASE = 2;
export const MOST_MASKS = slotCapacity(BASE);
const LINES: readonly LineStyle[] = ['solid', 'long-dash', 'short-dash'];

/** Fetch a case; masks beyond the eighth are left out. Rejects with Refused, Unreachable, WrongBytes or KernelError. */
export async function loadStored(
  transport: Transport,
  { volumes, masks }: StoredCase,
  signal?: AbortSignal,
): Promise<ViewerPresentation> {
  const shown = masks.slice(0, MOST_MASKS);
  const sequences = await Promise.all(volumes.map((volume) => image(transport, volume, shown, signal)));
  return { sequences, slots: shown.map(style) };
}

async function image(
  transport: Transport,
  { sequence, url, window: [low, high] }: StoredVolume,
  masks: readonly StoredMask[],
  signal?: AbortSignal,
): Promise<SequenceImage> {
  const fetched = (address: string, what: string): Promise<Volume> => fetchImage(transport, address, what, signal);
  const drawn = masks.map(({ name, urls }) => ({ name, url: urls[sequence] }));
  const [volume, ...labels] = await Promise.all([
    fetched(url, `The ${sequence} image`),
    ...drawn.map(({ name, url: at }) => (at ? fetched(at, `The mask of ${name}`) : null)),
  ]);
  return { name: sequence, volume, candidates: packed(volume, labels), ...(high > low ? { window: { low, high } } : {}) };
}

async function fetchImage(transport: Transport, url: string, what: string, signal?: AbortSignal): Promise<Volume> {
  return decodeNifti(new Uint8Array(await download(transport, { url, what }, signal)));
}

/** Masks on the volume's own grid as one code per voxel; null when there is none. */
export function packed(volume: Volume, labels: readonly (Volume | null)[]): PackedCandidates | null {
  const codes = new Uint8Array(volume.voxels.length);
  let any = false;
  labels.forEach((mask, slot) => {
    if (!mask || mask.voxels.length !== codes.length) return;
    any = true;
    const bit = 1 << slot;
    const { voxels } = mask;
    for (let at = 0; at < codes.length; at += 1) if (voxels[at]) codes[at] = (codes[at] as number) | bit;
  });
  return any ? { codes, base: BASE, order: 'native' } : null;
}

const style = (mask: StoredMask, slot: number): ViewerPresentation['slots'][number] => ({
  letter: String(slot + 1),
  colour: mask.colour,
  lineStyle: LINES[slot % LINES.length] ?? 'solid',
});
