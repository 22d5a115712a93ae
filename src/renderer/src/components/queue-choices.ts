/** The orders in which texts can be labeled, each with a sentence of what it is for. */
import type { Task } from '../../../shared/domain.ts';
import type { QueueName } from '../router.svelte.ts';

export interface QueueChoice {
  name: QueueName;
  title: string;
  about: string;
}

const choices: readonly QueueChoice[] = [
  { name: 'unlabeled', title: 'In order', about: 'Texts without a label, as they were imported.' },
  {
    name: 'uncertain',
    title: 'Most uncertain',
    about: 'What is learned from your labels is least sure of these; one in ten is drawn at random.',
  },
  {
    name: 'diverse',
    title: 'Most different',
    about: 'As unlike the labeled texts, and each other, as there are; one in ten is drawn at random.',
  },
  {
    name: 'disagreement',
    title: 'Runs disagree',
    about: 'The two newest runs, or a run and what is learned meanwhile, answer differently.',
  },
  {
    name: 'random',
    title: 'Random',
    about: 'Drawn evenly, which measures how often suggestions are right; none is shown before your label.',
  },
  {
    name: 'suspects',
    title: 'Labels that look wrong',
    about: 'Labeled texts to which the other labels speak against their own, the likeliest error first.',
  },
  { name: 'all', title: 'All texts', about: 'Labeled ones too, as they were imported.' },
];

/** Of entities nobody can say how far apart two answers are. */
export const queueChoices = (task: Task): QueueChoice[] => choices.filter(({ name }) => task !== 'ner' || name !== 'disagreement');
