/**
 * Saves the answers of the open presentation: this computer first, then the server at most once in three seconds.
 *
 * `change` resolves when the journal has the content; the server follows on its own, in order, one request at a time,
 * retrying while it cannot be reached. A newer draft of another tab (409) stops saving until a person has chosen.
 */
import type { DraftBody, DraftSaved, SavedDraft, Token } from '../api/contract';
import { Refused, isSessionEnd, worthRetrying } from '../api/problem';
import { backoff } from './backoff';
import type { DraftRecord, Journal } from './journal';
import { same } from './same';
import type { Timer } from './timer';

export type SaveState =
  | { readonly is: 'saved'; readonly at: string | null }
  | { readonly is: 'saving' }
  | { readonly is: 'offline' }
  | { readonly is: 'ended' }
  | { readonly is: 'conflict'; readonly theirs: SavedDraft }
  | { readonly is: 'refused'; readonly why: string };

export interface DraftServer {
  saveDraft(token: Token, body: DraftBody, leaving?: boolean): Promise<DraftSaved>;
}

export interface Snapshot {
  readonly content: unknown;
  readonly active_ms: number;
}

const EVERY_MS = 3_000;

export class DraftSync {
  private latest: Snapshot | null = null;
  private dirty = false;
  private sending = false;
  private failures = 0;
  private lastSent = Number.NEGATIVE_INFINITY;
  private cancel: (() => void) | null = null;
  private closed = false;
  /** A person has to choose or sign in first. */
  private stopped = false;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly token: Token,
    private base: number,
    private readonly journal: Journal,
    private readonly server: DraftServer,
    private readonly timer: Timer,
    private readonly onState: (state: SaveState) => void,
  ) {}

  /** Keep this content; resolves once it is in the journal. */
  change(snapshot: Snapshot): Promise<void> {
    this.latest = snapshot;
    this.dirty = true;
    const kept = this.keep();
    if (!this.stopped && this.failures === 0) this.onState({ is: 'saving' });
    this.plan(Math.max(0, this.lastSent + EVERY_MS - this.timer.now()));
    return kept;
  }

  /** The last revision the server is known to have. */
  get revision(): number {
    return this.base;
  }

  /** Send now: the tab is being hidden or closed, the network is back, or the session is new. */
  flush(leaving = false): void {
    if (!leaving) this.stopped = false;
    this.stopWaiting();
    void this.send(leaving);
  }

  /** Keep what is shown here over the newer draft of another tab. */
  overrule(theirs: SavedDraft): void {
    this.base = theirs.revision;
    this.dirty = true;
    this.failures = 0;
    this.flush();
  }

  /** Stop: the presentation was submitted or another tab has it. Waits for the journal. */
  async close(): Promise<void> {
    this.closed = true;
    this.stopWaiting();
    await this.writing.catch(() => undefined);
  }

  private plan(ms: number): void {
    if (this.closed || this.stopped || this.cancel) return;
    this.cancel = this.timer.after(ms, () => {
      this.cancel = null;
      void this.send(false);
    });
  }

  private stopWaiting(): void {
    this.cancel?.();
    this.cancel = null;
  }

  private async send(leaving: boolean): Promise<void> {
    const snapshot = this.latest;
    if (this.closed || this.stopped || this.sending || !this.dirty || !snapshot) return;
    this.sending = true;
    this.dirty = false;
    this.lastSent = this.timer.now();
    try {
      const saved = await this.server.saveDraft(this.token, { revision: this.base + 1, ...snapshot }, leaving);
      await this.acknowledged(saved.revision, saved.saved_at);
    } catch (error) {
      this.dirty = true;
      await this.failed(error, snapshot);
    } finally {
      this.sending = false;
      if (this.dirty && this.failures === 0) this.plan(EVERY_MS);
    }
  }

  private async acknowledged(revision: number, at: string | null): Promise<void> {
    this.base = revision;
    this.failures = 0;
    this.stopped = false;
    await this.keep().catch(() => undefined);
    if (!this.closed) this.onState(this.dirty ? { is: 'saving' } : { is: 'saved', at });
  }

  private async failed(error: unknown, sent: Snapshot): Promise<void> {
    if (this.closed) return;
    if (isSessionEnd(error)) return this.halt({ is: 'ended' });
    if (worthRetrying(error)) return this.retry(error);
    const theirs = staleCurrent(error);
    if (!theirs) return this.halt({ is: 'refused', why: error instanceof Error ? error.message : String(error) });
    // Our own request whose answer was lost looks like a stranger's draft with exactly our content.
    if (!same(theirs.content, JSON.parse(JSON.stringify(sent.content)))) {
      return this.halt({ is: 'conflict', theirs });
    }
    this.dirty = this.latest !== sent;
    await this.acknowledged(theirs.revision, null);
  }

  private halt(state: SaveState): void {
    this.stopped = true;
    this.onState(state);
  }

  private retry(error: unknown): void {
    this.failures += 1;
    this.onState({ is: 'offline' });
    const wish = error instanceof Refused ? error.retryAfter : null;
    this.plan(backoff(this.failures, wish, this.timer.random()));
  }

  private keep(): Promise<void> {
    const { latest } = this;
    if (!latest || this.closed) return this.writing;
    const record: DraftRecord = { token: this.token, base: this.base, dirty: this.dirty, ...latest };
    const written = this.writing.catch(() => undefined).then(() => this.journal.putDraft(record));
    this.writing = written.catch(() => undefined);
    return written;
  }
}

function staleCurrent(error: unknown): SavedDraft | null {
  if (!(error instanceof Refused) || error.code !== 'draft.stale' || !error.body.current) return null;
  const { revision, content } = error.body.current;
  return { revision, content, active_ms: 0 };
}

/** Where to go on: this computer's draft or the server's, whichever is newer; `conflict` when both moved on. */
export type Resumed =
  | { readonly from: 'nothing'; readonly base: number }
  | { readonly from: 'here' | 'server'; readonly base: number; readonly content: unknown; readonly active_ms: number }
  | { readonly from: 'conflict'; readonly here: DraftRecord; readonly theirs: SavedDraft };

export function resume(here: DraftRecord | null, server: SavedDraft | null): Resumed {
  if (!here) return server ? fromServer(server) : { from: 'nothing', base: 0 };
  const revision = server?.revision ?? 0;
  if (here.base > revision || (here.dirty && here.base === revision)) return fromHere(here, revision);
  if (!server) return fromHere(here, 0);
  if (!here.dirty || same(here.content, server.content)) return fromServer(server);
  return { from: 'conflict', here, theirs: server };
}

const fromServer = ({ revision, content, active_ms }: SavedDraft): Resumed => ({
  from: 'server',
  base: revision,
  content,
  active_ms,
});

const fromHere = ({ content, active_ms }: DraftRecord, base: number): Resumed => ({
  from: 'here',
  base,
  content,
  active_ms,
});
