/** The file or folder a person chose, on its way to the host. */
import { api, pathOf } from '../api.ts';

/** As the contract takes it. */
export type ImportSource = Parameters<typeof api.files.preview>[0]['source'];

export interface ChosenFiles {
  /** Of the file, or of the folder. */
  name: string;
  /** With paths from the folder on; of a file, its name. */
  parts: { path: string; file: File }[];
  /** Where the host can read it without being handed anything. */
  path: string | null;
}

/** So much goes over in one call: a folder may hold very many files. */
const pieceBytes = 16 * 1024 * 1024;
const pieceFiles = 200;

export const chosenFile = (file: File): ChosenFiles => ({ name: file.name, parts: [{ path: file.name, file }], path: pathOf(file) });

/** Of an input for folders: the browser gives all files below with their paths. Null for an empty folder. */
export function chosenFolder(files: File[]): ChosenFiles | null {
  const parts = files.map((file) => ({ path: file.webkitRelativePath, file }));
  const [first] = parts;
  if (!first) return null;
  const [name] = first.path.split('/');
  const path = pathOf(first.file);
  return { name, parts, path: path && path.slice(0, path.length - first.path.length) + name };
}

/** Of something dropped: a file, or a folder with all below it. */
export async function droppedFiles(item: DataTransferItem): Promise<ChosenFiles | null> {
  const file = item.getAsFile();
  const entry = item.webkitGetAsEntry();
  if (!entry?.isDirectory) return file && chosenFile(file);
  const parts: ChosenFiles['parts'] = [];
  await collect(entry as FileSystemDirectoryEntry, parts);
  return { name: entry.name, parts, path: file && pathOf(file) };
}

async function collect(folder: FileSystemDirectoryEntry, parts: ChosenFiles['parts']): Promise<void> {
  const reader = folder.createReader();
  for (;;) {
    // A reader gives a hundred entries at most each time, and none at the end.
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (entries.length === 0) return;
    for (const entry of entries) {
      if (entry.isDirectory) await collect(entry as FileSystemDirectoryEntry, parts);
      else {
        const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
        parts.push({ path: entry.fullPath.replace(/^\//, ''), file });
      }
    }
  }
}

/** Hands the files over, a piece at a time, and tells how much of them the host has. Of what has a path, that is all it needs. */
export async function handOver(chosen: ChosenFiles, progress: (share: number) => void, signal: AbortSignal): Promise<ImportSource> {
  if (chosen.path !== null) return { path: chosen.path };
  const total = chosen.parts.reduce((sum, { file }) => sum + file.size, 0);
  let upload: string | null = null;
  let done = 0;
  for (let at = 0; at < chosen.parts.length;) {
    const piece: ChosenFiles['parts'] = [];
    for (let bytes = 0; at < chosen.parts.length && piece.length < pieceFiles && (piece.length === 0 || bytes < pieceBytes); at++) {
      piece.push(chosen.parts[at]);
      bytes += chosen.parts[at].file.size;
    }
    const given: { upload: string } = await api.files.give(
      { upload, parts: piece.map(({ path, file }) => ({ path, content: file })) },
      { signal },
    );
    upload = given.upload;
    done += piece.reduce((sum, { file }) => sum + file.size, 0);
    progress(total === 0 ? 1 : done / total);
  }
  return { upload: upload as string };
}
