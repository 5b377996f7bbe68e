/**
 * Sends many files, a few at a time: pause, go on, try again, and a state that says it all.
 *
 * It knows nothing of tus or pages. A file that the server refuses fails alone; when the server cannot be reached,
 * everything waits and goes on by itself.
 */

export interface QueuedFile {
  readonly path: string;
  readonly size: number;
}

export interface Sent {
  readonly done: Promise<void>;
  stop(): void;
}

export type Send<F extends QueuedFile> = (file: F, onProgress: (sent: number) => void) => Sent;

export type FileState = 'waiting' | 'sending' | 'sent' | 'failed';
export type QueueState = 'sending' | 'paused' | 'unreachable' | 'signed-out' | 'settled';

export interface FileProgress {
  readonly path: string;
  readonly size: number;
  readonly state: FileState;
  readonly sent: number;
  readonly why: string;
}

export interface Progress {
  readonly state: QueueState;
  readonly files: number;
  readonly filesSent: number;
  readonly bytes: number;
  readonly bytesSent: number;
  readonly current: readonly FileProgress[];
  readonly failed: readonly FileProgress[];
}

/** What a failure means for the rest: this file alone, everything until the server answers, or until one signs in. */
export type Trouble = 'refused' | 'unreachable' | 'signed-out';

export interface QueueOptions {
  readonly parallel?: number;
  readonly judge: (error: unknown) => Trouble;
  /** Calls back after a while; returns nothing. */
  readonly later: (run: () => void, ms: number) => void;
  readonly onChange: () => void;
}

const TRY_AGAIN_MS = 5000;

interface Entry<F> {
  readonly file: F;
  state: FileState;
  sent: number;
  why: string;
  sending: Sent | null;
}

export class UploadQueue<F extends QueuedFile> {
  private readonly entries: Entry<F>[];
  private held: 'no' | 'paused' | 'unreachable' | 'signed-out' = 'no';

  constructor(
    files: readonly F[],
    private readonly send: Send<F>,
    private readonly options: QueueOptions,
  ) {
    this.entries = files.map((file) => ({ file, state: 'waiting', sent: 0, why: '', sending: null }));
  }

  get progress(): Progress {
    const shown = this.entries.map(told);
    const failed = shown.filter((file) => file.state === 'failed');
    return {
      state: this.state,
      files: shown.length,
      filesSent: shown.filter((file) => file.state === 'sent').length,
      bytes: sum(shown, (file) => file.size),
      bytesSent: sum(shown, (file) => file.sent),
      current: shown.filter((file) => file.state === 'sending'),
      failed,
    };
  }

  get state(): QueueState {
    if (this.entries.every((entry) => entry.state === 'sent' || entry.state === 'failed')) return 'settled';
    return this.held === 'no' ? 'sending' : this.held;
  }

  /** Begin, or go on after a pause. */
  resume(): void {
    this.held = 'no';
    this.fill();
    this.options.onChange();
  }

  /** Stop sending; what has arrived stays. */
  pause(): void {
    this.hold('paused');
  }

  /** Give the files that failed another try. */
  retryFailed(): void {
    for (const entry of this.entries) if (entry.state === 'failed') reset(entry);
    this.resume();
  }

  private fill(): void {
    const free = (this.options.parallel ?? 3) - this.entries.filter((entry) => entry.sending).length;
    if (this.held !== 'no') return;
    for (const entry of this.entries.filter((one) => one.state === 'waiting').slice(0, Math.max(0, free)))
      void this.start(entry);
  }

  private async start(entry: Entry<F>): Promise<void> {
    entry.state = 'sending';
    const sending = this.send(entry.file, (sent) => {
      if (entry.sending !== sending) return;
      entry.sent = sent;
      this.options.onChange();
    });
    entry.sending = sending;
    try {
      await sending.done;
      if (entry.sending !== sending) return;
      entry.state = 'sent';
      entry.sent = entry.file.size;
    } catch (error) {
      if (entry.sending !== sending) return;
      this.stumble(entry, error);
    }
    entry.sending = null;
    this.fill();
    this.options.onChange();
  }

  private stumble(entry: Entry<F>, error: unknown): void {
    const trouble = this.options.judge(error);
    if (trouble === 'refused') {
      entry.state = 'failed';
      entry.sent = 0;
      entry.why = error instanceof Error ? error.message : '';
      return;
    }
    entry.state = 'waiting';
    this.hold(trouble);
    if (trouble === 'unreachable')
      this.options.later(() => {
        if (this.held === 'unreachable') this.resume();
      }, TRY_AGAIN_MS);
  }

  private hold(why: 'paused' | 'unreachable' | 'signed-out'): void {
    this.held = why;
    for (const entry of this.entries) {
      if (!entry.sending) continue;
      const { sending } = entry;
      entry.sending = null;
      entry.state = 'waiting';
      // It rejects because we stop it; nobody waits for it any more.
      sending.done.catch(() => undefined);
      sending.stop();
    }
    this.options.onChange();
  }
}

function reset<F>(entry: Entry<F>): void {
  entry.state = 'waiting';
  entry.sent = 0;
  entry.why = '';
}

const told = <F extends QueuedFile>({ file, state, sent, why }: Entry<F>): FileProgress => ({
  path: file.path,
  size: file.size,
  state,
  sent: Math.min(sent, file.size),
  why,
});

const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0);
