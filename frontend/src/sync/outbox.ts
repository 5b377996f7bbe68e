/**
 * Everything that must reach the server exactly once, in the order it happened: openings, reads and notes.
 *
 * An entry is in the journal, with its idempotency key, before its first send, and leaves it only when the server has
 * answered; so a lost answer, a closed tab or a double click end in one read. `post` gives the answer if it comes.
 */
import type { OpenedBody, ReadBody, ReadSaved, ReportBody, Token } from '../api/contract';
import { Refused, isSessionEnd, worthRetrying } from '../api/problem';
import { backoff } from './backoff';
import type { Journal, OutboxRecord, Posting } from './journal';
import type { Timer } from './timer';

export interface PostServer {
  submit(token: Token, key: string, body: ReadBody): Promise<ReadSaved>;
  report(token: Token, key: string, body: ReportBody): Promise<unknown>;
  opened(token: Token, body: OpenedBody): Promise<unknown>;
}

export type Delivery =
  | { readonly is: 'delivered'; readonly answer: unknown }
  /** The server cannot be reached; the entry waits on this computer and goes out by itself. */
  | { readonly is: 'waiting' }
  | { readonly is: 'ended' }
  | { readonly is: 'refused'; readonly error: Refused; readonly key: string };

export interface OutboxEvents {
  /** Reads and notes not yet delivered, without those the server refused. */
  onWaiting(count: number): void;
  onDelivered(record: OutboxRecord, answer: unknown): void;
  /** Refused later, when nobody was waiting for this very answer. */
  onRefused(record: OutboxRecord, error: Refused): void;
  onEnded(): void;
  /** This computer could not store the entry; it is sent from memory. */
  onUnsafe(): void;
}

export class Outbox {
  private records: OutboxRecord[] = [];
  private failures = 0;
  private draining: Promise<void> | null = null;
  private cancel: (() => void) | null = null;
  private readonly waiters = new Map<string, (delivery: Delivery) => void>();

  constructor(
    private readonly reading: string,
    private readonly journal: Journal,
    private readonly server: PostServer,
    private readonly timer: Timer,
    private readonly events: OutboxEvents,
    private readonly newKey: () => string = () => crypto.randomUUID(),
  ) {}

  /** Take up what an earlier visit left behind. */
  async start(): Promise<void> {
    this.records = [...(await this.journal.outbox(this.reading))];
    this.announce();
    await this.drain();
  }

  get waiting(): readonly OutboxRecord[] {
    return this.records.filter((record) => record.refused === null);
  }

  get refused(): readonly OutboxRecord[] {
    return this.records.filter((record) => record.refused !== null);
  }

  /** Store, then send; resolves with the first outcome (`waiting` when the server does not answer). */
  async post(posting: Posting): Promise<Delivery> {
    const last = this.records.at(-1);
    const record: OutboxRecord = {
      key: this.newKey(),
      order: (last?.order ?? 0) + 1,
      reading: this.reading,
      posting,
      refused: null,
    };
    await this.journal.putOutbox(record).catch(() => this.events.onUnsafe());
    this.records.push(record);
    this.announce();
    const outcome = new Promise<Delivery>((resolve) => this.waiters.set(record.key, resolve));
    void this.drain();
    return outcome;
  }

  /** Try at once: the network is back or the session is new. */
  wake(): void {
    this.cancel?.();
    this.cancel = null;
    void this.drain();
  }

  /** Forget an entry that the server refused. */
  async drop(key: string): Promise<void> {
    this.records = this.records.filter((record) => record.key !== key);
    await this.journal.removeOutbox(key).catch(() => this.events.onUnsafe());
    this.announce();
  }

  private drain(): Promise<void> {
    this.draining ??= this.sendAll().finally(() => {
      this.draining = null;
      // An entry posted in the very moment in which the loop ended.
      if (this.waiters.size > 0) void this.drain();
    });
    return this.draining;
  }

  private async sendAll(): Promise<void> {
    for (let record = this.waiting[0]; record; record = this.waiting[0]) {
      const delivery = await this.sendOne(record);
      this.tell(record, delivery);
      if (delivery.is === 'waiting' || delivery.is === 'ended') return this.tellOthersToWait();
    }
  }

  private async sendOne(record: OutboxRecord): Promise<Delivery> {
    try {
      const answer = await this.request(record);
      this.failures = 0;
      await this.drop(record.key);
      this.events.onDelivered(record, answer);
      return { is: 'delivered', answer };
    } catch (error) {
      return this.failed(record, error);
    }
  }

  private request({ key, posting }: OutboxRecord): Promise<unknown> {
    if (posting.kind === 'read') return this.server.submit(posting.token, key, posting.body);
    if (posting.kind === 'opened') return this.server.opened(posting.token, posting.body);
    return this.server.report(posting.token, key, posting.body);
  }

  private async failed(record: OutboxRecord, error: unknown): Promise<Delivery> {
    if (isSessionEnd(error)) {
      this.events.onEnded();
      return { is: 'ended' };
    }
    if (!(error instanceof Refused) || worthRetrying(error)) {
      this.waitAndRetry(error);
      return { is: 'waiting' };
    }
    await this.setAside(record, error);
    return { is: 'refused', error, key: record.key };
  }

  private waitAndRetry(error: unknown): void {
    this.failures += 1;
    const wish = error instanceof Refused ? error.retryAfter : null;
    this.cancel?.();
    this.cancel = this.timer.after(backoff(this.failures, wish, this.timer.random()), () => {
      this.cancel = null;
      void this.drain();
    });
  }

  private async setAside(record: OutboxRecord, error: Refused): Promise<void> {
    const refused = { ...record, refused: error.message };
    this.records = this.records.map((each) => (each.key === record.key ? refused : each));
    await this.journal.putOutbox(refused).catch(() => this.events.onUnsafe());
    this.announce();
    if (!this.waiters.has(record.key)) this.events.onRefused(refused, error);
  }

  private tell(record: OutboxRecord, delivery: Delivery): void {
    this.waiters.get(record.key)?.(delivery);
    this.waiters.delete(record.key);
  }

  private tellOthersToWait(): void {
    for (const resolve of this.waiters.values()) resolve({ is: 'waiting' });
    this.waiters.clear();
  }

  private announce(): void {
    this.events.onWaiting(this.waiting.filter((record) => record.posting.kind !== 'opened').length);
  }
}
