/**
 * The host is killed while a person labels, and while a file is imported beside that: nothing acknowledged is lost, of an import nothing or
 * all is there, and the database is whole. THAW_KILLS asks for more kills than every test run does.
 */
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import SqliteDatabase from 'better-sqlite3';
import { expect, test } from 'vitest';
import { open, newProject, rows, temporaryFile, temporaryFolder } from './data-places.ts';
import { startKillableHost } from './kill-client.ts';
import { Labeler, nothing, randomNumbers, type Said } from './kill-labeler.ts';
import { addRun, addTexts, labeledProject, upTo, yes } from './suggestion-places.ts';

const kills = Number(process.env.THAW_KILLS ?? 6);
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

/** Texts of one step: enough pieces to be killed between any two of them. */
const approved = 4000;

/** Rejects where there was nothing to undo or redo. */
function somethingDone({ title }: { title: string | null }): void {
  if (title === null) throw new Error('There was nothing to take.');
}

/** Resolves when so many approvals are stored, or with `falling` so few, or the step is over before. */
async function reached(folder: string, count: number, falling: boolean, isOver: () => boolean): Promise<void> {
  const database = new SqliteDatabase(join(folder, 'project.db'), { readonly: true });
  const stored = database.prepare('SELECT count(*) FROM approval').pluck();
  for (;;) {
    const now = stored.get() as number;
    if (isOver() || (falling ? now <= count : now >= count)) break;
    await nextTurn();
  }
  database.close();
}

/** How many texts are labeled, and how many of those labels are approved suggestions. */
async function counts(folder: string): Promise<{ labeled: number; approvals: number }> {
  const reader = await open(folder);
  const { labeled } = await reader.summary();
  const { approvedLabels } = await reader.snapshot();
  await reader.close();
  return { labeled, approvals: approvedLabels };
}

test(
  `${kills} times killed in an approval of ${approved} suggestions, its undo or its redo, all of it is there or nothing`,
  async () => {
    const made = await labeledProject();
    await addTexts(made, approved, 'train');
    const run = await addRun(made);
    await made.addPredictions(
      run,
      'train',
      upTo(approved).map((id) => yes(id, 0.9)),
    );
    await made.close();
    const { folder } = made;
    const home = temporaryFolder();
    const random = randomNumbers(2);
    let isApproved = false;
    let interrupted = 0;
    for (let kill = 0; kill < kills; kill++) {
      const host = await startKillableHost(home);
      let isEnded = false;
      // Opened before, so that the time until the kill is the step's own.
      const { review } = await host.api.suggestions.review({ folder, run });
      const step = isApproved
        ? host.api.labels.undo({ folder }).then(somethingDone)
        : kill % 3 === 2
          ? host.api.labels.redo({ folder }).then(somethingDone)
          : ended(host.api.suggestions.approve({ folder, review, percent: 0, except: [] }));
      let isOver = false;
      void step.then(
        () => (isEnded = isOver = true),
        () => (isOver = true),
      );
      await reached(folder, Math.floor(approved * random()), isApproved, () => isOver);
      await host.kill();
      const { labeled, approvals } = await counts(folder);
      expect({ kill, labeled }).toEqual({ kill, labeled: approvals });
      expect(isEnded ? [isApproved ? 0 : approved] : [0, approved]).toContain(labeled);
      if (!isEnded) interrupted++;
      isApproved = labeled === approved;
      expect(integrity(folder)).toEqual([{ integrity_check: 'ok' }]);
    }
    expect(interrupted).toBeGreaterThan(0);
  },
  60_000 + kills * 5_000,
);
