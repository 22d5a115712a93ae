/** Files and folders that a page hands over for an import, kept until it lets them go or the host ends. */
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { ThawError } from '../../shared/errors.ts';

/** A file as a page has it: of a folder, with the path from that folder on (`reviews/good/1.txt`). */
export interface UploadPart {
  path: string;
  content: Blob;
}

/** What an import is of: something handed over, or a path on this machine. */
export type ImportSource = { upload: string } | { path: string };

export interface Uploads {
  /** Adds parts to an upload, or begins one. Throws wrong_format for a path that leads elsewhere, disk_full. */
  give(upload: string | null, parts: UploadPart[]): Promise<string>;
  /** The file or folder, and what the person calls it. Throws file_not_found. */
  find(source: ImportSource): Promise<{ file: string; fileName: string }>;
  drop(upload: string): Promise<void>;
  close(): Promise<void>;
}

/** The parts of a path below the upload's folder. */
function segmentsOf(path: string): string[] {
  const segments = path.split('/');
  if (segments.every((segment) => segment !== '' && segment !== '.' && segment !== '..' && !/[\\:\0]/.test(segment))) return segments;
  throw new ThawError({ code: 'wrong_format', message: `“${path}” is no path inside a folder.`, remedy: 'Choose the files again.' });
}

const gone = (): ThawError =>
  new ThawError({ code: 'file_not_found', message: 'The chosen file is not there any more.', remedy: 'Choose it again.' });

export function openUploads(home: string): Uploads {
  const folders = new Map<string, string>();

  async function folderOf(upload: string | null): Promise<[id: string, folder: string]> {
    if (upload !== null) {
      const known = folders.get(upload);
      if (!known) throw gone();
      return [upload, known];
    }
    await mkdir(home, { recursive: true });
    const id = randomUUID();
    const folder = await mkdtemp(join(home, 'incoming-'));
    folders.set(id, folder);
    return [id, folder];
  }

  return {
    async give(upload, parts) {
      const paths = parts.map(({ path }) => segmentsOf(path));
      const [id, folder] = await folderOf(upload);
      for (const [index, { content }] of parts.entries()) {
        const file = join(folder, ...paths[index]);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, content.stream());
      }
      return id;
    },
    async find(source) {
      if ('path' in source) {
        const file = resolve(source.path);
        await stat(file);
        return { file, fileName: basename(file) };
      }
      const folder = folders.get(source.upload);
      const [name] = folder ? await readdir(folder) : [];
      if (!folder || !name) throw gone();
      return { file: join(folder, name), fileName: name };
    },
    async drop(upload) {
      const folder = folders.get(upload);
      folders.delete(upload);
      if (folder) await rm(folder, { recursive: true, force: true });
    },
    async close() {
      await Promise.all([...folders.keys()].map((upload) => this.drop(upload)));
    },
  };
}
