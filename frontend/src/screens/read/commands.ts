/** What every key of the table does; the same names serve the buttons. */
import { isAllowed } from './allowed';
import { activeSlot } from './answers';
import type { Compare } from './compare';
import { mayAnswer, mayLook } from './flow';
import type { Panel } from './panel';
import type { Session } from './session';

export interface PageCommands {
  pause(): void;
  help(): void;
  focusImage(): void;
  say(text: string): void;
}

type Command = (slot: number) => void;

export class Commands {
  private readonly looking: Readonly<Record<string, Command>>;
  private readonly answering: Readonly<Record<string, Command>>;
  private readonly paging: Readonly<Record<string, Command>>;
  private readonly say: (text: string) => void;

  constructor(
    private readonly session: Session,
    private readonly compare: Compare,
    panel: Panel,
    page: PageCommands,
  ) {
    this.looking = lookCommands(compare);
    this.answering = answerCommands(session, panel);
    this.say = (text) => page.say(text);
    this.paging = {
      pause: () => page.pause(),
      help: () => page.help(),
      leave: () => page.focusImage(),
    };
  }

  /** Every id that does something, for the test that compares them with the table. */
  get ids(): readonly string[] {
    return [this.looking, this.answering, this.paging].flatMap((commands) => Object.keys(commands));
  }

  press(id: string): void {
    const { flow } = this.session;
    const page = this.paging[id];
    if (page) return page(0);
    if (!isAllowed(this.session.reading.display, id)) return this.say('This tool is off in this study.');
    if (mayLook(flow)) this.looking[id]?.(this.activeIndex());
    if (mayAnswer(flow)) this.answering[id]?.(this.activeIndex());
  }

  release(id: string): void {
    if (id === 'hold') this.compare.hold(false);
  }

  private activeIndex(): number {
    const letter = activeSlot(this.session.desk.answering.state);
    const slots = this.session.current?.presentation.slots ?? [];
    return Math.max(0, slots.findIndex((slot) => slot.letter === letter));
  }
}

const numbered = (count: number, name: (at: number) => string, run: (at: number) => void): Record<string, Command> =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [name(at), (): void => run(at)]));

function lookCommands(compare: Compare): Record<string, Command> {
  const on = (run: Command): Command => (slot) => {
    if (compare.has(slot)) run(slot);
  };
  return {
    ...numbered(3, (at) => `toggle.${at}`, on((at) => compare.toggle(at))),
    ...numbered(3, (at) => `solo.${at}`, on((at) => compare.solo(at))),
    ...numbered(5, (at) => `sequence.${at}`, (at) => void compare.sequence(at)),
    overlays: () => compare.overlays(),
    hold: () => compare.hold(true),
    outline: on((slot) => compare.outline(slot)),
    'opacity.down': on((slot) => compare.opacityBy(slot, -10)),
    'opacity.up': on((slot) => compare.opacityBy(slot, 10)),
    disagreement: () => compare.disagreement(),
    swipe: () => compare.swipe(),
    panes: () => compare.panes(),
    blink: () => compare.blink(),
    'slice.up': () => compare.scroll(1),
    'slice.down': () => compare.scroll(-1),
    'slice.up10': () => compare.scroll(10),
    'slice.down10': () => compare.scroll(-10),
    largest: () => compare.largest(),
    window: () => compare.reset(),
    preset: () => compare.nextPreset(),
    ruler: () => compare.ruler(),
    pan: () => undefined,
    'zoom.in': () => compare.zoom(1),
    'zoom.out': () => compare.zoom(-1),
  };
}

function answerCommands(session: Session, panel: Panel): Record<string, Command> {
  const slots = (): readonly { readonly letter: string }[] => session.current?.presentation.slots ?? [];
  const activate = (at: number): void => {
    const letter = slots()[at]?.letter;
    if (letter !== undefined) session.desk.answering.activate(letter);
  };
  return {
    ...numbered(9, (at) => `score.${at + 1}`, (at) => session.desk.answering.digit(at + 1)),
    ...numbered(3, (at) => `active.${at}`, activate),
    'score.10': () => session.desk.answering.digit(10),
    'score.0': () => session.desk.answering.zero(),
    'side.first': () => session.desk.answering.side('first'),
    'side.last': () => session.desk.answering.side('last'),
    'step.lower': () => session.desk.answering.step(-1),
    'step.higher': () => session.desk.answering.step(1),
    'answer.yes': () => session.desk.answering.yesNo(true),
    'answer.no': () => session.desk.answering.yesNo(false),
    jump: () => session.desk.answering.jump(),
    comment: () => panel.focusComment(session.desk.answering.state),
    undo: () => session.desk.answering.undo(),
    next: () => void session.next(),
  };
}
