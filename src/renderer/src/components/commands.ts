/** What the command palette offers, given where the app is. */
import FolderOpen from '@lucide/svelte/icons/folder-open';
import House from '@lucide/svelte/icons/house';
import Keyboard from '@lucide/svelte/icons/keyboard';
import Moon from '@lucide/svelte/icons/moon';
import Plus from '@lucide/svelte/icons/plus';
import Upload from '@lucide/svelte/icons/upload';
import type { ProjectSummary } from '../../../shared/domain.ts';
import { pathTo, router } from '../router.svelte.ts';
import { overlays } from '../state/overlays.svelte.ts';
import { preferences } from '../state/preferences.svelte.ts';
import { destinations } from './navigation.ts';
import { countOf } from './words.ts';

export interface Command {
  id: string;
  group: 'Go to' | 'Do' | 'Projects';
  title: string;
  detail?: string;
  keys?: string[];
  icon: typeof House;
  run: () => void;
}

export function commandsFor(project: ProjectSummary | null, recent: ProjectSummary[]): Command[] {
  return [...(project ? screens(project) : []), home(), ...actions(project), ...projects(project, recent)];
}

/** Those with every word of `query` in their title, detail or group. */
export function matching<T extends Pick<Command, 'title' | 'detail' | 'group'>>(commands: T[], query: string): T[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return commands.filter(({ title, detail, group }) => {
    const text = `${title} ${detail ?? ''} ${group}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function screens({ folder }: ProjectSummary): Command[] {
  return destinations.map(({ screen, title, key, icon }) => ({
    id: `go-${screen}`,
    group: 'Go to',
    title,
    keys: ['G', key],
    icon,
    run: () => router.go(pathTo(folder, screen)),
  }));
}

function home(): Command {
  return { id: 'go-home', group: 'Go to', title: 'All projects', icon: House, run: () => router.go('#/') };
}

function actions(project: ProjectSummary | null): Command[] {
  const list: Command[] = [
    { id: 'new', group: 'Do', title: 'New project from a file…', icon: Plus, run: () => router.go('#/import') },
    {
      id: 'theme',
      group: 'Do',
      title: `Switch to ${preferences.isDark ? 'light' : 'dark'} theme`,
      icon: Moon,
      run: () => preferences.toggleTheme(),
    },
    { id: 'keyboard', group: 'Do', title: 'Keyboard shortcuts', keys: ['?'], icon: Keyboard, run: () => overlays.open('keyboard') },
  ];
  if (!project) return list;
  return [
    { id: 'import', group: 'Do', title: 'Import texts…', icon: Upload, run: () => router.go(pathTo(project.folder, 'import')) },
    ...list,
  ];
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
