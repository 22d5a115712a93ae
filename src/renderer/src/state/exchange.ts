/** Exchange files on their way in: a person chooses one, and the host takes it in or makes a project of it. */
import type { TakenReport } from '../../../shared/domain.ts';
import { api } from '../api.ts';
import { pathTo, router } from '../router.svelte.ts';
import { handOver, type ChosenFiles, type ImportSource } from './chosen-files.ts';
import { attempt } from './messages.svelte.ts';
import { project } from './project.svelte.ts';

/** By how such a file begins. */
async function isExchangeFile({ parts }: ChosenFiles): Promise<boolean> {
  if (parts.length !== 1) return false;
  return (await parts[0].file.slice(0, 64).text()).startsWith('{"thaw":"exchange"');
}

async function handed<T>(files: ChosenFiles, work: (source: ImportSource) => Promise<T>): Promise<T> {
  const source = await handOver(files, () => {}, new AbortController().signal);
  try {
    return await work(source);
  } finally {
    if ('upload' in source) await api.files.drop({ upload: source.upload });
  }
}

/** `as`: whose answers these are; null: as the file says. */
export const takeAnswers = (folder: string, files: ChosenFiles, as: string | null): Promise<TakenReport> =>
  handed(files, (source) => api.annotators.take({ folder, source, as }));

/** Texts that another annotator sent become a project of their own at once, wherever they are dropped. False: it is no such file. */
export async function openedAsSent(files: ChosenFiles): Promise<boolean> {
  if (!(await isExchangeFile(files))) return false;
  const made = await attempt(() => handed(files, (source) => api.annotators.open({ source })));
  if (made) {
    project.set(made);
    router.go(pathTo(made.folder));
  }
  return true;
}
