/** Fetches a presentation's bytes, proves them by their digests, and decodes them into what the viewer opens. */
import type { CandidatesRef, Presentation, Slot, VolumeRef } from '../../api/contract';
import type { Transport } from '../../api/transport';
import { download } from '../../api/verified';
import { memberTable } from '../../kernel/packing';
import type { PackedCandidates, Volume } from '../../kernel/types';
import type { Decoder } from '../../viewer/decode';
import type { SequenceImage, ViewerPresentation } from '../../viewer/port';

export interface Prepared {
  readonly presentation: Presentation;
  readonly images: ViewerPresentation;
  /** Per slot: nothing is drawn in it. */
  readonly empty: readonly boolean[];
}

/** Everything verified and decoded, or an error; never half of it. */
export async function prepare(
  transport: Transport,
  decoder: Decoder,
  presentation: Presentation,
  signal?: AbortSignal,
): Promise<Prepared> {
  const { volumes, candidates, slots } = presentation;
  const [packed, ...decoded] = await Promise.all([
    fetchCandidates(transport, decoder, candidates, signal),
    ...volumes.map((volume) => fetchVolume(transport, decoder, volume, signal)),
  ]);
  return {
    presentation,
    images: { sequences: decoded.map((volume, at) => image(volumes[at], volume, packed)), slots: slots.map(style) },
    empty: emptySlots(packed, slots.length),
  };
}

async function fetchVolume(
  transport: Transport,
  decoder: Decoder,
  ref: VolumeRef,
  signal?: AbortSignal,
): Promise<Volume> {
  const wanted = { url: ref.url, what: `The ${ref.sequence} image`, sha256: ref.sha256 };
  return decoder.volume(new Uint8Array(await download(transport, wanted, signal)));
}

async function fetchCandidates(
  transport: Transport,
  decoder: Decoder,
  ref: CandidatesRef,
  signal?: AbortSignal,
): Promise<PackedCandidates> {
  if (ref.bytes_per_voxel !== 1)
    throw new Error(`The segmentations are packed in ${ref.bytes_per_voxel} bytes a voxel; this viewer reads 1. Report this case.`);
  const bytes = new Uint8Array(await download(transport, { url: ref.url, what: 'The segmentations' }, signal));
  const codes = await decoder.codes(bytes);
  const expected = ref.shape.reduce((product, extent) => product * extent, 1);
  if (codes.length !== expected)
    throw new Error(
      `The segmentations have ${codes.length} bytes, their grid ${expected}; they are not shown. Report this case.`,
    );
  return { codes, base: ref.base, order: 'ras' };
}

/** The packed masks lie on one grid; sequences of another grid are shown without them. */
function image(ref: VolumeRef | undefined, volume: Volume, packed: PackedCandidates): SequenceImage {
  const voxels = volume.shape.reduce((product, extent) => product * extent, 1);
  const window = ref?.window ? { low: ref.window[0], high: ref.window[1] } : null;
  return {
    name: ref?.sequence ?? '',
    volume,
    candidates: voxels === packed.codes.length ? packed : null,
    ...(window ? { window } : {}),
  };
}

const style = (slot: Slot): ViewerPresentation['slots'][number] => ({
  letter: slot.letter,
  colour: slot.colour,
  lineStyle: slot.line_style,
});

/** Which of the first `slots` digits never occur. */
export function emptySlots({ codes, base }: PackedCandidates, slots: number): readonly boolean[] {
  const members = memberTable(base, slots);
  const seen = codes.reduce((bits, code) => bits | (members[code] ?? 0), 0);
  return Array.from({ length: slots }, (_, slot) => ((seen >> slot) & 1) === 0);
}
