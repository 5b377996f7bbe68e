import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, expect, it } from 'vitest';
import type { ReadBody, ReadSaved } from '../api/contract';
import { Refused, Unreachable } from '../api/problem';
import { HandTimer, settle } from './fixtures';
import type { Journal, OutboxRecord, Posting } from './journal';
import { openJournal } from './journal';
import { Outbox } from './outbox';

const body = (score: number): ReadBody => ({
  answers: { candidates: { A: { score } }, case: {} },
  active_ms: 1,
  wall_ms: 2,
  tool_use: {},
  viewer_version: '1',
  correction: false,
});
const read = (token: string, score = 5): Posting => ({ kind: 'read', token, body: body(score) });

/** Stores one read per idempotency key, as the server does. */
class Server {
  readonly stored = new Map<string, string>();
  readonly tries: string[] = [];
  failWith: (() => Error) | null = null;
  loseAnswers = 0;

  async submit(token: string, key: string): Promise<ReadSaved> {
    this.tries.push(token);
    if (this.failWith) throw this.failWith();
    this.stored.set(key, token);
    if (this.loseAnswers-- > 0) throw new Unreachable('cut after commit');
    return Promise.resolve({ read: `read-${token}` } as ReadSaved);
  }

  report(): Promise<unknown> {
    return Promise.resolve({});
  }

  opened(): Promise<unknown> {
    return Promise.resolve({});
  }
}

let [server, timer] = [new Server(), new HandTimer()];
let journal: Journal;
let log: string[] = [];
let keys = 0;

const outbox = (): Outbox =>
  new Outbox('/r/', journal, server, timer, {
    onWaiting: (count) => log.push(`waiting ${count}`),
    onDelivered: (record: OutboxRecord) => log.push(`delivered ${record.posting.token}`),
    onRefused: (record, error) => log.push(`refused ${record.posting.token} ${error.code}`),
    onEnded: () => log.push('ended'),
    onUnsafe: () => log.push('unsafe'),
  }, () => `key-${(keys += 1)}`);

beforeEach(async () => {
  [server, timer, log, keys] = [new Server(), new HandTimer(), [], 0];
  journal = await openJournal(new IDBFactory());
});

it('hands over the server’s answer and forgets the entry', async () => {
  const delivery = await outbox().post(read('t1'));
  expect([delivery, await journal.outbox('/r/')]).toEqual([{ is: 'delivered', answer: { read: 'read-t1' } }, []]);
});

it('has the key on disk before the first send', async () => {
  server.failWith = () => new Unreachable('offline');
  await outbox().post(read('t1'));
  expect((await journal.outbox('/r/')).map((record) => record.key)).toEqual(['key-1']);
});

it('makes one read of a submit whose answer was lost', async () => {
  server.loseAnswers = 2;
  expect((await outbox().post(read('t1'))).is).toBe('waiting');
  await timer.pass(60_000);
  expect([server.tries.length, [...server.stored]]).toEqual([3, [['key-1', 't1']]]);
  expect(log.at(-1)).toBe('delivered t1');
});

it('delivers offline work in order, once', async () => {
  server.failWith = () => new Unreachable('offline');
  const box = outbox();
  for (const token of ['t1', 't2', 't3']) await box.post(read(token));
  expect(box.waiting.length).toBe(3);
  server.failWith = null;
  box.wake();
  await settle();
  expect([...server.stored.values()]).toEqual(['t1', 't2', 't3']);
});

it('goes on in the next visit where this one stopped, with the same key', async () => {
  server.failWith = () => new Unreachable('offline');
  await outbox().post(read('t1'));
  server.failWith = null;
  await outbox().start();
  expect([...server.stored]).toEqual([['key-1', 't1']]);
});

it('waits as long as a busy server asks', async () => {
  server.failWith = () => new Refused(503, { code: 'busy' }, 20);
  await outbox().post(read('t1'));
  await timer.pass(19_000);
  expect(server.tries.length).toBe(1);
  server.failWith = null;
  await timer.pass(2_000);
  expect(server.stored.size).toBe(1);
});

it('hands back a refusal and does not send it again', async () => {
  server.failWith = () => new Refused(422, { code: 'answers.invalid', detail: 'Score A.' });
  const box = outbox();
  const delivery = await box.post(read('t1'));
  expect(delivery.is === 'refused' && delivery.error.code).toBe('answers.invalid');
  await timer.pass(120_000);
  expect([server.tries.length, box.refused.map((record) => record.refused)]).toEqual([1, ['Score A.']]);
});

it('lets later reads pass one that was refused, and tells', async () => {
  server.failWith = () => new Unreachable('offline');
  const box = outbox();
  await box.post(read('t1'));
  await box.post(read('t2'));
  let first = true;
  server.failWith = () => new Refused(409, { code: 'presentation.submitted' });
  const submit = server.submit.bind(server);
  server.submit = (token, key) => {
    if (!first) server.failWith = null;
    first = false;
    return submit(token, key);
  };
  box.wake();
  await settle();
  expect([[...server.stored.values()], log.filter((line) => line.startsWith('refused'))]).toEqual([
    ['t2'],
    ['refused t1 presentation.submitted'],
  ]);
});

it('keeps everything when the session ends', async () => {
  server.failWith = () => new Refused(401, { code: 'session.ended' });
  const box = outbox();
  expect((await box.post(read('t1'))).is).toBe('ended');
  expect([log.includes('ended'), box.waiting.length]).toEqual([true, 1]);
});
