/** Keeps the next presentations coming while the reader looks at this one; only what is still wanted stays in memory. */
import type { ReadingApi } from '../../api/reading';
import type { Token } from '../../api/contract';
import type { Transport } from '../../api/transport';
import type { Decoder } from '../../viewer/decode';
import { prepare } from './prepare';
import type { Prepared } from './prepare';

interface Entry {
  readonly promise: Promise<Prepared>;
  readonly abort: AbortController;
  ready: Prepared | null;
}

export class Ahead {
  private readonly entries = new Map<Token, Entry>();
  private turn = 0;

  constructor(
    private readonly api: ReadingApi,
    private readonly transport: Transport,
    private readonly decoder: Decoder,
  ) {}

  /** The presentation, from memory when it was fetched ahead. */
  get(token: Token): Promise<Prepared> {
    const known = this.entries.get(token);
    if (known) return known.promise;
    const abort = new AbortController();
    const promise = this.load(token, abort.signal);
    const entry: Entry = { promise, abort, ready: null };
    this.entries.set(token, entry);
    promise.then(
      (prepared) => (entry.ready = prepared),
      () => this.entries.delete(token),
    );
    return promise;
  }

  /** Keep this presentation and fetch the next ones in turn, making the first ready; a later call takes over. */
  async follow(
    current: Token | null,
    next: readonly Token[],
    makeReady: (prepared: Prepared) => Promise<void>,
  ): Promise<void> {
    const turn = (this.turn += 1);
    this.keepOnly([...(current === null ? [] : [current]), ...next]);
    for (const token of next) {
      const prepared = await this.get(token).catch(() => null);
      if (turn !== this.turn) return;
      if (prepared && token === next[0]) await makeReady(prepared).catch(() => undefined);
    }
  }

  /** What is wholly here, verified and decoded. */
  ready(token: Token): Prepared | null {
    return this.entries.get(token)?.ready ?? null;
  }

  /** Drop everything else, stopping what is still on its way. */
  keepOnly(tokens: readonly Token[]): void {
    for (const [token, entry] of this.entries) {
      if (tokens.includes(token)) continue;
      entry.abort.abort();
      this.entries.delete(token);
    }
  }

  forget(token: Token): void {
    this.entries.delete(token);
  }

  private async load(token: Token, signal: AbortSignal): Promise<Prepared> {
    return prepare(this.transport, this.decoder, await this.api.presentation(token), signal);
  }
}
