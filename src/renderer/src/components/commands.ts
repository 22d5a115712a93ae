/** What the command palette offers, given where the app is. */
import ArrowRight from '@lucide/svelte/icons/arrow-right';
import FolderOpen from '@lucide/svelte/icons/folder-open';
import House from '@lucide/svelte/icons/house';
import Keyboard from '@lucide/svelte/icons/keyboard';
import Layers from '@lucide/svelte/icons/layers';
import Moon from '@lucide/svelte/icons/moon';
import Plus from '@lucide/svelte/icons/plus';
import Redo2 from '@lucide/svelte/icons/redo-2';
import Sparkles from '@lucide/svelte/icons/sparkles';
import CheckCheck from '@lucide/svelte/icons/check-check';
import Scale from '@lucide/svelte/icons/scale';
import Settings from '@lucide/svelte/icons/settings';
import Tag from '@lucide/svelte/icons/tag';
import Tags from '@lucide/svelte/icons/tags';
import Undo2 from '@lucide/svelte/icons/undo-2';
import Stethoscope from '@lucide/svelte/icons/stethoscope';
import Users from '@lucide/svelte/icons/users';
import Upload from '@lucide/svelte/icons/upload';
import ChartLine from '@lucide/svelte/icons/chart-line';
import fuzzysort from 'fuzzysort';
import type { ProjectSummary, Run } from '../../../shared/domain.ts';
import { percent } from '../domain/numbers.ts';
import { pathTo, router, settingsPath, type Route } from '../router.svelte.ts';
import { history } from '../state/history.svelte.ts';
import { isMac, MOD } from '../state/keys.ts';
import { carriers } from '../state/labels.ts';
import { headlineMetric } from '../state/metrics.ts';
import { overlays } from '../state/overlays.svelte.ts';
import { preferences } from '../state/preferences.svelte.ts';
import { suggesting } from '../state/suggesting.svelte.ts';
import { destinations } from './navigation.ts';
import { queueChoices } from './queue-choices.ts';
import { commandsOn, type Shortcut } from './shortcuts.ts';
import { countOf } from './words.ts';

type Group = 'Suggested' | 'On this screen' | 'Go to' | 'Do' | 'Labels' | 'Runs' | 'Projects';

export interface Command {
  id: string;
  group: Group;
  title: string;
  detail?: string;
  keys?: string[];
  icon: typeof House;
  run: () => void;
}

export interface Surroundings {
  route: Route;
  project: ProjectSummary | null;
  recent: ProjectSummary[];
  runs: Run[];
}

export function commandsFor({ route, project, recent, runs }: Surroundings): Command[] {
  return [
    ...(project ? suggested(project, runs) : []),
    ...onScreen(route, project),
    ...(project ? screens(project) : []),
    ...everywhere(project),
    ...actions(project),
    ...(project ? queues(project) : []),
    ...(project ? suggestions(project, runs) : []),
    ...(project ? labels(project) : []),
    ...(project ? runsOf(project, runs) : []),
    ...projects(project, recent),
  ];
}

/** All of them without a query, in their groups; else those that have its letters in their order, the best first. */
export function matching<T extends Pick<Command, 'title' | 'detail' | 'group'>>(commands: T[], query: string): T[] {
  if (query.trim() === '') return commands;
  const keys = ['title', ({ detail }: T) => detail, ({ group, title }: T) => `${group} ${title}`] as const;
  return fuzzysort.go(query, commands, { keys, limit: 50, threshold: 0.3 }).map(({ obj }) => obj);
}

function suggested({ folder, examples, labeled }: ProjectSummary, runs: Run[]): Command[] {
  const go = (id: string, title: string, detail: string, icon: typeof House, path: string): Command => ({
    id: `suggested-${id}`,
    group: 'Suggested',
    title,
    detail,
    icon,
    run: () => router.go(path),
  });
  const [last, before] = runs.filter(({ status }) => status === 'finished').toReversed();
  return [
    ...(labeled < examples
      ? [go('label', 'Label the next text', `${countOf(examples - labeled, 'text')} without a label`, Tag, pathTo(folder, 'label'))]
      : []),
    ...(labeled > 0 ? [go('train', 'Train on what is labeled', countOf(labeled, 'text'), Layers, pathTo(folder, 'train'))] : []),
    ...(last && before
      ? [go('compare', `Compare ${before.name} with ${last.name}`, '', Scale, pathTo(folder, 'compare', before.run, last.run))]
      : []),
  ];
}

function onScreen(route: Route, project: ProjectSummary | null): Command[] {
  return commandsOn(route.name, project).map((shortcut) => ({
    id: `key-${shortcut.command}`,
    group: 'On this screen',
    title: shortcut.command ?? shortcut.what,
    keys: shortcut.keys,
    icon: ArrowRight,
    run: () => press(shortcut),
  }));
}

/** As if the key had been pressed where the focus is, or on the page where that is none of the screen's. */
function press({ press: given }: Shortcut): void {
  if (!given) return;
  const mod = given.mod ?? false;
  const focused = document.activeElement?.closest('main.page') ? document.activeElement : document.body;
  const event = { key: given.key, shiftKey: given.shift, ctrlKey: mod && !isMac, metaKey: mod && isMac, bubbles: true, cancelable: true };
  focused?.dispatchEvent(new KeyboardEvent('keydown', event));
}

function screens({ folder, task }: ProjectSummary): Command[] {
  const list = destinations.map(({ screen, title, key, icon }): Command => ({
    id: `go-${screen}`,
    group: 'Go to',
    title,
    keys: ['G', key],
    icon,
    run: () => router.go(pathTo(folder, screen)),
  }));
  const title = task === 'ner' ? 'Entity types' : 'Labels';
  return [
    ...list,
    { id: 'go-labels', group: 'Go to', title, icon: Tags, run: () => router.go(pathTo(folder, 'labels')) },
    { id: 'go-annotators', group: 'Go to', title: 'Annotators', icon: Users, run: () => router.go(pathTo(folder, 'annotators')) },
  ];
}

function everywhere(project: ProjectSummary | null): Command[] {
  const folder = project?.folder ?? null;
  return [
    { id: 'go-settings', group: 'Go to', title: 'Settings', keys: [MOD, ','], icon: Settings, run: () => router.go(settingsPath(folder)) },
    { id: 'go-home', group: 'Go to', title: 'All projects', icon: House, run: () => router.go('#/') },
  ];
}

function actions(project: ProjectSummary | null): Command[] {
  const theme = `Switch to ${preferences.isDark ? 'light' : 'dark'} theme`;
  const list: Command[] = [
    { id: 'new', group: 'Do', title: 'New project from a file…', icon: Plus, run: () => router.go('#/import') },
    { id: 'theme', group: 'Do', title: theme, icon: Moon, run: () => preferences.toggleTheme() },
    { id: 'keyboard', group: 'Do', title: 'Keyboard shortcuts', keys: ['?'], icon: Keyboard, run: () => overlays.open('keyboard') },
  ];
  if (!project) return list;
  const undo = { keys: [MOD, 'Z'], icon: Undo2, run: () => void history.back('undo') };
  const redo = { keys: [MOD, 'Shift', 'Z'], icon: Redo2, run: () => void history.back('redo') };
  return [
    { id: 'undo', group: 'Do', title: 'Undo', ...undo },
    { id: 'redo', group: 'Do', title: 'Redo', ...redo },
    { id: 'check', group: 'Do', title: 'Check the data', icon: Stethoscope, run: () => router.go(pathTo(project.folder, 'check')) },
    { id: 'import', group: 'Do', title: 'Import texts…', icon: Upload, run: () => router.go(pathTo(project.folder, 'import')) },
    ...list,
  ];
}

/** Which texts to label next. */
function queues({ folder, task }: ProjectSummary): Command[] {
  return queueChoices(task).map(({ name, title, about }) => ({
    id: `queue-${name}`,
    group: 'Do',
    title: `Queue: ${title.toLowerCase()}`,
    detail: about,
    icon: Tag,
    run: () => router.go(pathTo(folder, 'label', name)),
  }));
}

/** Of the newest finished run. */
function suggestions({ folder, examples, labeled }: ProjectSummary, runs: Run[]): Command[] {
  const newest = runs.findLast(({ status }) => status === 'finished');
  if (!newest || labeled >= examples) return [];
  const { run, name } = newest;
  return [
    {
      id: 'suggest',
      group: 'Do',
      title: 'Suggest labels for the texts that wait',
      detail: name,
      icon: Sparkles,
      run: () => void suggesting.make(folder, run),
    },
    {
      id: 'review',
      group: 'Go to',
      title: 'Review suggestions',
      detail: name,
      icon: CheckCheck,
      run: () => router.go(pathTo(folder, 'review', run)),
    },
  ];
}

function labels({ folder, task, labels: list }: ProjectSummary): Command[] {
  return list.map(({ id, name, count }) => ({
    id: `label-${id}`,
    group: 'Labels',
    title: name,
    detail: carriers(task, count),
    icon: Tag,
    run: () => router.go(pathTo(folder, 'labels', id)),
  }));
}

/** The latest first. */
function runsOf({ folder }: ProjectSummary, runs: Run[]): Command[] {
  return runs.toReversed().map((run) => {
    const headline = run.validation ? headlineMetric(run.validation) : null;
    return {
      id: `run-${run.run}`,
      group: 'Runs',
      title: run.name,
      detail: headline ? `${percent(headline.value)} ${headline.title}` : run.status,
      icon: ChartLine,
      run: () => router.go(pathTo(folder, 'runs', run.run)),
    };
  });
}

function projects(current: ProjectSummary | null, recent: ProjectSummary[]): Command[] {
  return recent
    .filter(({ folder }) => folder !== current?.folder)
    .map(({ folder, name, examples }) => ({
      id: `project-${folder}`,
      group: 'Projects',
      title: name,
      detail: countOf(examples, 'text'),
      icon: FolderOpen,
      run: () => router.go(pathTo(folder)),
    }));
}
