/**
 * Two viewers, one shown and one being made ready behind it, so that the next presentation appears within a frame.
 *
 * Decoded presentations are kept up to a cap in bytes; the oldest that neither viewer holds goes first.
 */
import type { ViewerEvents, ViewerOptions, ViewerPort, ViewerPresentation } from './port';
import { createViewer } from './create';

/** Decoded images and masks kept in memory: the next few cases, not a whole session. */
export const DECODED_CAP_BYTES = 400 * 1024 * 1024;

/** Bytes that a decoded presentation holds, counting a buffer shared by several sequences once. */
export function presentationBytes({ sequences }: ViewerPresentation): number {
  const buffers = new Set<ArrayBufferLike>();
  for (const { volume, candidates } of sequences) {
    buffers.add(volume.file).add(volume.voxels.buffer);
    if (candidates) buffers.add(candidates.codes.buffer);
  }
  return [...buffers].reduce((sum, buffer) => sum + buffer.byteLength, 0);
}

/** Decoded presentations by key, oldest first out beyond the cap; the newest always stays. */
export class DecodedCache {
  private readonly kept = new Map<string, ViewerPresentation>();

  constructor(private readonly cap = DECODED_CAP_BYTES) {}

  get bytes(): number {
    return [...this.kept.values()].reduce((sum, presentation) => sum + presentationBytes(presentation), 0);
  }

  has(key: string): boolean {
    return this.kept.has(key);
  }

  get(key: string): ViewerPresentation | undefined {
    return this.kept.get(key);
  }

  put(key: string, presentation: ViewerPresentation): void {
    this.kept.delete(key);
    this.kept.set(key, presentation);
    for (const old of this.kept.keys()) {
      if (this.bytes <= this.cap || old === key) return;
      this.kept.delete(old);
    }
  }

  delete(key: string): void {
    this.kept.delete(key);
  }

  clear(): void {
    this.kept.clear();
  }
}

interface Seat {
  readonly host: HTMLElement;
  readonly viewer: ViewerPort;
  key: string | null;
}

/** What carries over from one presentation to the next: how the person likes to look, never what was found. */
type Setting = (viewer: ViewerPort) => void;

export class ViewerPool {
  private readonly settings = new Map<string, Setting>();
  private readonly listeners = new Set<{ readonly attach: (viewer: ViewerPort) => () => void; detach: () => void }>();
  private preparing: Promise<void> = Promise.resolve();

  private constructor(
    private shown: Seat,
    private waiting: Seat,
  ) {}

  /** Two viewers in the host, the second hidden. */
  static async create(host: HTMLElement, options: ViewerOptions = {}): Promise<ViewerPool> {
    const shown = await makeSeat(host, options);
    const waiting = await makeSeat(host, options);
    const pool = new ViewerPool(shown, waiting);
    pool.show(shown);
    return pool;
  }

  /** The viewer on screen; changes with every `swap`, so ask anew each time. */
  get current(): ViewerPort {
    return this.shown.viewer;
  }

  get currentKey(): string | null {
    return this.shown.key;
  }

  get preparedKey(): string | null {
    return this.waiting.key;
  }

  /** Open in the shown viewer at once (the first case, or one that was not prepared). */
  async open(key: string, presentation: ViewerPresentation): Promise<void> {
    this.shown.key = null;
    await this.shown.viewer.open(presentation);
    this.shown.key = key;
  }

  /** Open in the hidden viewer; one after another when called again. */
  async prepare(key: string, presentation: ViewerPresentation): Promise<void> {
    this.preparing = this.preparing.catch(() => undefined).then(() => this.load(key, presentation));
    return this.preparing;
  }

  private async load(key: string, presentation: ViewerPresentation): Promise<void> {
    const seat = this.waiting;
    if (seat.key === key) return;
    seat.key = null;
    for (const apply of this.settings.values()) apply(seat.viewer);
    await seat.viewer.open(presentation);
    seat.key = key;
  }

  /** Show what was prepared; false (and nothing changes) unless it is the presentation asked for. */
  swap(key: string): boolean {
    if (this.waiting.key !== key) return false;
    [this.shown, this.waiting] = [this.waiting, this.shown];
    this.waiting.key = null;
    this.show(this.shown);
    for (const listener of this.listeners) {
      listener.detach();
      listener.detach = listener.attach(this.shown.viewer);
    }
    return true;
  }

  private show(seat: Seat): void {
    for (const { host } of [this.shown, this.waiting]) {
      host.style.visibility = host === seat.host ? 'visible' : 'hidden';
      host.inert = host !== seat.host;
    }
  }

  /** Apply a setting to both viewers and to every presentation to come, for example `pool.keep('layout', …)`. */
  keep(name: string, apply: Setting): void {
    this.settings.set(name, apply);
    apply(this.shown.viewer);
    apply(this.waiting.viewer);
  }

  /** Hear the shown viewer only, across swaps. Returns the function that unsubscribes. */
  on<K extends keyof ViewerEvents>(type: K, heard: (event: ViewerEvents[K]) => void): () => void {
    const attach = (viewer: ViewerPort): (() => void) => viewer.on(type, heard);
    const listener = { attach, detach: attach(this.shown.viewer) };
    this.listeners.add(listener);
    return () => {
      listener.detach();
      this.listeners.delete(listener);
    };
  }

  destroy(): void {
    for (const seat of [this.shown, this.waiting]) {
      seat.viewer.destroy();
      seat.host.remove();
    }
    this.listeners.clear();
  }
}

async function makeSeat(parent: HTMLElement, options: ViewerOptions): Promise<Seat> {
  const host = document.createElement('div');
  Object.assign(host.style, { position: 'absolute', inset: '0' });
  parent.append(host);
  return { host, viewer: await createViewer(host, options), key: null };
}
