import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openProjects } from '../../src/main/services/projects.ts';
import type { Projects } from '../../src/main/services/projects.ts';
import { temporaryFile, temporaryFolder } from './data-places.ts';

const hosts: Projects[] = [];

function host(home: string): Projects {
  const projects = openProjects(home);
  hosts.push(projects);
  return projects;
}

afterEach(async () => {
  await Promise.all(hosts.splice(0).map((projects) => projects.closeAll()));
});

test('the samples come with their attribution, and each makes a project', async () => {
  const projects = host(temporaryFolder());
  const samples = await projects.samples();
  expect(samples.map(({ id, task, examples }) => [id, task, examples])).toEqual([
    ['sentiment', 'classification', 2838],
    ['topics', 'classification', 2500],
    ['entities', 'ner', 1696],
  ]);
  for (const { id, task, examples, attribution } of samples) {
    expect(attribution).toContain('CC BY');
    expect(await projects.createFromSample(id)).toMatchObject({ task, examples, labeled: examples, attribution });
  }
  expect((await projects.list()).map(({ name }) => name)).toEqual(['Entities', 'Topics', 'Sentiment']);
  await expect(projects.createFromSample('weather')).rejects.toMatchObject({ code: 'unknown_option' });
});

test('the list outlives the host, knows what changed elsewhere, and leaves out what is gone', async () => {
  const home = temporaryFolder();
  const first = host(home);
  const file = { file: temporaryFile('a.csv', 'text,label\none,a\ntwo,b\n') };
  const { project, report } = await first.createFromFile({ name: 'Ä first / try', ...file });
  const second = await first.createFromFile({ name: 'Ä first / try', ...file });
  expect(report).toMatchObject({ imported: 2 });
  expect(second.project.folder).not.toBe(project.folder);
  await expect(host(home).open(project.folder)).rejects.toMatchObject({ code: 'project_in_use' });
  await first.closeAll();

  const later = host(home);
  expect(await later.list()).toEqual([second.project, project]);
  expect(await later.open(project.folder)).toBe(await later.open(`${project.folder}/`));
  await later.addFile({ folder: project.folder, file: temporaryFile('b.csv', 'text,label\nthree,c\n') });
  expect(await host(home).list()).toMatchObject([{ folder: project.folder, examples: 3 }, { examples: 2 }]);
  await later.forget(project.folder);
  expect(existsSync(project.folder)).toBe(true);
  expect(await later.list()).toHaveLength(1);
  rmSync(second.project.folder, { recursive: true });
  expect(await later.list()).toEqual([]);
});

test('a file that cannot be imported leaves no project', async () => {
  const home = temporaryFolder();
  const projects = host(home);
  const file = temporaryFile('bad.csv', new Uint8Array([0x74, 0x65, 0x78, 0x74, 0x0a, 0xff]));
  await expect(projects.createFromFile({ name: 'bad', file, fileName: 'bad.csv', task: 'classification' })).rejects.toMatchObject({
    code: 'wrong_encoding',
    place: { file: 'bad.csv', byte: 5 },
  });
  expect(await projects.list()).toEqual([]);
  expect(readdirSync(join(home, 'projects'))).toEqual([]);
  expect(readdirSync(home).sort()).toEqual(['projects', 'recent.json']);
});
