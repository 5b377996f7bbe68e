/** The files of a dropped or chosen folder, with their paths inside it. */

export interface FolderFile {
  readonly path: string;
  readonly size: number;
  readonly file: File;
}

const LITTER = /(^|\/)(\.DS_Store|Thumbs\.db|desktop\.ini|\._[^/]*)$|(^|\/)__MACOSX\//i;

/** From an `<input type="file">`, with or without `webkitdirectory`. */
export function chosenFiles(list: Iterable<File>): FolderFile[] {
  return tidy([...list].map((file) => entry(file.webkitRelativePath || file.name, file)));
}

/** From a drop: folders are walked to their ends. Read before the event handler returns. */
export async function droppedFiles(items: DataTransferItemList): Promise<FolderFile[]> {
  const files = [...items].filter((item) => item.kind === 'file');
  return tidy((await Promise.all(files.map((item) => filesIn(item)))).flat());
}

/** Something that is no entry of a file system (dragged out of another program) still is a file. */
function filesIn(item: DataTransferItem): Promise<FolderFile[]> {
  const found = item.webkitGetAsEntry();
  if (found) return walk(found);
  const file = item.getAsFile();
  return Promise.resolve(file ? [entry(file.name, file)] : []);
}

async function walk(found: FileSystemEntry): Promise<FolderFile[]> {
  if (found.isFile) {
    const file = await new Promise<File>((resolve, reject) => (found as FileSystemFileEntry).file(resolve, reject));
    return [entry(found.fullPath.replace(/^\//, ''), file)];
  }
  const children = await allOf((found as FileSystemDirectoryEntry).createReader());
  return (await Promise.all(children.map((child) => walk(child)))).flat();
}

/** A reader gives at most 100 entries at a time. */
async function allOf(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all;
    all.push(...some);
  }
}

const entry = (path: string, file: File): FolderFile => ({ path, size: file.size, file });

/** Without the litter of operating systems, in the order of their paths. */
export function tidy<F extends { readonly path: string }>(files: readonly F[]): F[] {
  return files.filter((file) => !LITTER.test(file.path)).sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

export interface Fingerprinted {
  readonly path: string;
  readonly size: number;
  readonly file: { readonly lastModified: number };
}

/**
 * The batch of a folder: the same person dropping the same unchanged files on the same dataset gets the same 32
 * hexadecimal digits, on any computer, so that sending goes on where it stopped without anything being remembered.
 */
export async function batchOf(dataset: string, person: string, files: readonly Fingerprinted[]): Promise<string> {
  const lines = files.map((f) => `${f.path}\n${f.size}\n${f.file.lastModified}`);
  const bytes = new TextEncoder().encode([dataset, person, ...lines].join('\n'));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest.slice(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
