/** The file a person chose, on its way to the import screen. */
import type { Task } from '../../../shared/domain.ts';

class Importing {
  file = $state.raw<File | null>(null);
  task = $state<Task | null>(null);

  choose(file: File | null, task: Task | null = this.task): void {
    this.file = file;
    this.task = task;
  }
}

export const importing = new Importing();
