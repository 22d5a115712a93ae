/** The keys of each screen: the keyboard sheet lists them, and the palette presses those that do something by themselves. */
import type { ProjectSummary, Task } from '../../../shared/domain.ts';
import type { Route } from '../router.svelte.ts';
import { MOD } from '../state/keys.ts';

interface Press {
  key: string;
  /** Ctrl, on macOS ⌘. */
  mod?: boolean;
  shift?: boolean;
}

export interface Shortcut {
  keys: string[];
  what: string;
  /** Only with more labels than this. */
  moreLabelsThan?: number;
  /** What the palette calls it, and which key it presses; left out where a key says nothing without its moment. */
  command?: string;
  press?: Press;
}

export interface ShortcutGroup {
  title: string;
  /** Where these keys work; none: everywhere. */
  routes: Route['name'][];
  /** In projects of these tasks; left out: of all. */
  tasks?: Task[];
  rows: Shortcut[];
}

const row = (keys: string[], what: string, command?: string, press?: Press): Shortcut => ({ keys, what, command, press });

export const shortcuts: ShortcutGroup[] = [
  {
    title: 'Everywhere',
    routes: [],
    rows: [
      row([MOD, 'K'], 'command palette'),
      row(['?'], 'this sheet'),
      row(['G', 'D'], 'data'),
      row(['G', 'L'], 'label'),
      row(['G', 'T'], 'train'),
      row(['G', 'R'], 'runs'),
      row(['G', 'M'], 'models'),
      row([MOD, ','], 'settings'),
      row([MOD, 'Z'], 'undo'),
      row([MOD, 'Shift', 'Z'], 'redo'),
      row(['F6'], 'next pane'),
      row(['Esc'], 'close, clear'),
    ],
  },
  {
    title: 'Data',
    routes: ['data'],
    rows: [
      row(['J', 'K'], 'next, previous'),
      row(['X'], 'choose for a change of many'),
      row(['Shift', '↑', '↓'], 'choose more'),
      row([MOD, 'A'], 'choose all', 'Choose all texts of the list', { key: 'a', mod: true }),
      row(['1–9'], 'set label (one a text)'),
      row(['↵'], 'open in labeler', 'Open the selected text in the labeler', { key: 'Enter' }),
      row(['Shift', '↵'], 'label what is listed', 'Label the texts that are listed', { key: 'Enter', shift: true }),
      row(['I'], 'inspector', 'Show or hide the inspector', { key: 'i' }),
      row(['/'], 'search', 'Search the texts', { key: '/' }),
      row(['↓'], 'from the search to the texts'),
      row(['V'], 'save view', 'Save the filter as a view', { key: 'v' }),
    ],
  },
  {
    title: 'Label',
    routes: ['label'],
    tasks: ['classification', 'multilabel'],
    rows: [
      row(['1–9'], 'choose label'),
      row(['↵'], 'keep and go on', 'Keep what is chosen and go on', { key: 'Enter' }),
      row(['S'], 'skip', 'Skip this text', { key: 's' }),
      row(['K'], 'a label that looks wrong is right'),
      row(['U'], 'unsure', 'Mark this text unsure, or not', { key: 'u' }),
      row(['N'], 'note', 'Write a note on this text', { key: 'n' }),
      row(['H'], 'hide suggestions', 'Show or hide suggestions', { key: 'h' }),
      row(['Q'], 'queue', 'Choose which texts come next', { key: 'q' }),
      row(['C'], 'learning curve', 'Show what more labels would bring', { key: 'c' }),
      row(['←', '→'], 'earlier, later'),
      { ...row(['/'], 'filter labels (over nine)', 'Filter the labels', { key: '/' }), moreLabelsThan: 9 },
    ],
  },
  {
    title: 'Entity spans',
    routes: ['label'],
    tasks: ['ner'],
    rows: [
      row(['←', '→'], 'word'),
      row(['Shift', '←', '→'], 'extend'),
      row([MOD, '←', '→'], 'next name or number'),
      row(['1–9'], 'make span'),
      row(['↵'], 'all types, or accept all suggested', 'Choose a type, or accept all suggested spans', { key: 'Enter' }),
      row(['Y'], 'accept suggested', 'Accept the suggested span, or all', { key: 'y' }),
      row(['H'], 'hide suggested', 'Show or hide suggested spans', { key: 'h' }),
      row(['[', ']'], 'widen, narrow'),
      row(['{', '}'], 'the same at the start'),
      row(['Tab'], 'next span'),
      row(['↑', '↓'], 'outer, inner'),
      row(['Alt', '1–9'], 'change type'),
      row(['Del'], 'remove, dismiss', 'Remove the span, or dismiss the suggested one', { key: 'Delete' }),
      row(['S'], 'skip', 'Skip this passage', { key: 's' }),
      row(['U'], 'unsure', 'Mark this passage unsure, or not', { key: 'u' }),
      row(['N'], 'note', 'Write a note on this passage', { key: 'n' }),
      row(['Q'], 'queue', 'Choose which passages come next', { key: 'q' }),
      row([MOD, '↵'], 'passage done', 'Passage done', { key: 'Enter', mod: true }),
      row(['PgUp', 'PgDn'], 'earlier, later'),
    ],
  },
  {
    title: 'Settle disagreements',
    routes: ['settle'],
    rows: [
      row(['1–9'], 'take an answer, or another label'),
      row(['↵'], 'take what is chosen (several labels, spans)'),
      row(['E'], 'mark words in the text (spans)', 'Mark words in the text', { key: 'e' }),
      row(['Esc'], 'back to the answers'),
      row(['←', '→'], 'earlier, later'),
      row(['PgUp', 'PgDn'], 'the same, from the text too'),
    ],
  },
  {
    title: 'Labels',
    routes: ['labels'],
    rows: [
      row(['J', 'K'], 'next, previous'),
      row(['E'], 'edit', 'Edit the label', { key: 'e' }),
      row(['Alt', '↑', '↓'], 'order'),
      row(['Del'], 'delete', 'Delete the label…', { key: 'Delete' }),
    ],
  },
  {
    title: 'Train',
    routes: ['train'],
    rows: [
      row(['↑', '↓'], 'layer'),
      row(['Space'], 'freeze or thaw'),
      row(['Shift', '↑', '↓'], 'carry the state on'),
      row([MOD, '↵'], 'start', 'Start training', { key: 'Enter', mod: true }),
    ],
  },
  {
    title: 'Runs',
    routes: ['runs'],
    rows: [row(['J', 'K'], 'next, previous'), row(['X'], 'select'), row(['C'], 'compare', 'Compare the two selected runs', { key: 'c' })],
  },
  {
    title: 'Review suggestions',
    routes: ['review'],
    rows: [
      row(['Y'], 'right', 'This suggestion is right', { key: 'y' }),
      row(['W'], 'wrong', 'This suggestion is wrong', { key: 'w' }),
      row(['1–9'], 'the label it should have (one a text)'),
      row(['←', '→'], 'earlier, later'),
    ],
  },
  {
    title: 'Compare',
    routes: ['compare'],
    rows: [
      row(['F'], 'fixed only', 'Show what was fixed', { key: 'f' }),
      row(['B'], 'broken only', 'Show what was broken', { key: 'b' }),
      row(['A'], 'all changed answers', 'Show all changed answers', { key: 'a' }),
    ],
  },
  {
    title: 'Models',
    routes: ['models'],
    rows: [row([MOD, 'E'], 'export', 'Export the model', { key: 'e', mod: true })],
  },
];

/** Those with a command that work on this screen. */
export function commandsOn(route: Route['name'], project: ProjectSummary | null): Shortcut[] {
  const labels = project?.labels.length ?? 0;
  return shortcuts
    .filter(({ routes, tasks }) => routes.includes(route) && (!tasks || (project && tasks.includes(project.task))))
    .flatMap(({ rows }) => rows.filter(({ press, moreLabelsThan = -1 }) => press && labels > moreLabelsThan));
}
