/** Temporary folders and files for the data tests. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { openProject } from '../../src/main/database/index.ts';
import type { Task } from '../../src/shared/domain.ts';
import type { OpenOptions, Project } from '../../src/main/database/index.ts';

const folders: string[] = [];
const projects: Project[] = [];

/** A new folder, removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'thaw-data-'));
  folders.push(folder);
  return folder;
}

export function temporaryFile(name: string, content: string | Uint8Array): string {
  const file = join(temporaryFolder(), name);
  writeFileSync(file, content);
  return file;
}

/** Opened as the test says, closed after it. */
export async function open(folder: string, options?: OpenOptions): Promise<Project> {
  const project = await openProject(folder, options);
  projects.push(project);
  return project;
}

export const newProject = (task: Task = 'classification', options: OpenOptions = {}): Promise<Project> =>
  open(temporaryFolder(), { create: { task, name: 'Test' }, ...options });

/** `count` distinct rows, of `labels` in turn. */
export function rows(count: number, labels = ['no', 'yes']): string {
  const lines = Array.from({ length: count }, (_, index) => `this is text number ${index},${labels[index % labels.length]}`);
  return `text,label\n${lines.join('\n')}\n`;
}

afterEach(async () => {
  await Promise.all(projects.splice(0).map((project) => project.close()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
