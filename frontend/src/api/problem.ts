/** Every way a request can fail, as one of two errors: the server answered no, or no answer came. */
import type { ProblemBody, ProblemField } from './contract';

/** The server answered and refused; `code` is stable, `detail` is for a person. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  readonly fields: readonly ProblemField[];
  readonly body: Partial<ProblemBody>;
  /** Seconds the server asked us to wait, or null. */
  readonly retryAfter: number | null;

  constructor(status: number, body: Partial<ProblemBody>, retryAfter: number | null = null) {
    super(body.detail ?? body.title ?? `The server answered ${status}.`);
    this.name = 'Refused';
    this.status = status;
    this.code = body.code ?? `http.${status}`;
    this.fields = body.fields ?? [];
    this.body = body;
    this.retryAfter = retryAfter;
  }

  get sessionEnded(): boolean {
    return this.status === 401;
  }

  /** Trying the very same request again may succeed. */
  get temporary(): boolean {
    return [408, 429, 502, 503, 504].includes(this.status);
  }
}

/** No answer: offline, cut, or too slow. The request may or may not have arrived. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super('The server cannot be reached.', { cause });
    this.name = 'Unreachable';
  }
}

/** Bytes came, but not the bytes the server announced; they must never be shown. */
export class WrongBytes extends Error {
  constructor(what: string, announced: string, received: string) {
    super(
      `${what} arrived damaged (announced ${announced.slice(0, 12)}…, received ${received.slice(0, 12)}…), ` +
        'so it is not shown and nothing can be rated; try again.',
    );
    this.name = 'WrongBytes';
  }
}

export const worthRetrying = (error: unknown): boolean =>
  error instanceof Unreachable || (error instanceof Refused && (error.temporary || error.status >= 500));

export const isSessionEnd = (error: unknown): boolean => error instanceof Refused && error.sessionEnded;
