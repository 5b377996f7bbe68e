/** Checks and unpacks files away from the page, so that the picture on screen never stops. */
import { checkSha256 } from '../kernel/digest';
import { KernelError } from '../kernel/errors';
import { gunzip, isGzip } from '../kernel/gzip';
import { decodeNifti } from '../kernel/nifti';
import type { Volume } from '../kernel/types';
import type { DecodeAnswer, DecodeRequest } from './decode';

const scope = self as unknown as DedicatedWorkerGlobalScope;

async function decode({ kind, bytes, sha256 }: DecodeRequest): Promise<Volume | Uint8Array<ArrayBuffer>> {
  if (sha256 !== null) await checkSha256(bytes, sha256, kind === 'volume' ? 'The image' : 'The segmentations');
  if (kind === 'volume') return decodeNifti(bytes);
  return isGzip(bytes) ? gunzip(bytes) : bytes;
}

scope.addEventListener('message', ({ data }: MessageEvent<DecodeRequest>) => {
  const answer = (content: DecodeAnswer, transfer: Transferable[] = []): void => scope.postMessage(content, transfer);
  decode(data).then(
    (result) => {
      const buffers = result instanceof Uint8Array ? [result.buffer] : [result.file, result.voxels.buffer as ArrayBuffer];
      answer({ id: data.id, result }, [...new Set(buffers)]);
    },
    (error: unknown) => {
      const code = error instanceof KernelError ? error.code : 'viewer.decode';
      answer({ id: data.id, error: { code, message: error instanceof Error ? error.message : String(error) } });
    },
  );
});
