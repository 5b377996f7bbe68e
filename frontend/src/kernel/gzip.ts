import { KernelError } from './errors';

const GZIP_TRAILER = 8;

export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length > 18 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** Length that a single-member gzip file declares in its last four bytes (modulo 4 GiB). */
function declaredLength(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset + bytes.byteLength - 4, 4).getUint32(0, true);
}

/** Bytes per input byte that deflate can reach at most; a larger claim is a damaged trailer or a bomb. */
const DEFLATE_LIMIT = 1032;

/**
 * Decompress one gzip member into one preallocated buffer.
 *
 * Throws `gzip.length` when the content is not as long as the file says, `gzip.damaged` when it does not decode
 * (the platform checks the CRC).
 */
export async function gunzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const length = declaredLength(bytes);
  if (length > (bytes.length - GZIP_TRAILER) * DEFLATE_LIMIT) {
    throw new KernelError('gzip.length', `The image claims ${length} bytes, more than its ${bytes.length} can hold.`);
  }
  const out = new Uint8Array(length);
  const written = await inflateInto(bytes, out);
  if (written !== length) {
    throw new KernelError('gzip.length', `The image holds ${written} bytes but says ${length}; load it again.`);
  }
  return out;
}

async function inflateInto(bytes: Uint8Array<ArrayBuffer>, out: Uint8Array): Promise<number> {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  let at = 0;
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      if (at + next.value.length <= out.length) out.set(next.value, at);
      at += next.value.length;
    }
  } catch {
    throw new KernelError('gzip.damaged', 'The image arrived damaged and cannot be unpacked; load it again.');
  }
  return at;
}
