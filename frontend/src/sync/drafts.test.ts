import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, describe, expect, it } from 'vitest';
import type { DraftBody, DraftSaved } from '../api/contract';
import { Refused, Unreachable } from '../api/problem';
import type { SaveState } from './drafts';
import { DraftSync, resume } from './drafts';
import { HandTimer, settle } from './fixtures';
import type { Journal } from './journal';
import { openJournal } from './journal';

/** Keeps what is sent and answers as a server would: revisions rise by one, anything else is stale. */
class Server {
  revision = 0;
  content: unknown = null;
  readonly received: DraftBody[] = [];
  failWith: (() => Error) | null = null;
  loseAnswer = false;

  async saveDraft(_token: string, body: DraftBody): Promise<DraftSaved> {
    this.received.push(body);
    if (this.failWith) throw this.failWith();
    if (body.revision !== this.revision + 1) {
      const current = { revision: this.revision, content: this.content };
      throw new Refused(409, { code: 'draft.stale', title: '', detail: '', current });
    }
    this.revision = body.revision;
    this.content = JSON.parse(JSON.stringify(body.content));
    if (this.loseAnswer) {
      this.loseAnswer = false;
      throw new Unreachable('cut');
    }
    return Promise.resolve({ revision: this.revision, saved_at: '2026-01-01T14:02:00Z' });
  }
}

let [server, timer, states]: [Server, HandTimer, SaveState[]] = [new Server(), new HandTimer(), []];
let journal: Journal;
let sync: DraftSync;

beforeEach(async () => {
  [server, timer, states] = [new Server(), new HandTimer(), []];
  journal = await openJournal(new IDBFactory());
  sync = new DraftSync('t', 0, journal, server, timer, (state) => states.push(state));
});

const content = (score: number): { content: unknown; active_ms: number } => ({ content: { score }, active_ms: score });

it('has an answer in the journal before the server hears of it', async () => {
  await sync.change(content(8));
  expect([await journal.draft('t'), server.received]).toEqual([
    { token: 't', base: 0, dirty: true, content: { score: 8 }, active_ms: 8 },
    [],
  ]);
});

it('sends at most once in three seconds, always the latest', async () => {
  for (const score of [1, 2, 3]) await sync.change(content(score));
  await timer.pass(10);
  for (const score of [4, 5, 6]) await sync.change(content(score));
  await timer.pass(2_900);
  expect(server.received.map((body) => body.content)).toEqual([{ score: 3 }]);
  await timer.pass(100);
  expect(server.received.map((body) => [body.revision, body.content])).toEqual([[1, { score: 3 }], [2, { score: 6 }]]);
});

it('sends at once when the tab is hidden', async () => {
  await sync.change(content(1));
  await timer.pass(10);
  await sync.change(content(2));
  sync.flush(true);
  await settle();
  expect(server.content).toEqual({ score: 2 });
});

it('says saved only when the server has the latest answer', async () => {
  await sync.change(content(8));
  await timer.pass(10);
  expect(states.at(-1)).toEqual({ is: 'saved', at: '2026-01-01T14:02:00Z' });
  expect((await journal.draft('t'))?.dirty).toBe(false);
});

it('keeps trying while offline and delivers the latest answer when the network is back', async () => {
  server.failWith = () => new Unreachable('offline');
  await sync.change(content(1));
  await timer.pass(60_000);
  await sync.change(content(2));
  expect(states.at(-1)).toEqual({ is: 'offline' });
  server.failWith = null;
  await timer.pass(40_000);
  expect([server.content, states.at(-1)?.is]).toEqual([{ score: 2 }, 'saved']);
});

it('recognises its own draft when only the answer of the server was lost', async () => {
  server.loseAnswer = true;
  await sync.change(content(5));
  await timer.pass(10_000);
  expect([server.revision, states.at(-1)?.is]).toEqual([1, 'saved']);
});

describe('when another tab has saved newer answers', () => {
  beforeEach(async () => {
    server.revision = 4;
    server.content = { score: 10 };
    await sync.change(content(2));
    await timer.pass(10);
  });

  it('stops and shows theirs, keeping ours in the journal', async () => {
    const theirs = { revision: 4, content: { score: 10 }, active_ms: 0 };
    expect(states.at(-1)).toEqual({ is: 'conflict', theirs });
    await sync.change(content(3));
    await timer.pass(60_000);
    expect([server.received.length, (await journal.draft('t'))?.content]).toEqual([1, { score: 3 }]);
  });

  it('goes on with ours when the reader says so', async () => {
    sync.overrule({ revision: 4, content: { score: 10 }, active_ms: 0 });
    await settle();
    expect([server.revision, server.content]).toEqual([5, { score: 2 }]);
  });
});

it('stops at the end of the session and goes on after signing in again', async () => {
  server.failWith = () => new Refused(401, { code: 'session.ended' });
  await sync.change(content(2));
  await timer.pass(60_000);
  expect([states.at(-1)?.is, server.received.length]).toEqual(['ended', 1]);
  server.failWith = null;
  sync.flush();
  await settle();
  expect(server.content).toEqual({ score: 2 });
});

describe('resuming', () => {
  const here = { token: 't', base: 3, dirty: true, content: 'here', active_ms: 5 };
  const there = (revision: number): { revision: number; content: unknown; active_ms: number } => ({
    revision,
    content: 'there',
    active_ms: 4,
  });

  it('takes unsent work of this computer that builds on the server’s draft', () => {
    expect(resume(here, there(3))).toEqual({ from: 'here', base: 3, content: 'here', active_ms: 5 });
  });

  it('takes the server’s draft when this computer has nothing newer', () => {
    expect(resume({ ...here, dirty: false }, there(6))).toEqual({ from: 'server', base: 6, content: 'there', active_ms: 4 });
    expect(resume(null, there(1)).from).toBe('server');
  });

  it('asks when both moved on', () => {
    expect(resume(here, there(4)).from).toBe('conflict');
  });

  it('sees no conflict in equal content', () => {
    expect(resume({ ...here, content: 'there' }, there(4)).from).toBe('server');
  });

  it('starts afresh when nobody has a draft', () => {
    expect(resume(null, null)).toEqual({ from: 'nothing', base: 0 });
  });
});
