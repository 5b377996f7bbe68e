import { KernelError } from './errors';

/** SHA-256 of these bytes as 64 lower-case hexadecimal digits. */
export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Throws `digest.mismatch` unless the bytes are the ones that were announced. */
export async function checkSha256(bytes: Uint8Array<ArrayBuffer>, expected: string, what: string): Promise<void> {
  const found = await sha256Hex(bytes);
  if (found !== expected.toLowerCase()) {
    const [got, wanted] = [found.slice(0, 12), expected.slice(0, 12)];
    throw new KernelError('digest.mismatch', `${what} arrived changed (${got}…, expected ${wanted}…); load it again.`);
  }
}
