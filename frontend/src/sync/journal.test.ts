import { IDBFactory } from 'fake-indexeddb';
import { describe, expect, it } from 'vitest';
import type { OutboxRecord } from './journal';
import { openJournal } from './journal';

const draft = { token: 't1', base: 2, dirty: true, content: { values: { 'A/score': 8 } }, active_ms: 900 };
const entry = (key: string, order: number, reading = '/r/'): OutboxRecord => ({
  key,
  order,
  reading,
  posting: { kind: 'report', token: 't1', body: { kind: 'other', text: key } },
  refused: null,
});

describe.each([
  ['disk', (): IDBFactory | undefined => new IDBFactory()],
  ['memory', (): IDBFactory | undefined => undefined],
])('a journal in %s', (kind, factory) => {
  it('gives back a draft until it is removed', async () => {
    const journal = await openJournal(factory());
    await journal.putDraft(draft);
    expect([journal.kind, await journal.draft('t1'), await journal.draft('t2')]).toEqual([kind, draft, null]);
    await journal.removeDraft('t1');
    expect(await journal.draft('t1')).toBeNull();
  });

  it('lists the outbox of one reading in the order it was given', async () => {
    const journal = await openJournal(factory());
    for (const record of [entry('b', 2), entry('a', 1), entry('c', 3, '/other/')]) await journal.putOutbox(record);
    expect((await journal.outbox('/r/')).map((record) => record.key)).toEqual(['a', 'b']);
    await journal.removeOutbox('a');
    expect((await journal.outbox('/r/')).map((record) => record.key)).toEqual(['b']);
  });
});

it('keeps everything for the next visit to the same browser', async () => {
  const browser = new IDBFactory();
  await (await openJournal(browser)).putDraft(draft);
  expect(await (await openJournal(browser)).draft('t1')).toEqual(draft);
});

it('falls back to memory, and says so, where storage is denied', async () => {
  const denied = { open: () => { throw new DOMException('denied', 'SecurityError'); } } as unknown as IDBFactory;
  expect((await openJournal(denied)).kind).toBe('memory');
});
