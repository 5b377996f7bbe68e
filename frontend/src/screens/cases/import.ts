/** A folder dropped anywhere on the page, or chosen: sent, then looked at by the dry run, whose page opens by itself. */
import { Refused, Unreachable } from '../../api/problem';
import { Transport } from '../../api/transport';
import { UploadApi } from '../../api/uploads';
import { openDialog } from '../../ui/dialog';
import { el } from '../../ui/elements';
import { batchOf, chosenFiles, droppedFiles } from './folder';
import type { FolderFile } from './folder';
import { Pace } from './pace';
import { Panel } from './panel';
import { UploadQueue } from './queue';
import type { Trouble } from './queue';

const MOST_FILES = 20_000;

export function receiveFolders(section: HTMLElement): void {
  const host = section.querySelector<HTMLElement>('[data-sending]');
  if (!host) return;
  const take = (files: FolderFile[]): void => void new FolderImport(section, host).begin(files);
  section.querySelector<HTMLElement>('[data-choose]')?.removeAttribute('hidden');
  for (const input of section.querySelectorAll<HTMLInputElement>('input[type=file]'))
    input.addEventListener('change', () => {
      take(chosenFiles(input.files ?? []));
      input.value = '';
    });
  dropAnywhere(take);
}

function dropAnywhere(take: (files: FolderFile[]) => void): void {
  let depth = 0;
  const mark = (on: boolean): void => void document.body.toggleAttribute('data-dropping', on);
  const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;
  document.addEventListener('dragenter', (event) => {
    if (!hasFiles(event)) return;
    depth += 1;
    mark(true);
  });
  document.addEventListener('dragleave', () => {
    depth = Math.max(0, depth - 1);
    if (depth === 0) mark(false);
  });
  document.addEventListener('dragover', (event) => {
    if (hasFiles(event)) event.preventDefault();
  });
  document.addEventListener('drop', (event) => {
    depth = 0;
    mark(false);
    if (!event.dataTransfer || !hasFiles(event)) return;
    event.preventDefault();
    void droppedFiles(event.dataTransfer.items).then(take);
  });
}

/** One folder on its way. */
class FolderImport {
  private readonly pace = new Pace();
  private readonly transport: Transport;
  private readonly csrf = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? '';
  private queue: UploadQueue<FolderFile> | null = null;
  private panel: Panel | null = null;
  private batch = '';
  private leaving = false;

  constructor(
    private readonly section: HTMLElement,
    private readonly host: HTMLElement,
  ) {
    this.transport = new Transport(this.csrf);
  }

  async begin(files: FolderFile[]): Promise<void> {
    if (document.querySelector('[data-sending][data-state]')) return;
    if (files.length === 0) return this.say('There is no file in this folder.');
    if (files.length > MOST_FILES) return this.say(`The folder has ${files.length.toLocaleString('en')} files; at most ${MOST_FILES.toLocaleString('en')} go in one import.`);
    this.batch = await batchOf(this.data('dataset'), this.data('person'), files);
    const api = new UploadApi(this.data('uploads'), this.csrf);
    this.panel = new Panel(this.host, this);
    this.section.querySelector<HTMLElement>('[data-drop-zone]')?.setAttribute('hidden', '');
    this.queue = new UploadQueue(files, (file, onProgress) => api.send(this.batch, file, onProgress), {
      judge,
      later: (run, ms) => setTimeout(run, ms),
      onChange: () => this.changed(),
    });
    window.addEventListener('beforeunload', (event) => {
      if (!this.leaving) event.preventDefault();
    });
    this.queue.resume();
    this.host.scrollIntoView({ block: 'nearest' });
  }

  pause = (): void => {
    this.pace.forget();
    this.queue?.pause();
  };
  resume = (): void => this.queue?.resume();
  retry = (): void => this.queue?.retryFailed();

  cancel = (): void => {
    this.queue?.pause();
    const button = (text: string, value: string, kind: string): HTMLElement => el('button', { class: `button ${kind}`, value }, text);
    const dialog = openDialog('Throw away the files that have arrived?', [], [button('Keep them', '', 'quiet'), button('Throw away', 'yes', 'primary')]);
    dialog.addEventListener('close', () => {
      if (dialog.returnValue === 'yes') void this.discard();
    });
  };

  goOn = (): void => void this.dryRun();

  private changed(): void {
    const progress = this.queue?.progress;
    if (!progress || this.leaving) return;
    this.pace.note(progress.bytesSent, performance.now());
    this.panel?.show(progress, this.pace.rate);
    if (progress.state === 'settled' && progress.failed.length === 0) void this.dryRun();
  }

  private async dryRun(): Promise<void> {
    if (this.leaving) return;
    this.leaving = true;
    try {
      const job = await this.transport.json<{ code: string }>(this.data('imports'), { method: 'POST', body: { batch: this.batch } });
      location.assign(this.data('page').replace('JOB', job.code));
    } catch (error) {
      this.leaving = false;
      this.panel?.problem(error instanceof Error ? error.message : 'The server could not begin the dry run.');
    }
  }

  private async discard(): Promise<void> {
    this.leaving = true;
    const headers = { 'X-CSRFToken': this.csrf };
    const url = this.data('discard').replace('BATCH', this.batch);
    await fetch(url, { method: 'POST', headers, credentials: 'same-origin' }).catch(() => null);
    location.reload();
  }

  private say(sentence: string): void {
    this.host.hidden = false;
    this.host.textContent = sentence;
  }

  private data(name: string): string {
    return this.section.dataset[name] ?? '';
  }
}

function judge(error: unknown): Trouble {
  if (error instanceof Refused && error.sessionEnded) return 'signed-out';
  if (error instanceof Unreachable) return 'unreachable';
  return error instanceof Refused && error.temporary ? 'unreachable' : 'refused';
}
