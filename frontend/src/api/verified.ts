/** Downloads that are shown only after their SHA-256 has been compared with what the server announced. */
import { Unreachable, WrongBytes } from './problem';
import type { Transport } from './transport';

export interface Wanted {
  readonly url: string;
  /** What a person calls it, for the sentence when it is damaged. */
  readonly what: string;
  /** Hex digest from the presentation, where it gives one. */
  readonly sha256?: string;
}

const DOWNLOAD_MS = 120_000;

/** The bytes of `wanted`, whose SHA-256 equals both the `Content-Digest` header and the announced digest. */
export async function download(transport: Transport, wanted: Wanted, signal?: AbortSignal): Promise<ArrayBuffer> {
  const response = await transport.send(wanted.url, { timeout: DOWNLOAD_MS, ...(signal ? { signal } : {}) });
  const bytes = await body(response);
  const received = await sha256(bytes);
  for (const announced of [wanted.sha256, digestHeader(response.headers.get('Content-Digest')) ?? 'no digest'])
    if (announced !== undefined && announced.toLowerCase() !== received)
      throw new WrongBytes(wanted.what, announced, received);
  return bytes;
}

async function body(response: Response): Promise<ArrayBuffer> {
  try {
    return await response.arrayBuffer();
  } catch (error) {
    throw new Unreachable(error);
  }
}

/** Hex digest from `sha-256=:base64:` (RFC 9530); null when the header is absent or has none. */
export function digestHeader(header: string | null): string | null {
  const base64 = header?.match(/sha-256=:([A-Za-z0-9+/=]+):/)?.[1];
  if (!base64) return null;
  return hex(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
}

export async function sha256(bytes: ArrayBuffer): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
