/** A project's screens as the rail and the palette list them. */
import Box from '@lucide/svelte/icons/box';
import ChartLine from '@lucide/svelte/icons/chart-line';
import Database from '@lucide/svelte/icons/database';
import Layers from '@lucide/svelte/icons/layers';
import Tag from '@lucide/svelte/icons/tag';
import type { Route, Screen } from '../router.svelte.ts';

export const destinations = [
  { screen: 'data', title: 'Data', key: 'D', icon: Database },
  { screen: 'label', title: 'Label', key: 'L', icon: Tag },
  { screen: 'train', title: 'Train', key: 'T', icon: Layers },
  { screen: 'runs', title: 'Runs', key: 'R', icon: ChartLine },
  { screen: 'models', title: 'Models', key: 'M', icon: Box },
] as const satisfies { screen: Screen; title: string; key: string; icon: unknown }[];

const belongsTo: Partial<Record<Route['name'], Screen>> = {
  data: 'data',
  check: 'data',
  review: 'data',
  'project-import': 'data',
  annotators: 'data',
  settle: 'data',
  label: 'label',
  labels: 'label',
  train: 'train',
  runs: 'runs',
  run: 'runs',
  compare: 'runs',
  models: 'models',
};

/** The rail's entry a route belongs to. */
export function destinationOf(route: Route): (typeof destinations)[number] | null {
  return destinations.find((destination) => destination.screen === belongsTo[route.name]) ?? null;
}
