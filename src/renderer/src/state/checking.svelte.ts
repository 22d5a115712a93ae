/** A check of a file or of a project's data as its screen follows it: the report, the texts behind a finding, the mends chosen. */
import type { CheckEvent, ChosenMend, DoctorReport, Evidence, Finding, FindingKind, MendKind } from '../../../shared/doctor.ts';
import { api } from '../api.ts';
import { attempt } from './messages.svelte.ts';

const PAGE = 50;

export interface CheckProgress {
  step: 'reading' | 'comparing';
  rows: number;
  share: number | null;
}

export class Checking {
  report = $state.raw<DoctorReport | null>(null);
  progress = $state.raw<CheckProgress | null>(null);
  /** All rows have been examined. */
  isDone = $state(false);
  selected = $state<FindingKind | null>(null);
  evidence = $state.raw<Evidence[]>([]);
  /** Texts behind the selected finding, in all. */
  total = $state(0);
  /** What is to be done at import, in the order in which it was chosen. */
  chosen = $state.raw<ChosenMend[]>([]);
  /** The host's name for this check, once it began. */
  id: string | null = null;
  readonly #begin: (signal: AbortSignal) => Promise<AsyncIterable<CheckEvent>>;
  #stop = new AbortController();

  /** `begin`: starts the check at the host. */
  constructor(begin: (signal: AbortSignal) => Promise<AsyncIterable<CheckEvent>>) {
    this.#begin = begin;
  }

  get finding(): Finding | null {
    return this.report?.findings.find(({ kind }) => kind === this.selected) ?? null;
  }

  /** Follows the check to its end. False where it failed, which is shown, or was ended. */
  async run(): Promise<boolean> {
    await this.close();
    this.#stop = new AbortController();
    this.isDone = false;
    const { signal } = this.#stop;
    const done = await attempt(async () => {
      try {
        for await (const event of await this.#begin(signal)) this.#take(event);
        return !signal.aborted;
      } catch (cause) {
        if (signal.aborted) return false;
        throw cause;
      }
    });
    this.progress = null;
    this.isDone = done === true;
    return this.isDone;
  }

  async select(kind: FindingKind | null): Promise<void> {
    this.selected = kind;
    this.evidence = [];
    this.total = 0;
    if (kind !== null) await this.more();
  }

  /** The finding before or after the selected one. */
  move(step: 1 | -1): void {
    const kinds = this.report?.findings.map(({ kind }) => kind) ?? [];
    if (kinds.length === 0) return;
    const at = this.selected === null ? (step === 1 ? -1 : kinds.length) : kinds.indexOf(this.selected);
    void this.select(kinds[Math.min(kinds.length - 1, Math.max(0, at + step))]);
  }

  /** Shows more of the texts behind the selected finding. */
  async more(): Promise<void> {
    const { selected: finding, id: check } = this;
    if (finding === null || check === null) return;
    const offset = this.evidence.length;
    const page = await attempt(() => api.checks.evidence({ check, finding, offset, limit: PAGE }));
    if (!page || this.selected !== finding || this.evidence.length !== offset) return;
    this.total = page.total;
    this.evidence = [...this.evidence, ...page.evidence];
  }

  choiceFor(finding: FindingKind): MendKind | null {
    return this.chosen.find((choice) => choice.finding === finding)?.mend ?? null;
  }

  choose(finding: FindingKind, mend: MendKind): void {
    this.chosen = [...this.chosen.filter((choice) => choice.finding !== finding), { finding, mend }];
  }

  takeBack(finding = this.chosen.at(-1)?.finding): void {
    this.chosen = this.chosen.filter((choice) => choice.finding !== finding);
  }

  /** Ends the check, whether it is under way or kept for its texts. */
  async close(): Promise<void> {
    this.#stop.abort();
    const check = this.id;
    this.id = null;
    if (check !== null) await attempt(() => api.checks.close({ check }));
  }

  #take(event: CheckEvent): void {
    if (event.type === 'started') this.id = event.check;
    else if (event.type === 'progress') this.progress = event;
    else {
      this.report = event.report;
      const kept = event.report.findings.some(({ kind }) => kind === this.selected) ? this.selected : null;
      void this.select(kept ?? event.report.findings[0]?.kind ?? null);
    }
  }
}
