/** What is suggested for a text: by the newest run that predicted it, or by the head that learns meanwhile, where that clearly knows more. */
import type { Suggested, Suggestion } from '../../../shared/domain.ts';
import type { Project, SuggestionFacts } from '../../database/index.ts';
import { answersOf } from './answers.ts';
import type { Course } from './course.ts';
import type { Learner } from './learner.ts';

/** A run that saw fewer than this share of today's labels knows clearly less. */
const CLEARLY_LESS = 0.8;

/** Nothing for a text that was drawn at random, until it is labeled: whoever has read what the head says would follow it more often than not. */
export async function suggestedFor(project: Project, learner: Learner, id: number): Promise<Suggested> {
  const draw = await project.draw(id);
  const measures = draw !== null && draw.answer === null && draw.given === null;
  const suggestion = measures ? null : await suggestionOf(project, learner, id);
  const isTold = draw?.given && (await project.summary()).task !== 'ner';
  return { suggestion, measures, headSaid: isTold ? (draw.answer ?? (await answerTo(project, learner, id))) : null };
}

/** Of a text that has just been labeled: what the head says of it is kept before that label is learned. */
async function answerTo(project: Project, learner: Learner, id: number): Promise<string[] | null> {
  if (!learner.hasHead) return null;
  await learner.ask(() => Promise.resolve()).catch(() => {});
  return (await project.draw(id))?.answer ?? null;
}

/** Null where nobody has an answer, and for test texts, which stay unseen by models. A head that fails leaves labeling as it was. */
export async function suggestionOf(project: Project, learner: Learner, id: number): Promise<Suggestion | null> {
  const ofRun = await project.suggestion(id);
  if (!learner.hasHead) return ofRun;
  const facts = await project.suggestionFacts(id, ofRun?.run ?? null);
  // Of a text that it was fitted to, the head only repeats the label.
  if (!facts || facts.split === 'test' || (facts.split === 'train' && facts.isLabeled)) return ofRun;
  if (ofRun && facts.labeledForRun >= CLEARLY_LESS * facts.labeled) return ofRun;
  const ofHead = await learner.ask((course) => suggestionOfHead(course, facts)).catch(() => null);
  return ofHead ?? ofRun;
}

const live = { source: 'live', run: null, name: null } as const;

async function suggestionOfHead(course: Course, { text, pretokenized }: SuggestionFacts): Promise<Suggestion | null> {
  if (!course.head) return null;
  if (course.isEntities) return { ...live, labels: [], scores: [], spans: (await course.spans([{ text, pretokenized }]))[0] };
  const { classes, rows } = await course.process.probabilities([], [text]);
  const [row] = rows;
  const name = (index: number) => course.nameOf(classes[index]);
  return {
    ...live,
    spans: null,
    labels: answersOf(row, course.several).map(name),
    scores: row.map((score, index) => ({ label: name(index), score })),
  };
}
