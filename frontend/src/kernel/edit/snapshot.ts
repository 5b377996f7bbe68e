/** A whole version on its way to the server: raw labels as gzip, with the SHA-256 of what is inside. */
import { sha256Hex, checkSha256 } from '../digest';
import { KernelError } from '../errors';
import { gunzip } from '../gzip';
import type { LabelVolume } from './volume';

export interface Snapshot {
  /** gzip of the labels in RAS order. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** SHA-256 of the raw labels, 64 hexadecimal digits. */
  readonly sha256: string;
  readonly dims: LabelVolume['dims'];
}

/** Pack the labels as they are at the call; drawing may go on meanwhile. */
export async function encodeSnapshot({ labels, dims }: LabelVolume): Promise<Snapshot> {
  const raw = new Uint8Array(labels);
  const packed = new Blob([raw]).stream().pipeThrough(new CompressionStream('gzip'));
  const [bytes, sha256] = await Promise.all([new Response(packed).arrayBuffer(), sha256Hex(raw)]);
  return { bytes: new Uint8Array(bytes), sha256, dims };
}

/** The labels of a snapshot. Throws `snapshot.length`, `digest.mismatch` or `gzip.*` when they are not those packed. */
export async function decodeSnapshot({ bytes, sha256, dims }: Snapshot): Promise<Uint8Array<ArrayBuffer>> {
  const raw = await gunzip(bytes);
  const wanted = dims[0] * dims[1] * dims[2];
  if (raw.length !== wanted) {
    throw new KernelError('snapshot.length', `The version holds ${raw.length} voxels, its image ${wanted}; load it again.`);
  }
  await checkSha256(raw, sha256, 'The version');
  return raw;
}
