/** Whether two runs were measured on the same test set, by the snapshots that they saw. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { countOf } from '../../shared/counts.ts';
import type { SnapshotExample } from '../database/index.ts';

/** Test examples of a snapshot, each with what it was labeled. */
async function testSet(folder: string, snapshot: string): Promise<Map<number, string>> {
  const content = await readFile(join(folder, 'snapshots', `${snapshot}.json`), 'utf8');
  const { examples } = JSON.parse(content) as { examples: SnapshotExample[] };
  const test = examples.filter(({ split }) => split === 'test');
  return new Map(test.map(({ id, text, label, labels, spans }) => [id, JSON.stringify([text, label, labels, spans])]));
}

const texts = (count: number, did: string) => `${countOf(count, 'text')} ${did}`;

/** What changed in the test set from one snapshot to another, as a sentence; null: nothing. */
export async function testChange(folder: string, before: string, after: string): Promise<string | null> {
  if (before === after) return null;
  const [first, second] = [await testSet(folder, before), await testSet(folder, after)];
  const came = [...second.keys()].filter((id) => !first.has(id)).length;
  const left = [...first.keys()].filter((id) => !second.has(id)).length;
  const changed = [...first].filter(([id, said]) => second.has(id) && second.get(id) !== said).length;
  const parts = [
    ...(came > 0 ? [texts(came, 'came in')] : []),
    ...(left > 0 ? [texts(left, 'left')] : []),
    ...(changed > 0 ? [texts(changed, changed === 1 ? 'was changed' : 'were changed')] : []),
  ];
  if (parts.length === 0) return null;
  return `The test set changed between these runs: ${parts.join(', ')}. They are compared on the texts that both were measured on, as those are labeled now.`;
}
