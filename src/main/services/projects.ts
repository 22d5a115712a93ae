/** The projects of this host: opens each folder once, makes new ones, and keeps the list of recent ones. */
import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ImportProgress, ImportReport, ProjectSummary, Settings, Task } from '../../shared/domain.ts';
import { accountName, openProject } from '../database/index.ts';
import type { Call, ImportOptions, OpenOptions, Project } from '../database/index.ts';
import { checkHasTexts, fillFromExchange, type TakeOptions } from '../exchange/index.ts';
import { findTask } from '../import/index.ts';
import { databaseStamp, readRecent, thawHome, writeRecent } from './recent.ts';
import type { RecentProject } from './recent.ts';
import { readSettings, writeSettings } from './settings.ts';
import { findSample, readSamples } from './samples.ts';
import type { Sample } from './samples.ts';

export interface Imported {
  project: ProjectSummary;
  report: ImportReport;
}

export interface Projects {
  /** Recently opened first; those whose folder is gone are left out. */
  list(): Promise<ProjectSummary[]>;
  samples(): Promise<Omit<Sample, 'file' | 'path'>[]>;
  createFromSample(id: string): Promise<ProjectSummary>;
  /** Makes a project of the file; none is left when the file cannot be imported. */
  createFromFile(file: ImportOptions & { name: string }, call?: Call<ImportProgress>): Promise<Imported>;
  /** Makes a project of the texts and labels of an exchange file; none is left when that fails. Throws not_enough_data. */
  createFromExchange(exchange: TakeOptions): Promise<ProjectSummary>;
  addFile(file: ImportOptions & { folder: string }, call?: Call<ImportProgress>): Promise<Imported>;
  /** The same Project for the same folder, for as long as it is open. Throws as openProject. */
  open(folder: string): Promise<Project>;
  /** Closes the project and takes it off the list; its files stay. */
  forget(folder: string): Promise<void>;
  closeAll(): Promise<void>;
  settings(): Promise<{ settings: Settings; account: string }>;
  /** Fields left out stay as they are; the open projects sign with the new name from now on. */
  changeSettings(change: Partial<Settings>): Promise<{ settings: Settings; account: string }>;
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

/** The list of recent projects, changed one change at a time. */
class RecentProjects {
  private readonly home: string;
  private last: Promise<unknown> = Promise.resolve();

  constructor(home: string) {
    this.home = home;
  }

  read(): Promise<RecentProject[]> {
    return readRecent(this.home);
  }

  private change(change: (recent: RecentProject[]) => RecentProject[]): Promise<void> {
    const mine = this.last.then(async () => writeRecent(this.home, change(await this.read())));
    this.last = mine.catch(() => undefined);
    return mine;
  }

  /** Notes the project's summary with the state of its database; one that is not on the list only comes onto it `toFront`. */
  async record(summary: ProjectSummary, toFront: boolean): Promise<void> {
    const { folder, openedAt } = summary;
    const entry = { folder, openedAt, summary, stamp: (await databaseStamp(folder)) ?? '' };
    await this.change((recent) => {
      const known = recent.findIndex((other) => other.folder === folder);
      if (known < 0 && !toFront) return recent;
      return recent.filter((other) => other.folder !== folder).toSpliced(toFront ? 0 : known, 0, entry);
    });
  }

  remove(folder: string): Promise<void> {
    return this.change((recent) => recent.filter((entry) => entry.folder !== folder));
  }
}

class HostProjects implements Projects {
  private readonly home: string;
  private readonly recent: RecentProjects;
  private readonly opened = new Map<string, Promise<Project>>();
  private knownSamples: Promise<Sample[]> | null = null;

  constructor(home: string) {
    this.home = home;
    this.recent = new RecentProjects(home);
  }

  async list(): Promise<ProjectSummary[]> {
    const summaries = await Promise.all((await this.recent.read()).map((entry) => this.presentSummary(entry)));
    return summaries.filter((summary) => summary !== null);
  }

  async samples(): Promise<Omit<Sample, 'file' | 'path'>[]> {
    return (await this.allSamples()).map(({ file: _, path: __, ...sample }) => sample);
  }

  async createFromSample(id: string): Promise<ProjectSummary> {
    const { name, task, attribution, path } = findSample(await this.allSamples(), id);
    return (await this.create({ name, task, attribution }, (project) => project.importFile({ file: path }))).project;
  }

  async createFromFile({ name, ...file }: ImportOptions & { name: string }, call?: Call<ImportProgress>): Promise<Imported> {
    const task = file.task ?? (await findTask(file.file, file.format ?? 'auto', file));
    return this.create({ name, task }, (project) => project.importFile(file, call));
  }

  async createFromExchange(exchange: TakeOptions): Promise<ProjectSummary> {
    const { name, task } = exchange.file.header;
    checkHasTexts(exchange.file, exchange.fileName);
    return (await this.create({ name, task }, (project) => fillFromExchange(project, exchange))).project;
  }

  async addFile({ folder, ...file }: ImportOptions & { folder: string }, call?: Call<ImportProgress>): Promise<Imported> {
    const project = await this.open(folder);
    const report = await project.importFile(file, call);
    return { project: await project.summary(), report };
  }

  async open(folder: string): Promise<Project> {
    const path = resolve(folder);
    const known = this.opened.get(path);
    if (known && (await known).isOpen()) return known;
    // Another caller may have opened it again meanwhile.
    const now = this.opened.get(path);
    return now && now !== known ? now : this.openAnew(path);
  }

  async forget(folder: string): Promise<void> {
    const path = resolve(folder);
    await this.close(path);
    await this.recent.remove(path);
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.opened.keys()].map((folder) => this.close(folder)));
  }

  async settings(): Promise<{ settings: Settings; account: string }> {
    return { settings: await readSettings(this.home), account: accountName() };
  }

  async changeSettings(change: Partial<Settings>): Promise<{ settings: Settings; account: string }> {
    const settings = { ...(await readSettings(this.home)), ...change };
    await writeSettings(this.home, settings);
    const open = await Promise.all([...this.opened.values()].map((opening) => opening.catch(() => null)));
    await Promise.all(open.map((project) => project?.isOpen() && project.signAs(settings.annotator || accountName())));
    return this.settings();
  }

  private allSamples(): Promise<Sample[]> {
    return (this.knownSamples ??= readSamples());
  }

  private openAnew(path: string, options: OpenOptions = {}): Promise<Project> {
    const opening = openProject(path, options).then(async (project) => {
      const { annotator } = await readSettings(this.home);
      if (annotator) await project.signAs(annotator);
      await this.recent.record(await project.summary(), true);
      return project;
    });
    this.opened.set(path, opening);
    opening.catch(() => this.opened.delete(path));
    return opening;
  }

  /** The stamp is taken after closing, which moves the write-ahead log into the database. */
  private async close(folder: string): Promise<void> {
    const project = await this.opened.get(folder)?.catch(() => undefined);
    this.opened.delete(folder);
    if (!project) return;
    const summary = project.isOpen() ? await project.summary() : null;
    await project.close();
    if (summary) await this.recent.record(summary, false);
  }

  /** The project's present summary; the last known one where it cannot be read, so that opening it can say why. */
  private async presentSummary({ folder, summary, stamp, openedAt }: RecentProject): Promise<ProjectSummary | null> {
    const now = await databaseStamp(folder);
    if (now === null) return null;
    const project = await this.opened.get(folder)?.catch(() => undefined);
    if (project?.isOpen()) return project.summary();
    if (now === stamp) return summary;
    try {
      const reader = await openProject(folder, { readonly: true });
      const present = await reader.summary().finally(() => reader.close());
      await this.recent.record({ ...present, openedAt }, false);
      return { ...present, openedAt };
    } catch {
      return summary;
    }
  }

  private async create<Report>(
    options: { name: string; task: Task; attribution?: string },
    fill: (project: Project) => Promise<Report>,
  ): Promise<{ project: ProjectSummary; report: Report }> {
    const folder = await makeFolder(join(this.home, 'projects'), options.name);
    try {
      const project = await this.openAnew(folder, { create: options });
      const report = await fill(project);
      const summary = await project.summary();
      await this.recent.record(summary, true);
      return { project: summary, report };
    } catch (error) {
      await this.forget(folder);
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }
}

export const openProjects = (home = thawHome()): Projects => new HostProjects(home);
