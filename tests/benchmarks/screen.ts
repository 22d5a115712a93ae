/** What the built app's screens take in Chromium with a large project: frames while scrolling, and a labeling key to the next text. */
import type { CDPSession, Page } from 'playwright-core';
import { startApp } from '../e2e/app.ts';
import { limitRow, type Row } from './table.ts';

interface TraceEvent {
  name: string;
  ph: string;
  ts: number;
  dur?: number;
  /** Of it, what the thread computed. */
  tdur?: number;
  tid: number;
  pid: number;
  args?: { name?: string };
}

const percentile = (values: number[], share: number) => values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1];

/** What Chromium traced while `work` went on. */
async function trace(session: CDPSession, work: () => Promise<void>): Promise<TraceEvent[]> {
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  const ended = new Promise<void>((resolve) => session.once('Tracing.tracingComplete', () => resolve()));
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['disabled-by-default-devtools.timeline', 'devtools.timeline', 'toplevel', '__metadata'] },
  });
  await work();
  await session.send('Tracing.end');
  await ended;
  return events;
}

/** Milliseconds of processor time that the page's main thread takes between each frame and the next: other programs do not count. */
function workPerFrame(events: TraceEvent[]): number[] {
  const main = events.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain');
  const threads = main.map(({ pid, tid }) => `${pid}/${tid}`);
  const frames = events.filter(({ name, pid, tid }) => name === 'Commit' && threads.includes(`${pid}/${tid}`));
  // The page that was scrolled is the one that drew most.
  const busiest = threads.toSorted((a, b) => count(frames, b) - count(frames, a))[0];
  const starts = frames.filter((event) => threadOf(event) === busiest).map(({ ts }) => ts);
  const tasks = events.filter((event) => event.name === 'RunTask' && event.ph === 'X' && threadOf(event) === busiest);
  const work = starts.map(() => 0);
  for (const { ts, dur = 0, tdur = dur } of tasks) {
    // A frame is committed within its task.
    const frame = starts.findLastIndex((start) => start <= ts + dur);
    if (frame >= 0) work[frame] += tdur / 1000;
  }
  return work.slice(0, -1);
}

const threadOf = ({ pid, tid }: TraceEvent) => `${pid}/${tid}`;
const count = (events: TraceEvent[], thread: string) => events.filter((event) => threadOf(event) === thread).length;

/** Run in the page, which has types of its own. */
const dragTo = (share: number) => `new Promise((resolve) => {
  const region = document.querySelector('[role=region][aria-label=Texts]');
  region.scrollTop = ${share} * region.scrollHeight;
  requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
})`;

/** Milliseconds from the keys that label the text to the first frame that shows another one. */
const labelOnce = `new Promise((resolve) => {
  const text = () => document.querySelector('[aria-label="Text to label"]')?.innerText ?? '';
  const before = text();
  const began = performance.now();
  const look = () => {
    if (text() === before) setTimeout(look, 0);
    else requestAnimationFrame(() => resolve(performance.now() - began));
  };
  for (const [key, code] of [['1', 'Digit1'], ['Enter', 'Enter']])
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key, code, bubbles: true }));
  look();
})`;

async function scrollFrames(page: Page): Promise<Row[]> {
  const region = page.getByRole('region', { name: 'Texts' });
  await region.locator('tbody .txtcell').nth(10).waitFor();
  await region.hover();
  const session = await page.context().newCDPSession(page);
  const wheel = await trace(session, async () => {
    for (let step = 0; step < 200; step++) {
      await page.mouse.wheel(0, 120);
      await page.evaluate('new Promise(requestAnimationFrame)');
    }
  });
  const drag = await trace(session, async () => {
    for (let step = 1; step <= 60; step++) await page.evaluate(dragTo(step / 61));
  });
  await region.press('End');
  await region.locator('tbody tr:not(.gap)').last().locator('.txtcell').waitFor();
  return [
    limitRow('main thread a frame, wheel, p95', 'ms', percentile(workPerFrame(wheel), 0.95), 8),
    limitRow('main thread a frame, scrollbar dragged through all rows, p95', 'ms', percentile(workPerFrame(drag), 0.95), 8),
  ];
}

/** From the key that labels a text to the next text on screen. */
async function labelKeys(page: Page, times: number): Promise<number[]> {
  const text = page.getByRole('article', { name: 'Text to label' });
  await text.waitFor();
  const waits: number[] = [];
  for (let time = 0; time < times; time++) {
    await page.waitForTimeout(60);
    waits.push(await page.evaluate<number>(labelOnce));
  }
  return waits;
}

export async function measureScreen(project: string): Promise<Row[]> {
  const app = await startApp();
  try {
    const page = await app.page(`#/p/${encodeURIComponent(project)}/data`);
    const rows = await scrollFrames(page);
    await page.goto(`${app.url}#/p/${encodeURIComponent(project)}/label`);
    const waits = await labelKeys(page, 60);
    return [...rows, limitRow('a labeling key to the next text, p95 of 60', 'ms', percentile(waits, 0.95), 50)];
  } finally {
    await app.close();
  }
}
