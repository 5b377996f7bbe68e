/** One request to the server: same-origin, never cached, problem+json turned into errors, the CSRF token renewable. */
import { Refused, Unreachable } from './problem';
import type { ProblemBody } from './contract';

export interface Sent {
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly body?: unknown;
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
  /** Let the request outlive the page (a draft sent while it is being closed). */
  readonly keepalive?: boolean;
  /** Milliseconds until the request counts as unanswered. */
  readonly timeout?: number;
}

export type Fetch = (input: string, init: RequestInit) => Promise<Response>;

const TIMEOUT_MS = 20_000;

export class Transport {
  private csrf: string;

  constructor(
    csrf: string,
    private readonly fetch: Fetch = (input, init) => globalThis.fetch(input, init),
  ) {
    this.csrf = csrf;
  }

  /** After signing in again the server has a new CSRF token; it stands in the page. */
  async renewCsrf(page: string): Promise<void> {
    const response = await this.send(page, { timeout: TIMEOUT_MS });
    const parsed = new DOMParser().parseFromString(await response.text(), 'text/html');
    this.csrf = parsed.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? this.csrf;
  }

  async json<T>(url: string, sent: Sent = {}): Promise<T> {
    const response = await this.send(url, sent);
    try {
      return (await response.json()) as T;
    } catch (error) {
      throw new Unreachable(error);
    }
  }

  async send(url: string, sent: Sent = {}): Promise<Response> {
    const response = await this.reach(url, sent);
    if (response.ok) return response;
    throw new Refused(response.status, await problemOf(response), retryAfter(response));
  }

  private async reach(url: string, sent: Sent): Promise<Response> {
    try {
      return await this.fetch(url, this.init(sent));
    } catch (error) {
      if (sent.signal?.aborted) throw error;
      throw new Unreachable(error);
    }
  }

  private init(sent: Sent): RequestInit {
    const headers: Record<string, string> = { Accept: 'application/json, application/problem+json, */*' };
    if (sent.body !== undefined) headers['Content-Type'] = 'application/json';
    if (sent.idempotencyKey) headers['Idempotency-Key'] = sent.idempotencyKey;
    const method = sent.method ?? 'GET';
    if (method !== 'GET') headers['X-CSRFToken'] = this.csrf;
    return {
      method,
      headers,
      cache: 'no-store',
      credentials: 'same-origin',
      redirect: 'error',
      keepalive: sent.keepalive ?? false,
      signal: signalOf(sent),
      ...(sent.body === undefined ? {} : { body: JSON.stringify(sent.body) }),
    };
  }
}

function signalOf(sent: Sent): AbortSignal {
  const timeout = AbortSignal.timeout(sent.timeout ?? TIMEOUT_MS);
  return sent.signal ? AbortSignal.any([sent.signal, timeout]) : timeout;
}

async function problemOf(response: Response): Promise<Partial<ProblemBody>> {
  const type = response.headers.get('Content-Type') ?? '';
  if (!type.includes('json')) return {};
  return (await response.json().catch(() => ({}))) as Partial<ProblemBody>;
}

function retryAfter(response: Response): number | null {
  const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds : null;
}
