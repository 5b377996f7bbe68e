import { beforeEach, describe, expect, it } from 'vitest';
import { UploadQueue } from './queue';
import type { QueuedFile, Sent, Trouble } from './queue';

/** A server under the test's hands: each file waits until it is told how it ends. */
class Wire {
  readonly open = new Map<string, { progress(sent: number): void; end(): void; fail(why: Trouble): void; stopped: boolean }>();
  readonly begun: string[] = [];

  send = (file: QueuedFile, progress: (sent: number) => void): Sent => {
    this.begun.push(file.path);
    let end = (): void => undefined;
    let fail: (why: Trouble) => void = () => undefined;
    const done = new Promise<void>((resolve, reject) => {
      end = resolve;
      fail = (why) => reject(new Error(why));
    });
    const entry = { progress, end, fail, stopped: false };
    this.open.set(file.path, entry);
    return {
      done,
      stop: () => {
        entry.stopped = true;
      },
    };
  };

  at(path: string): { progress(sent: number): void; end(): void; fail(why: Trouble): void; stopped: boolean } {
    const found = this.open.get(path);
    if (!found) throw new Error(`${path} was not sent`);
    return found;
  }
}

const FILES = ['a', 'b', 'c', 'd', 'e'].map((path) => ({ path, size: 100 }));
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe('the upload queue', () => {
  let wire: Wire;
  let waiting: (() => void)[];
  let queue: UploadQueue<QueuedFile>;

  beforeEach(() => {
    wire = new Wire();
    waiting = [];
    queue = new UploadQueue(FILES, wire.send, {
      judge: (error) => (error as Error).message as Trouble,
      later: (run) => waiting.push(run),
      onChange: () => undefined,
    });
    queue.resume();
  });

  it('sends three at a time, in their order', async () => {
    expect(wire.begun).toEqual(['a', 'b', 'c']);

    wire.at('b').end();
    await settled();

    expect(wire.begun).toEqual(['a', 'b', 'c', 'd']);
    expect(queue.progress.current.map(({ path }) => path)).toEqual(['a', 'c', 'd']);
  });

  it('adds up what has gone', async () => {
    wire.at('a').progress(40);
    wire.at('b').end();
    await settled();

    expect(queue.progress).toMatchObject({ files: 5, filesSent: 1, bytes: 500, bytesSent: 140, state: 'sending' });
  });

  it('settles when the last file has arrived', async () => {
    for (const path of ['a', 'b', 'c', 'd', 'e']) {
      wire.at(path).end();
      await settled();
    }

    expect(queue.state).toBe('settled');
    expect(queue.progress.bytesSent).toBe(500);
  });

  it('stops everything at a pause and sends the same files again afterwards', async () => {
    queue.pause();
    expect([wire.at('a').stopped, wire.at('b').stopped, wire.at('c').stopped]).toEqual([true, true, true]);
    expect(queue.state).toBe('paused');

    queue.resume();
    await settled();

    expect(wire.begun).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
  });

  it('does not count what an interrupted sender still says', async () => {
    const before = wire.at('a');
    queue.pause();
    queue.resume();
    before.progress(99);
    before.end();
    await settled();

    expect(queue.progress.filesSent).toBe(0);
    expect(queue.progress.bytesSent).toBe(0);
  });

  it('lets a refused file fail alone, and tries it again when asked', async () => {
    wire.at('a').fail('refused');
    await settled();
    expect(queue.progress.failed.map(({ path }) => path)).toEqual(['a']);
    expect(wire.begun).toContain('d');

    for (const path of ['b', 'c', 'd', 'e']) {
      wire.at(path).end();
      await settled();
    }
    expect(queue.state).toBe('settled');

    queue.retryFailed();
    expect(queue.state).toBe('sending');
    wire.at('a').end();
    await settled();
    expect(queue.progress.filesSent).toBe(5);
  });

  it('waits while the server cannot be reached and goes on by itself', async () => {
    wire.at('a').fail('unreachable');
    await settled();
    expect(queue.state).toBe('unreachable');
    expect(queue.progress.current).toEqual([]);

    waiting.forEach((run) => run());

    expect(queue.state).toBe('sending');
    expect(wire.begun.slice(3)).toEqual(['a', 'b', 'c']);
  });

  it('does not go on by itself after a person has paused', async () => {
    wire.at('a').fail('unreachable');
    await settled();
    queue.pause();

    waiting.forEach((run) => run());

    expect(queue.state).toBe('paused');
  });

  it('waits for signing in without losing a file', async () => {
    wire.at('c').fail('signed-out');
    await settled();
    expect(queue.state).toBe('signed-out');

    queue.resume();

    expect(queue.progress.current).toHaveLength(3);
    expect(queue.progress.failed).toEqual([]);
  });
});
