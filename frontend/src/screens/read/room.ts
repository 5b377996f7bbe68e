/** The whole screen around one sitting: it shows what the session says and hands on what the person does. */
import type { Reading } from '../../api/contract';
import type { Transport } from '../../api/transport';
import type { TabLock } from '../../sync/tab';
import { Announcer } from '../../ui/announcer';
import { isDialogOpen } from '../../ui/ask';
import { el } from '../../ui/elements';
import { Keyboard } from '../../ui/keyboard';
import { toast } from '../../ui/toast';
import type { ViewerPool } from '../../viewer/pool';
import { isAllowed } from './allowed';
import { Bar } from './bar';
import { Commands } from './commands';
import { Compare } from './compare';
import type { LookEvents } from './compare';
import type { Cover } from './cover';
import { askNotAssessable, askReport, showInstructions } from './forms';
import { mayAnswer, mayLook } from './flow';
import { imagesOf } from './images';
import { Keyring } from './keyring';
import { KEYS } from './keys';
import { Panel } from './panel';
import type { PanelEvents } from './panel';
import type { Face, Parts, Trouble } from './parts';
import { Session } from './session';
import { Toolbar } from './toolbar';
import { coverFor } from './troubles';
import { savedWords } from './words';

export interface RoomParts {
  readonly root: HTMLElement;
  readonly stage: HTMLElement;
  readonly pool: ViewerPool;
  readonly cover: Cover;
  readonly reading: Reading;
  readonly transport: Transport;
  readonly parts: Omit<Parts, 'images' | 'face' | 'spoken'>;
}

const NOTE_MS = 8_000;
const MINUTE_MS = 60_000;
const TICK_MS = 10_000;

export class Room {
  readonly session: Session;
  private readonly compare: Compare;
  private readonly panel: Panel;
  private readonly bar: Bar;
  private readonly toolbar: Toolbar;
  private readonly announcer: Announcer;
  private readonly notes = el('div', { class: 'notes' });
  private readonly looking = el('p', { class: 'looking', hidden: true });
  private readonly keyboard: Keyboard;
  private readonly commands: Commands;
  private readonly keyring: Keyring;
  private lock: TabLock | null = null;
  private closeWayBack: () => void = () => undefined;
  private readonly since: number;

  constructor(private readonly room: RoomParts) {
    const { root, pool, reading, parts } = room;
    this.since = parts.timer.now();
    this.keyring = new Keyring(reading.instrument.questions);
    this.announcer = new Announcer(root);
    this.compare = new Compare(pool, reading.display, this.lookEvents(), reducedMotion);
    this.panel = new Panel(reading.instrument, this.panelEvents());
    this.bar = new Bar(reading.study.title, this.home, this.barEvents());
    this.toolbar = new Toolbar(this.toolEvents());
    const spoken = {
      say: (text: string) => this.announcer.say(text),
      flash: (slot: string | null, text: string) => this.panel.flash(slot, text),
    };
    const images = imagesOf(pool, this.compare, parts.version);
    this.session = new Session(reading, { ...parts, images, face: this.face(), spoken });
    this.commands = new Commands(this.session, this.compare, this.panel, this.pageCommands());
    this.keyboard = new Keyboard(KEYS, this.keyring.choices, this.keyActions());
    this.keyring.changed = (choices) => this.keyboard.use(choices);
    this.build();
    this.listen();
  }

  useLock(lock: TabLock): void {
    this.lock = lock;
  }

  warnNothingKept(): void {
    const text =
      'This browser keeps nothing on this computer (a private window?). Answers are safe only once they are saved on the server.';
    toast(this.notes, text, { tone: 'attention' });
  }

  private get home(): string {
    return this.room.root.dataset['home'] ?? `/studies/${this.room.reading.study.code}/`;
  }

  private build(): void {
    const { root, stage, cover } = this.room;
    const left = el('div', { class: 'left' }, stage, this.toolbar.element);
    cover.covered = (covered) => {
      left.inert = covered;
      this.panel.element.inert = covered || !mayAnswer(this.session.flow);
    };
    root.prepend(this.bar.element, left, this.panel.element);
    stage.append(this.looking);
    root.append(cover.element, this.notes);
  }

  private listen(): void {
    const { session } = this;
    const { root } = this.room;
    this.keyboard.listen(document);
    for (const type of ['keydown', 'pointerdown', 'pointermove', 'wheel'])
      document.addEventListener(type, () => session.desk.input(), { capture: true, passive: true });
    document.addEventListener('visibilitychange', () => (document.hidden ? session.hide() : session.desk.show()));
    window.addEventListener('pagehide', () => session.hide());
    window.addEventListener('pageshow', ({ persisted }) => persisted && void session.refresh());
    window.addEventListener('beforeunload', (event) => this.guard(event));
    window.addEventListener('online', () => session.wake());
    root.addEventListener('click', (event) => this.returnFocus(event));
    setInterval(() => this.tick(), TICK_MS);
    this.tick();
  }

  /** Only where this computer keeps nothing can leaving lose an answer. */
  private guard(event: BeforeUnloadEvent): void {
    if (this.room.parts.journal.kind === 'memory' && this.session.unsaved) event.preventDefault();
  }

  /** A mouse click leaves no button focused, so that Space and Enter keep their meaning. */
  private returnFocus(event: MouseEvent): void {
    const clicked = event.target instanceof Element ? event.target.closest('button, label, input, select') : null;
    if (event.detail === 0 || !clicked || clicked.matches('select, textarea') || clicked.closest('dialog, .cover')) return;
    setTimeout(() => this.room.stage.focus({ preventScroll: true }));
  }

  private tick(): void {
    const { parts } = this.room;
    this.bar.time(Math.floor((parts.timer.now() - this.since) / MINUTE_MS));
  }

  // What the session says

  private face(): Face {
    return {
      trouble: (trouble) => this.showTrouble(trouble),
      loading: () => this.room.cover.show('loading', { title: 'Loading', text: 'The images are fetched and checked.' }),
      opened: (prepared, correcting) => this.opened(prepared, correcting),
      changed: () => this.refresh(),
      saved: (state, waiting) => {
        const { text, tone } = savedWords(state, waiting, this.room.parts.journal.kind === 'disk', timeOfDay);
        this.bar.save(text, tone);
      },
      note: (text, tone) => {
        toast(this.notes, text, tone === 'note' ? { tone, lasts: NOTE_MS } : { tone });
      },
      breakDue: (minutes) => this.suggestBreak(minutes),
    };
  }

  private opened(prepared: Parameters<Face['opened']>[0], correcting: boolean): void {
    const { cover, stage } = this.room;
    const { presentation, images } = prepared;
    for (const kind of ['loading', 'waiting', 'failed', 'elsewhere', 'finished']) cover.hide(kind);
    this.panel.open(prepared, this.session.desk.answering.state);
    this.toolbar.open(
      images.sequences.map((sequence) => sequence.name),
      presentation.slots.length,
    );
    const canCorrect = !correcting && this.session.place.previous !== null;
    this.bar.show(presentation, this.session.place.progress, correcting, canCorrect);
    this.closeWayBack();
    if (correcting) this.closeWayBack = this.offerWayBack();
    stage.focus({ preventScroll: true });
    this.announcer.say(`${presentation.practice ? 'Practice case' : 'Case'} ${presentation.number} of ${presentation.of}`);
  }

  private offerWayBack(): () => void {
    const actions = [{ label: 'Back without changes', run: () => void this.session.backFromCorrection() }];
    return toast(this.notes, 'Your answers to the previous case. Correct a slip and submit, or go back.', { tone: 'attention', actions });
  }

  private refresh(): void {
    const { session, compare, panel, toolbar } = this;
    if (!session.current) return;
    const { flow } = session;
    const { state, faulty } = session.desk.answering;
    const covered = !['', 'loading'].includes(this.room.cover.shown);
    panel.update(state, mayAnswer(flow) && !covered, faulty);
    this.looking.hidden = !flow.readOnly;
    this.looking.textContent = 'Only looking: answers are given in another tab.';
    this.room.root.dataset['phase'] = flow.phase;
    if (!mayLook(flow)) return;
    panel.look((slot) => compare.viewer.slotState(slot), compare.state);
    toolbar.look(compare.state, compare.presetNames());
  }

  private showTrouble(trouble: Trouble): void {
    const { cover } = this.room;
    const text = coverFor(trouble, {
      session: this.session,
      home: this.home,
      signIn: `/sign-in/?next=${encodeURIComponent(this.home)}`,
      renewed: () => this.renewed(),
      takeOver: () => this.takeOver(),
      hide: (kind) => cover.hide(kind),
    });
    cover.show(trouble.is, text);
    this.announcer.sayNow(`${text.title}. ${text.text}`);
  }

  /** Signed in again in another tab: take the new token from the page and send what waited. */
  private async renewed(): Promise<void> {
    try {
      await this.room.parts.api.reading();
      await this.room.transport.renewCsrf(location.pathname);
      this.room.cover.hide('ended');
      this.session.signedIn();
      this.room.stage.focus({ preventScroll: true });
    } catch {
      toast(this.notes, 'You are not signed in yet, or as somebody else. Sign in in the other tab first.', { tone: 'attention' });
    }
  }

  private async takeOver(): Promise<void> {
    await this.lock?.takeOver();
    this.room.cover.hide('elsewhere');
    await this.session.tabs.takeOver();
  }

  private suggestBreak(minutes: number): void {
    const text = `You have been reading for ${minutes} minutes. A short break keeps judgement steady.`;
    const actions = [
      { label: 'Pause now', run: () => this.pause() },
      { label: 'Go on', run: () => undefined },
    ];
    toast(this.notes, text, { actions });
  }

  // What the person does

  private pause(): void {
    const { cover } = this.room;
    if (!this.session.flow.paused) {
      if (!mayLook(this.session.flow)) return;
      this.compare.stop();
      this.session.pause();
      const actions = [{ label: this.keyring.tooltip('Continue', 'pause'), primary: true, run: () => this.pause() }];
      return cover.show('paused', { title: 'Paused', text: 'The image is hidden and time is not counted.', actions });
    }
    cover.hide('paused');
    this.session.goOn();
    this.room.stage.focus({ preventScroll: true });
  }

  private async notAssessable(): Promise<void> {
    const { session } = this;
    const { not_assessable_reasons: reasons } = this.room.reading.instrument;
    const given = await askNotAssessable(reasons);
    if (given) await session.submit(given);
  }

  private async report(): Promise<void> {
    const body = await askReport();
    if (body) await this.session.report(body);
  }

  private activate(slot: number): void {
    const letter = this.session.current?.presentation.slots[slot]?.letter;
    if (letter !== undefined) this.session.desk.answering.activate(letter);
  }

  private pageCommands(): ConstructorParameters<typeof Commands>[3] {
    return {
      pause: () => this.pause(),
      help: () => void this.keyring.help(),
      focusImage: () => this.room.stage.focus({ preventScroll: true }),
      say: (text) => this.announcer.say(text),
    };
  }

  private keyActions(): ConstructorParameters<typeof Keyboard>[2] {
    const covered = (): boolean => !['', 'paused'].includes(this.room.cover.shown);
    return {
      press: (id) => this.commands.press(id),
      release: (id) => this.commands.release(id),
      asleep: () => isDialogOpen() || covered(),
    };
  }

  private lookEvents(): LookEvents {
    const now = (): number => this.room.parts.timer.now();
    return {
      changed: () => this.refresh(),
      say: (text) => this.announcer.say(text),
      count: (tool) => this.session.desk.tools.count(tool),
      span: (tool, on) => this.session.desk.tools.set(tool, on, now()),
    };
  }

  private panelEvents(): PanelEvents {
    return {
      answer: (field, value) => this.session.desk.answering.answer(field, value, field.question.kind !== 'text'),
      mark: (field) => this.session.desk.answering.mark(field),
      activate: (slot) => this.activate(slot),
      toggle: (slot) => this.compare.toggle(slot),
      solo: (slot) => this.compare.solo(slot),
      ink: (slot) => this.compare.outline(slot),
      opacity: (slot, percent) => this.compare.opacity(slot, percent),
      next: () => void this.session.next(),
      undo: () => this.session.desk.answering.undo(),
      notAssessable: () => void this.notAssessable(),
      allowed: (command) => isAllowed(this.room.reading.display, command),
      tooltip: this.keyring.tooltip,
      keyText: this.keyring.keyText,
    };
  }

  private barEvents(): ConstructorParameters<typeof Bar>[2] {
    const { study } = this.room.reading;
    return {
      instructions: () => void showInstructions(study.title, study.instructions, false),
      report: () => void this.report(),
      correct: () => void this.session.correctPrevious(),
      pause: () => this.pause(),
      help: () => void this.keyring.help(),
      tooltip: this.keyring.tooltip,
    };
  }

  private toolEvents(): ConstructorParameters<typeof Toolbar>[0] {
    return {
      press: (command) => this.commands.press(command),
      allowed: (command) => isAllowed(this.room.reading.display, command),
      preset: (name) => this.compare.preset(name),
      tooltip: this.keyring.tooltip,
      keyText: this.keyring.keyText,
    };
  }
}

const reducedMotion = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;

const timeOfDay = (iso: string): string =>
  new Date(iso).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hour12: false });
