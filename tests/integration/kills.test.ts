/**
 * The host is killed while a person labels, and while a file is imported beside that: nothing acknowledged is lost, of an import nothing or
 * all is there, and the database is whole. THAW_KILLS asks for more kills than every test run does.
 */
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { expect, test } from 'vitest';
import { open, newProject, rows, temporaryFile, temporaryFolder } from './data-places.ts';
import { startKillableHost } from './kill-client.ts';
import { Labeler, nothing, type Said } from './kill-labeler.ts';

const kills = Number(process.env.THAW_KILLS ?? 10);
const texts = 30;
/** Texts of the file that is imported while labeling: enough to be under way when the host is killed. */
const imported = 20_000;

async function project(): Promise<string> {
  const made = await newProject();
  await made.importFile({ file: temporaryFile('a.csv', `text\n${Array.from({ length: texts }, (_, n) => `text ${n}`).join('\n')}\n`) });
  for (const label of ['no', 'yes']) await made.createLabel(label);
  await made.close();
  return made.folder;
}

/** What the disk has of the labeled texts, and how many texts there are. */
async function onDisk(folder: string): Promise<{ said: (id: number) => Said; examples: number }> {
  const reader = await open(folder);
  const found = await reader.examples(Array.from({ length: texts }, (_, index) => index + 1));
  const { examples } = await reader.summary();
  await reader.close();
  const said = new Map(
    found.map(({ id, annotation, skipped, remark }) => [id, { label: annotation.label, skipped, note: remark?.note ?? '' }]),
  );
  return { said: (id) => said.get(id) ?? nothing, examples };
}

const integrity = (folder: string) => {
  const database = new SqliteDatabase(join(folder, 'project.db'), { readonly: true });
  const answer = [...(database.pragma('integrity_check') as object[]), ...(database.pragma('foreign_key_check') as object[])];
  database.close();
  return answer;
};

/** Resolves when the import has ended. */
async function ended(events: Promise<AsyncIterable<unknown>>): Promise<void> {
  for await (const event of await events) void event;
}

test(
  `${kills} times killed, nothing acknowledged is lost`,
  async () => {
    const folder = await project();
    const home = temporaryFolder();
    const file = temporaryFile('b.csv', rows(imported));
    const labeler = new Labeler(texts, 1);
    let there = texts;
    for (let kill = 0; kill < kills; kill++) {
      const host = await startKillableHost(home);
      const importing = kill % 2 === 1;
      let isEnded = false;
      let pending: ReturnType<Labeler['next']>;
      try {
        if (importing)
          void ended(host.api.data.add({ folder, source: { path: file }, format: 'csv' })).then(
            () => (isEnded = true),
            () => undefined,
          );
        const acknowledge = 5 + labeler.pick(40);
        for (let done = 0; done < acknowledge; done++) {
          const step = labeler.next();
          await step.call(host.api, folder);
          step.acknowledged();
        }
        // One more is on its way when the host dies.
        pending = labeler.next();
        pending.call(host.api, folder).catch(() => undefined);
      } finally {
        await host.kill();
      }

      const { said, examples } = await onDisk(folder);
      labeler.settle(pending, said);
      for (let id = 1; id <= texts; id++) expect({ kill, id, ...said(id) }).toEqual({ kill, id, ...labeler.saidOf(id) });
      if (importing) expect([...(isEnded ? [] : [there]), there + imported]).toContain(examples);
      there = examples;
      expect(integrity(folder)).toEqual([{ integrity_check: 'ok' }]);
    }
  },
  60_000 + kills * 5_000,
);
