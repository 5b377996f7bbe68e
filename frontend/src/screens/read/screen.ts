/** The reading screen: finds its page, builds the parts, and connects keys, buttons and the sitting with each other. */
import type { Reading } from '../../api/contract';
import { ReadingApi } from '../../api/reading';
import { Transport } from '../../api/transport';
import { openJournal } from '../../sync/journal';
import type { Journal } from '../../sync/journal';
import { lockTab } from '../../sync/tab';
import type { TabLock } from '../../sync/tab';
import { browserTimer } from '../../sync/timer';
import { el } from '../../ui/elements';
import { Decoder } from '../../viewer/decode';
import { ViewerPool } from '../../viewer/pool';
import { Ahead } from './ahead';
import { Cover } from './cover';
import { Room } from './room';
import { welcome } from './welcome';
import './screen.css';

/** Which screen and viewer a read was given with; part of the study's record. */
const VERSION = 'read-1 niivue-0.69.0';

async function start(root: HTMLElement): Promise<void> {
  const base = root.dataset['reading'] ?? '';
  const csrf = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? '';
  const transport = new Transport(csrf);
  const api = new ReadingApi(transport, base);
  const cover = new Cover();
  root.dataset['dialogs'] = '';
  root.replaceChildren(cover.element);
  const reading = await firstReading(api, cover);
  const journal = await openJournal();
  void navigator.storage?.persist?.().catch(() => false);
  const stage = el('section', { class: 'stage', tabindex: -1, 'aria-label': 'Images' });
  root.prepend(stage);
  const pool = await ViewerPool.create(stage, viewerOptions(reading));
  const ahead = new Ahead(api, transport, new Decoder());
  const parts = { api, base, journal, timer: browserTimer, ahead, today: () => Date.now(), version: VERSION };
  const room = new Room({ root, stage, pool, cover, reading, transport, parts });
  await begin(room, base, journal);
}

const viewerOptions = ({ display }: Reading): NonNullable<Parameters<typeof ViewerPool.create>[1]> => {
  const asked = new URLSearchParams(location.search).get('adapter');
  return {
    radiological: display.convention === 'radiological',
    interpolation: display.interpolation,
    ...(asked === 'niivue' || asked === 'canvas2d' ? { adapter: asked } : {}),
  };
};

async function begin(room: Room, base: string, journal: Journal): Promise<void> {
  const lock: TabLock = await lockTab(`blindread ${base}`, () => void room.session.tabs.lost());
  room.useLock(lock);
  if (journal.kind === 'memory') room.warnNothingKept();
  await welcome(room.session.reading);
  if (lock.held) await room.session.start();
  else await room.session.tabs.lost();
}

/** The reading, however long it takes to come; nothing can be shown without it. */
async function firstReading(api: ReadingApi, cover: Cover): Promise<Reading> {
  try {
    const reading = await api.reading();
    cover.hide('first');
    return reading;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    await new Promise<void>((resolve) => {
      const actions = [{ label: 'Try again', primary: true, run: resolve }];
      cover.show('first', { title: 'The study cannot be opened', text, actions, tone: 'problem' });
    });
    return firstReading(api, cover);
  }
}

const root = document.getElementById('read');
if (root) void start(root);
