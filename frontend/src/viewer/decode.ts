/** Files as they arrive, to volumes and packed masks as the viewer takes them; the work is done in one worker. */
import { KernelError } from '../kernel/errors';
import type { Volume } from '../kernel/types';

export interface DecodeRequest {
  readonly id: number;
  readonly kind: 'volume' | 'codes';
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sha256: string | null;
}

export type DecodeAnswer =
  | { readonly id: number; readonly result: Volume | Uint8Array<ArrayBuffer> }
  | { readonly id: number; readonly error: { readonly code: string; readonly message: string } };

interface Waiting {
  readonly resolve: (result: Volume | Uint8Array<ArrayBuffer>) => void;
  readonly reject: (error: Error) => void;
}

/** One worker; make one per page and keep it. The bytes handed over are moved to the worker and empty afterwards. */
export class Decoder {
  private readonly worker = new Worker(new URL('./decode.worker.ts', import.meta.url), { type: 'module' });
  private readonly waiting = new Map<number, Waiting>();
  private last = 0;

  constructor() {
    this.worker.addEventListener('message', ({ data }: MessageEvent<DecodeAnswer>) => this.settle(data));
    this.worker.addEventListener('error', ({ message }) => this.fail(`The decoder stopped (${message}); reload the page.`));
  }

  /** A `.nii` or `.nii.gz` file; rejects with KernelError `digest.*`, `gzip.*` or `nifti.*`. */
  async volume(bytes: Uint8Array<ArrayBuffer>, sha256: string | null = null): Promise<Volume> {
    return (await this.ask('volume', bytes, sha256)) as Volume;
  }

  /** Packed candidates, gzip or plain; rejects with KernelError `digest.*` or `gzip.*`. */
  async codes(bytes: Uint8Array<ArrayBuffer>, sha256: string | null = null): Promise<Uint8Array<ArrayBuffer>> {
    return (await this.ask('codes', bytes, sha256)) as Uint8Array<ArrayBuffer>;
  }

  destroy(): void {
    this.worker.terminate();
    this.fail('The page was left.');
  }

  private ask(kind: DecodeRequest['kind'], bytes: Uint8Array<ArrayBuffer>, sha256: string | null): Promise<unknown> {
    this.last += 1;
    const id = this.last;
    const request: DecodeRequest = { id, kind, bytes, sha256 };
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage(request, [bytes.buffer]);
    });
  }

  private settle(answer: DecodeAnswer): void {
    const waiting = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    if ('result' in answer) waiting?.resolve(answer.result);
    else waiting?.reject(new KernelError(answer.error.code, answer.error.message));
  }

  private fail(sentence: string): void {
    for (const { reject } of this.waiting.values()) reject(new KernelError('viewer.decode', sentence));
    this.waiting.clear();
  }
}
