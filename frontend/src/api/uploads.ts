/** Sends files by tus 1.0: announced with their batch and path, each chunk with its SHA-256, resumed where it stopped. */
import { DefaultHttpStack, DetailedError, Upload } from 'tus-js-client';
import type { HttpRequest, HttpStack } from 'tus-js-client';
import { Refused, Unreachable } from './problem';
import type { ProblemBody } from './contract';

export interface Outgoing {
  readonly path: string;
  readonly file: Blob;
}

export interface Sending {
  /** Resolves when the server has every byte; rejects with Refused or Unreachable, or when it was stopped. */
  readonly done: Promise<void>;
  /** Stop; what has arrived stays on the server. */
  stop(): void;
}

export class Stopped extends Error {}

const CHUNK_BYTES = 8 * 1024 * 1024;
const RETRY_MS = [0, 1000, 3000, 6000];

export class UploadApi {
  constructor(
    private readonly address: string,
    private readonly csrf: string,
  ) {}

  /** Send one file of a batch; announcing it again finds what has already arrived. */
  send(batch: string, outgoing: Outgoing, onProgress: (sent: number) => void): Sending {
    const stopping = new AbortController();
    let upload: Upload | null = null;
    const done = (async () => {
      const { url, offset } = await this.announce(batch, outgoing, stopping.signal);
      onProgress(offset);
      if (offset === outgoing.file.size) return;
      await new Promise<void>((resolve, reject) => {
        stopping.signal.addEventListener('abort', () => reject(new Stopped()));
        upload = this.upload(outgoing.file, url, onProgress, resolve, (error) => reject(problemOf(error)));
        upload.start();
      });
    })();
    return {
      done,
      stop: () => {
        stopping.abort();
        void upload?.abort();
      },
    };
  }

  private upload(
    file: Blob,
    uploadUrl: string,
    onProgress: (sent: number) => void,
    onSuccess: () => void,
    onError: (error: Error) => void,
  ): Upload {
    return new Upload(file as File, {
      uploadUrl,
      chunkSize: CHUNK_BYTES,
      retryDelays: RETRY_MS,
      storeFingerprintForResuming: false,
      headers: { 'X-CSRFToken': this.csrf },
      httpStack: new ChecksummingStack(),
      onProgress,
      onSuccess,
      onError,
    });
  }

  private async announce(batch: string, { path, file }: Outgoing, signal: AbortSignal): Promise<Announced> {
    const response = await answered(this.address, signal, {
      method: 'POST',
      headers: {
        'Tus-Resumable': '1.0.0',
        'Upload-Length': String(file.size),
        'Upload-Metadata': `batch ${base64(batch)},path ${base64(path)}`,
        'X-CSRFToken': this.csrf,
      },
    });
    const location = response.headers.get('Location');
    if (!location) throw new Refused(response.status, { detail: 'The server did not say where to send the file.' });
    return { url: new URL(location, document.baseURI).href, offset: Number(response.headers.get('Upload-Offset') ?? 0) };
  }
}

interface Announced {
  readonly url: string;
  readonly offset: number;
}

async function answered(address: string, signal: AbortSignal, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address, { ...init, signal, credentials: 'same-origin', cache: 'no-store' });
  } catch (error) {
    if (signal.aborted) throw new Stopped();
    throw new Unreachable(error);
  }
  if (response.ok) return response;
  throw new Refused(response.status, (await response.json().catch(() => ({}))) as Partial<ProblemBody>);
}

function problemOf(error: Error): Error {
  const response = error instanceof DetailedError ? error.originalResponse : null;
  if (!response) return new Unreachable(error);
  return new Refused(response.getStatus(), parsed(response.getBody()));
}

function parsed(body: string): Partial<ProblemBody> {
  try {
    return JSON.parse(body) as Partial<ProblemBody>;
  } catch {
    return {};
  }
}

/** tus-js-client's own requests, with the digest of each chunk in `Upload-Checksum`. */
class ChecksummingStack implements HttpStack {
  private readonly inner = new DefaultHttpStack({});

  createRequest(method: string, url: string): HttpRequest {
    const request = this.inner.createRequest(method, url);
    const send = request.send.bind(request);
    request.send = async (body: unknown) => {
      if (body instanceof Blob) request.setHeader('Upload-Checksum', `sha256 ${await digestOf(body)}`);
      return send(body);
    };
    return request;
  }

  getName(): string {
    return 'checksumming';
  }
}

async function digestOf(chunk: Blob): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', await chunk.arrayBuffer());
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
