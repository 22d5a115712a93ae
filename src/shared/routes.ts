/** The app's addresses, kept in the hash: text to route and back. */
export type Screen =
  | 'data'
  | 'check'
  | 'import'
  | 'label'
  | 'labels'
  | 'settings'
  | 'train'
  | 'runs'
  | 'compare'
  | 'models'
  | 'annotators'
  | 'settle'
  | 'review';

/** The orders in which texts are labeled. */
export const queueNames = ['unlabeled', 'uncertain', 'diverse', 'disagreement', 'random', 'suspects', 'all', 'found'] as const;
export type QueueName = (typeof queueNames)[number];

/** Where labeling begins: with an example among all, or with a queue; both null: the queue that was gone through last. */
export interface LabelPlace {
  example: number | null;
  queue: QueueName | null;
  /** Of the queue `found`: the filter, as query.ts writes it. */
  query?: string;
}

export type Route =
  | { name: 'home' }
  | { name: 'import' }
  | { name: 'check' | 'project-import' | 'train' | 'runs'; folder: string }
  /** `query`: the filter, as query.ts writes it; empty: all texts. */
  | { name: 'data'; folder: string; query: string }
  | { name: 'annotators' | 'settle'; folder: string }
  | { name: 'labels'; folder: string; label: number | null }
  /** Outside a project: null. */
  | { name: 'settings'; folder: string | null }
  | ({ name: 'label'; folder: string } & LabelPlace)
  | { name: 'run'; folder: string; run: string }
  | { name: 'models' | 'review'; folder: string; run: string | null }
  | { name: 'compare'; folder: string; first: string; second: string }
  | { name: 'unknown'; path: string };

export function parseRoute(hash: string): Route {
  const path = hash.replace(/^#\/?/, '');
  const unknown: Route = { name: 'unknown', path };
  let parts: string[];
  try {
    parts = path.split('/').filter(Boolean).map(decodeURIComponent);
  } catch {
    return unknown;
  }
  const [head, folder, screen, ...rest] = parts;
  if (head === undefined) return { name: 'home' };
  if (head === 'import' && parts.length === 1) return { name: 'import' };
  if (head === 'settings' && parts.length === 1) return { name: 'settings', folder: null };
  if (head !== 'p' || folder === undefined) return unknown;
  return projectRoute(folder, screen ?? 'data', rest) ?? unknown;
}

function projectRoute(folder: string, screen: string, rest: string[]): Route | null {
  const [first, second] = rest;
  if (rest.length === 0) {
    if (screen === 'data') return { name: 'data', folder, query: '' };
    if (screen === 'check' || screen === 'train' || screen === 'runs' || screen === 'settings') return { name: screen, folder };
    if (screen === 'annotators' || screen === 'settle') return { name: screen, folder };
    if (screen === 'import') return { name: 'project-import', folder };
    if (screen === 'label') return { name: 'label', folder, example: null, queue: null };
    if (screen === 'labels') return { name: 'labels', folder, label: null };
    if (screen === 'models' || screen === 'review') return { name: screen, folder, run: null };
  }
  if (rest.length === 1) {
    if (screen === 'data') return { name: 'data', folder, query: first };
    if (screen === 'label') return labelRoute(folder, first);
    if (screen === 'labels' && /^\d+$/.test(first)) return { name: 'labels', folder, label: Number(first) };
    if (screen === 'runs') return { name: 'run', folder, run: first };
    if (screen === 'models' || screen === 'review') return { name: screen, folder, run: first };
  }
  if (rest.length === 2 && screen === 'label' && first === 'found')
    return { name: 'label', folder, example: null, queue: 'found', query: second };
  if (rest.length === 2 && screen === 'compare') return { name: 'compare', folder, first, second };
  return null;
}

/** Of an example, by its id, or of a queue. */
function labelRoute(folder: string, what: string): Route | null {
  if (/^\d+$/.test(what)) return { name: 'label', folder, example: Number(what), queue: null };
  const queue = queueNames.find((name) => name === what);
  return queue ? { name: 'label', folder, example: null, queue } : null;
}

/** The address of a project's screen, e.g. `pathTo(folder, 'compare', a, b)`. */
export function pathTo(folder: string, screen: Screen = 'data', ...rest: (string | number)[]): string {
  return `#/p/${[folder, screen, ...rest].map((part) => encodeURIComponent(part)).join('/')}`;
}

/** Settings, beside the open project where there is one. */
export const settingsPath = (folder: string | null): string => (folder === null ? '#/settings' : pathTo(folder, 'settings'));
