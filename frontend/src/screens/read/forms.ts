/** The three dialogs of a case: not assessable, report to the study team, instructions. */
import type { Reason, ReportBody, ReportKind } from '../../api/contract';
import { ask } from '../../ui/ask';
import { el } from '../../ui/elements';

export interface NotAssessable {
  readonly reason: string;
  readonly comment: string;
}

export async function askNotAssessable(reasons: readonly Reason[]): Promise<NotAssessable | null> {
  const list = radios('Why can this case not be assessed?', reasons);
  const note = textArea('Comment (optional)');
  const sure = await ask({
    title: 'Not assessable',
    body: [el('p', {}, 'The case is closed without scores; answers given so far are not kept.'), list.element, note],
    actions: [
      { label: 'Back', value: '' },
      { label: 'Close case as not assessable', value: 'close', primary: true },
    ],
    accept: (value) => value === '' || list.chosen() !== null || list.complain(),
  });
  const reason = list.chosen();
  return sure && reason ? { reason, comment: textOf(note) } : null;
}

const KINDS: readonly { readonly code: ReportKind; readonly label: string }[] = [
  { code: 'wrong_image', label: 'Wrong or damaged image' },
  { code: 'identifying_text', label: 'A name or other identifying text is visible' },
  { code: 'incidental_finding', label: 'Possible incidental finding' },
  { code: 'other', label: 'Something else' },
];

export async function askReport(): Promise<ReportBody | null> {
  const list = radios('What is it about?', KINDS);
  const note = textArea('What should the study team know?');
  const sent = await ask({
    title: 'Report to study team',
    body: [el('p', {}, 'The note goes to the study team. The case stays open and blinded.'), list.element, note],
    actions: [
      { label: 'Back', value: '' },
      { label: 'Send note', value: 'send', primary: true },
    ],
    accept: (value) => value === '' || list.chosen() !== null || list.complain(),
  });
  const kind = list.chosen() as ReportKind | null;
  return sent && kind ? { kind, text: textOf(note) } : null;
}

export async function showInstructions(title: string, text: string, start: boolean): Promise<void> {
  const paragraphs = text.split(/\n\s*\n/).map((paragraph) => el('p', {}, paragraph.trim()));
  const label = start ? 'Start reading' : 'Close';
  await ask({ title, body: paragraphs, actions: [{ label, value: 'close', primary: true }], shape: 'prose' });
}

function radios(
  legend: string,
  options: readonly Reason[],
): { element: HTMLElement; chosen: () => string | null; complain: () => false } {
  const fault = el('p', { class: 'fault', role: 'alert' });
  const rows = options.map(({ code, label }) =>
    el('label', { class: 'radio-row' }, el('input', { type: 'radio', name: legend, value: code }), label),
  );
  const element = el('fieldset', { class: 'radio-list' }, el('legend', {}, legend), ...rows, fault);
  return {
    element,
    chosen: () => element.querySelector<HTMLInputElement>('input:checked')?.value ?? null,
    complain: () => {
      fault.textContent = 'Choose one of these first.';
      return false;
    },
  };
}

const textArea = (label: string): HTMLElement =>
  el('label', { class: 'text-row' }, label, el('textarea', { rows: 3, maxlength: 2000 }));

const textOf = (row: HTMLElement): string => row.querySelector('textarea')?.value.trim() ?? '';
