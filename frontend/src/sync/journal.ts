/**
 * What this computer remembers before the server does: one draft per presentation and the outbox of submits.
 *
 * A write resolves when the browser has committed it (durability strict where it knows the word). Where storage is
 * denied (private windows, policies) the same interface keeps everything in memory and says so, because the reader
 * must be warned that only the server then remembers.
 */
import type { OpenedBody, ReadBody, ReportBody, Token } from '../api/contract';

export interface DraftRecord {
  readonly token: Token;
  /** The server revision this content was built on. */
  readonly base: number;
  /** Not yet acknowledged by the server. */
  readonly dirty: boolean;
  readonly content: unknown;
  readonly active_ms: number;
}

export type Posting =
  | { readonly kind: 'opened'; readonly token: Token; readonly body: OpenedBody }
  | { readonly kind: 'read'; readonly token: Token; readonly body: ReadBody }
  | { readonly kind: 'report'; readonly token: Token; readonly body: ReportBody };

export interface OutboxRecord {
  /** Idempotency key, made and stored before the first send. */
  readonly key: string;
  /** Place in the queue. */
  readonly order: number;
  readonly reading: string;
  readonly posting: Posting;
  /** The server's sentence, once it has refused for good; such an entry waits for a person. */
  readonly refused: string | null;
}

export interface Journal {
  /** `memory`: this browser refused storage, so closing the tab loses what the server has not got. */
  readonly kind: 'disk' | 'memory';
  draft(token: Token): Promise<DraftRecord | null>;
  putDraft(record: DraftRecord): Promise<void>;
  removeDraft(token: Token): Promise<void>;
  outbox(reading: string): Promise<readonly OutboxRecord[]>;
  putOutbox(record: OutboxRecord): Promise<void>;
  removeOutbox(key: string): Promise<void>;
}

const NAME = 'blindread';
const VERSION = 1;

/** The journal on disk, or in memory where the browser denies storage. */
export async function openJournal(factory: IDBFactory | undefined = globalThis.indexedDB): Promise<Journal> {
  try {
    if (!factory) throw new Error('no IndexedDB');
    const journal = new DiskJournal(await openDatabase(factory));
    await journal.probe();
    return journal;
  } catch {
    return new MemoryJournal();
  }
}

function openDatabase(factory: IDBFactory): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = factory.open(NAME, VERSION);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore('drafts', { keyPath: 'token' });
      opening.result.createObjectStore('outbox', { keyPath: 'key' });
      opening.result.createObjectStore('probe');
    };
    opening.onsuccess = () => {
      opening.result.onversionchange = () => opening.result.close();
      resolve(opening.result);
    };
    opening.onerror = () => reject(opening.error ?? new Error('IndexedDB refused'));
    opening.onblocked = () => reject(new Error('IndexedDB blocked by an older tab'));
  });
}

type Store = 'drafts' | 'outbox' | 'probe';

class DiskJournal implements Journal {
  readonly kind = 'disk';

  constructor(private readonly database: IDBDatabase) {}

  probe(): Promise<void> {
    return this.write('probe', (store) => store.put(1, 'written'));
  }

  draft(token: Token): Promise<DraftRecord | null> {
    return this.read<DraftRecord | undefined>('drafts', (store) => store.get(token)).then((found) => found ?? null);
  }

  putDraft(record: DraftRecord): Promise<void> {
    return this.write('drafts', (store) => store.put(record));
  }

  removeDraft(token: Token): Promise<void> {
    return this.write('drafts', (store) => store.delete(token));
  }

  async outbox(reading: string): Promise<readonly OutboxRecord[]> {
    const all = await this.read<OutboxRecord[]>('outbox', (store) => store.getAll());
    return inOrder(all, reading);
  }

  putOutbox(record: OutboxRecord): Promise<void> {
    return this.write('outbox', (store) => store.put(record));
  }

  removeOutbox(key: string): Promise<void> {
    return this.write('outbox', (store) => store.delete(key));
  }

  private read<T>(name: Store, ask: (store: IDBObjectStore) => IDBRequest): Promise<T> {
    return new Promise((resolve, reject) => {
      const request = ask(this.database.transaction(name, 'readonly').objectStore(name));
      request.onsuccess = () => resolve(request.result as T);
      request.onerror = () => reject(request.error ?? new Error('not read'));
    });
  }

  private write(name: Store, change: (store: IDBObjectStore) => IDBRequest): Promise<void> {
    return new Promise((resolve, reject) => {
      const transaction = this.database.transaction(name, 'readwrite', { durability: 'strict' });
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error('not written'));
      transaction.onerror = () => reject(transaction.error ?? new Error('not written'));
      change(transaction.objectStore(name));
    });
  }
}

class MemoryJournal implements Journal {
  readonly kind = 'memory';
  private readonly drafts = new Map<Token, DraftRecord>();
  private readonly entries = new Map<string, OutboxRecord>();

  draft(token: Token): Promise<DraftRecord | null> {
    return Promise.resolve(this.drafts.get(token) ?? null);
  }

  putDraft(record: DraftRecord): Promise<void> {
    this.drafts.set(record.token, record);
    return Promise.resolve();
  }

  removeDraft(token: Token): Promise<void> {
    this.drafts.delete(token);
    return Promise.resolve();
  }

  outbox(reading: string): Promise<readonly OutboxRecord[]> {
    return Promise.resolve(inOrder([...this.entries.values()], reading));
  }

  putOutbox(record: OutboxRecord): Promise<void> {
    this.entries.set(record.key, record);
    return Promise.resolve();
  }

  removeOutbox(key: string): Promise<void> {
    this.entries.delete(key);
    return Promise.resolve();
  }
}

const inOrder = (all: readonly OutboxRecord[], reading: string): readonly OutboxRecord[] =>
  all.filter((entry) => entry.reading === reading).toSorted((a, b) => a.order - b.order);
