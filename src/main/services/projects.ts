/** The projects of this host: opens each folder once, makes new ones, and keeps the list of recent ones. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { ImportReport, ProjectSummary, Task } from '../../shared/domain.ts';
import { openProject } from '../database/index.ts';
import type { ImportOptions, OpenOptions, Project } from '../database/index.ts';
import { findTask } from '../import/index.ts';
import { databaseStamp, readRecent, thawHome, writeRecent } from './recent.ts';
import { findSample, readSamples } from './samples.ts';
import type { Sample } from './samples.ts';

/** A file as a screen hands it over. */
export interface GivenFile extends Omit<ImportOptions, 'file' | 'fileName'> {
  fileName: string;
  content: Blob;
}

export interface Projects {
  /** Recently opened first; those whose folder is gone are left out. */
  list(): Promise<ProjectSummary[]>;
  samples(): Promise<Omit<Sample, 'file' | 'path'>[]>;
  createFromSample(id: string): Promise<ProjectSummary>;
  /** Makes a project of the file; none is left when the file cannot be imported. */
  createFromFile(file: GivenFile & { name: string; task?: Task }): Promise<{ project: ProjectSummary; report: ImportReport }>;
  addFile(file: GivenFile & { folder: string }): Promise<ImportReport>;
  /** The same Project for the same folder, for as long as it is open. Throws as openProject. */
  open(folder: string): Promise<Project>;
  /** Closes the project and takes it off the list; its files stay. */
  forget(folder: string): Promise<void>;
  closeAll(): Promise<void>;
}

const folderName = (name: string) =>
  name
    .normalize('NFKD')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase()
    .slice(0, 60) || 'project';

/** A new folder of that name under the parent, numbered where the name is taken. */
async function makeFolder(parent: string, name: string): Promise<string> {
  await mkdir(parent, { recursive: true });
  for (let number = 1; ; number++) {
    const folder = join(parent, number === 1 ? folderName(name) : `${folderName(name)}-${number}`);
    try {
      await mkdir(folder);
      return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** Writes the file where the import can read it, for as long as `use` takes. */
async function withFile<T>(home: string, { fileName, content }: GivenFile, use: (path: string) => Promise<T>): Promise<T> {
  await mkdir(home, { recursive: true });
  const folder = await mkdtemp(join(home, 'incoming-'));
  try {
    const path = join(folder, 'file');
    await writeFile(path, content.stream());
    return await use(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function importOptions({ fileName, format, text, label, header, split, strict }: GivenFile, path: string): ImportOptions {
  return { file: path, fileName: basename(fileName), format, text, label, header, split, strict };
}

export function openProjects(home = thawHome()): Projects {
  const opened = new Map<string, Promise<Project>>();
  let samples: Promise<Sample[]> | null = null;
  let listing: Promise<unknown> = Promise.resolve();

  const allSamples = () => (samples ??= readSamples());

  function openOnce(folder: string, options: OpenOptions = {}): Promise<Project> {
    const path = resolve(folder);
    const known = opened.get(path);
    if (known) return known.then((project) => (project.isOpen() ? project : reopen(path, options)));
    return reopen(path, options);
  }

  function reopen(path: string, options: OpenOptions): Promise<Project> {
    const opening = openProject(path, options).then(async (project) => {
      await remember(project, true);
      return project;
    });
    opened.set(path, opening);
    opening.catch(() => opened.delete(path));
    return opening;
  }

  /** One change of the list at a time. */
  function changeList(change: () => Promise<void>): Promise<void> {
    const mine = listing.then(change);
    listing = mine.catch(() => undefined);
    return mine;
  }

  function remember(project: Project, toFront: boolean): Promise<void> {
    return changeList(async () => {
      const stamp = (await databaseStamp(project.folder)) ?? '';
      const summary = await project.summary();
      const entry = { folder: project.folder, openedAt: summary.openedAt, summary, stamp };
      const recent = await readRecent(home);
      const others = recent.filter(({ folder }) => folder !== project.folder);
      const at = toFront ? 0 : Math.max(0, recent.findIndex(({ folder }) => folder === project.folder));
      await writeRecent(home, others.toSpliced(at, 0, entry));
    });
  }

  async function closeProject(folder: string): Promise<void> {
    const opening = opened.get(folder);
    opened.delete(folder);
    await opening?.then((project) => project.close(), () => undefined);
  }

  /** The project's present summary; the last known one where it cannot be read, so that opening it can say why. */
  async function presentSummary({ folder, summary, stamp, openedAt }: Awaited<ReturnType<typeof readRecent>>[number]): Promise<ProjectSummary | null> {
    const now = await databaseStamp(folder);
    if (now === null) return null;
    const project = await opened.get(folder)?.catch(() => undefined);
    if (project?.isOpen()) return project.summary();
    if (now === stamp) return summary;
    try {
      const reader = await openProject(folder, { readonly: true });
      try {
        await remember(reader, false);
        return { ...(await reader.summary()), openedAt };
      } finally {
        await reader.close();
      }
    } catch {
      return summary;
    }
  }

  async function create<T>(options: { name: string; task: Task; attribution?: string }, fill: (project: Project) => Promise<T>): Promise<{ project: ProjectSummary; result: T }> {
    const folder = await makeFolder(join(home, 'projects'), options.name);
    try {
      const project = await openOnce(folder, { create: options });
      const result = await fill(project);
      await remember(project, true);
      return { project: await project.summary(), result };
    } catch (error) {
      await forget(folder);
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  async function forget(folder: string): Promise<void> {
    const path = resolve(folder);
    await closeProject(path);
    await changeList(async () => writeRecent(home, (await readRecent(home)).filter((entry) => entry.folder !== path)));
  }

  return {
    list: async () => (await Promise.all((await readRecent(home)).map(presentSummary))).filter((summary) => summary !== null),
    samples: async () => (await allSamples()).map(({ id, name, task, description, attribution, examples }) => ({ id, name, task, description, attribution, examples })),
    createFromSample: async (id) => {
      const { name, task, attribution, path } = findSample(await allSamples(), id);
      const { project } = await create({ name, task, attribution }, (opening) => opening.importFile({ file: path }));
      return project;
    },
    createFromFile: (file) =>
      withFile(home, file, async (path) => {
        const task = file.task ?? (await findTask(path, file.format ?? 'auto', file.fileName));
        const { project, result } = await create({ name: file.name, task }, (opening) => opening.importFile(importOptions(file, path)));
        return { project, report: result };
      }),
    addFile: (file) => withFile(home, file, async (path) => (await openOnce(file.folder)).importFile(importOptions(file, path))),
    open: (folder) => openOnce(folder),
    forget,
    closeAll: async () => {
      await Promise.all([...opened.values()].map((opening) => opening.then((project) => remember(project, false), () => undefined).catch(() => undefined)));
      await Promise.all([...opened.keys()].map(closeProject));
    },
  };
}
