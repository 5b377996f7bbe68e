/** Where answers go so that none is lost: the journal of this computer, the drafts and the outbox to the server. */
import type { OpenedBody, SavedDraft, Token } from '../../api/contract';
import type { Refused } from '../../api/problem';
import type { ReadingApi } from '../../api/reading';
import { DraftSync, resume } from '../../sync/drafts';
import type { Resumed, SaveState, Snapshot } from '../../sync/drafts';
import type { Journal, Posting } from '../../sync/journal';
import { Outbox } from '../../sync/outbox';
import type { Delivery } from '../../sync/outbox';
import type { Timer } from '../../sync/timer';

export interface KeepingEvents {
  /** The words in the bar may have changed. */
  stateChanged(state: SaveState | null): void;
  delivered(posting: Posting, answer: unknown): void;
  refused(posting: Posting, error: Refused): void;
  ended(): void;
  unsafe(): void;
}

export class Safekeeping {
  private readonly outbox: Outbox;
  private drafts: DraftSync | null = null;
  private shown: SaveState | null = null;

  constructor(
    base: string,
    private readonly api: ReadingApi,
    private readonly journal: Journal,
    private readonly timer: Timer,
    private readonly events: KeepingEvents,
  ) {
    this.outbox = new Outbox(base, journal, api, timer, {
      onWaiting: () => events.stateChanged(this.shown),
      onDelivered: (record, answer) => events.delivered(record.posting, answer),
      onRefused: (record, error) => {
        void this.outbox.drop(record.key);
        events.refused(record.posting, error);
      },
      onEnded: () => events.ended(),
      onUnsafe: () => events.unsafe(),
    });
  }

  get state(): SaveState | null {
    return this.shown;
  }

  /** Presentations whose reads are on this computer only. */
  get waiting(): ReadonlySet<Token> {
    const reads = this.outbox.waiting.filter((record) => record.posting.kind === 'read');
    return new Set(reads.map((record) => record.posting.token));
  }

  get idle(): boolean {
    return this.outbox.waiting.length === 0;
  }

  /** Take up, and send, what an earlier visit (or another tab) left in the journal. */
  deliverOld(): Promise<void> {
    return this.outbox.start();
  }

  /** Where to go on with this presentation. */
  async found(token: Token, draft: SavedDraft | null): Promise<Resumed> {
    return resume(await this.journal.draft(token).catch(() => null), draft);
  }

  startDrafts(token: Token, base: number): void {
    this.shown = null;
    this.drafts = new DraftSync(token, base, this.journal, this.api, this.timer, (state) => this.set(state));
  }

  /** The revision the open draft was last saved as. */
  get revision(): number {
    return this.drafts?.revision ?? 0;
  }

  save(snapshot: Snapshot): void {
    this.drafts?.change(snapshot).catch(() => {
      this.events.unsafe();
      this.drafts?.flush();
    });
  }

  flush(leaving = false): void {
    this.drafts?.flush(leaving);
  }

  overrule(theirs: SavedDraft): void {
    this.drafts?.overrule(theirs);
  }

  /** No more of this draft is sent; `last` sends what is unsent first. */
  async closeDrafts(last: boolean): Promise<void> {
    const { drafts } = this;
    if (last) drafts?.flush(true);
    await drafts?.close();
  }

  endDrafts(): void {
    this.drafts = null;
  }

  /** Post; what the server refuses at once is forgotten here and told to the caller. */
  async post(posting: Posting): Promise<Delivery> {
    const delivery = await this.outbox.post(posting);
    if (delivery.is === 'refused') await this.outbox.drop(delivery.key);
    return delivery;
  }

  /** Tell the server, after whatever is still on its way, that this presentation is on screen. */
  opened(token: Token, body: OpenedBody): void {
    const posting: Posting = { kind: 'opened', token, body };
    void this.post(posting).then((delivery) => {
      if (delivery.is === 'refused') this.events.refused(posting, delivery.error);
    });
  }

  /** The server has this read: its draft is no longer needed. */
  async settled(token: Token, at: string): Promise<void> {
    await this.journal.removeDraft(token).catch(() => undefined);
    this.set({ is: 'saved', at });
  }

  wake(): void {
    this.outbox.wake();
    if (this.shown?.is === 'offline') this.drafts?.flush();
  }

  signedIn(): void {
    this.outbox.wake();
    this.drafts?.flush();
  }

  private set(state: SaveState): void {
    this.shown = state;
    this.events.stateChanged(state);
  }
}
