/** The one error type: what went wrong, where, and what to do about it. Everything a person reads comes from here. */

export type ErrorCode =
  | 'file_not_found'
  | 'file_unreadable'
  | 'wrong_encoding'
  | 'wrong_format'
  | 'unknown_column'
  | 'unknown_label'
  | 'unknown_project'
  | 'unknown_run'
  | 'unknown_option'
  | 'not_enough_data'
  | 'not_a_model'
  | 'unsupported_model'
  | 'damaged_file'
  | 'disk_full'
  | 'out_of_memory'
  | 'trainer_died'
  | 'diverged'
  | 'cancelled'
  | 'test_locked'
  | 'project_in_use'
  | 'newer_project'
  | 'not_comparable'
  | 'verification_failed'
  | 'unavailable'
  | 'internal';

export interface ErrorPlace {
  file?: string;
  /** 1-based line in `file`. */
  line?: number;
  /** 0-based byte position in `file`. */
  byte?: number;
  field?: string;
}

export interface ErrorReport {
  code: ErrorCode;
  message: string;
  remedy?: string;
  place?: ErrorPlace;
}

/** A failure with a sentence for the person (`message`), what to do (`remedy`) and where (`place`). */
export class ThawError extends Error {
  override readonly name = 'ThawError';
  readonly code: ErrorCode;
  readonly remedy?: string;
  readonly place?: ErrorPlace;

  constructor({ code, message, remedy, place }: ErrorReport, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.remedy = remedy;
    this.place = place;
  }

  toReport(): ErrorReport {
    return { code: this.code, message: this.message, remedy: this.remedy, place: this.place };
  }
}

/** Any thrown value as a ThawError: ours unchanged, the system's known failures named, the rest 'internal'. */
export function toThawError(cause: unknown): ThawError {
  if (cause instanceof ThawError) return cause;
  const error = cause instanceof Error ? cause : new Error(String(cause));
  const { code, path } = error as Error & { code?: string; path?: string };
  const place = path ? { file: path } : undefined;
  if (code === 'ENOENT')
    return new ThawError(
      { code: 'file_not_found', message: `${path ?? 'A file'} does not exist.`, remedy: 'Check the path.', place },
      { cause },
    );
  if (code === 'EACCES' || code === 'EPERM' || code === 'EISDIR')
    return new ThawError(
      {
        code: 'file_unreadable',
        message: `${path ?? 'A file'} cannot be opened (${code}).`,
        remedy: 'Check that it is a file and that you may read and write it.',
        place,
      },
      { cause },
    );
  if (code === 'ENOSPC' || code === 'SQLITE_FULL')
    return new ThawError(
      {
        code: 'disk_full',
        message: 'The disk is full.',
        remedy: 'Free some space and try again; nothing that was saved before is lost.',
        place,
      },
      { cause },
    );
  return new ThawError({ code: 'internal', message: error.message }, { cause });
}

/** One line for a terminal: message, place, remedy. */
export function errorLine(error: ErrorReport): string {
  const at = error.place?.file
    ? ` (${error.place.file}${error.place.line ? `:${error.place.line}` : ''}${error.place.byte !== undefined ? `, byte ${error.place.byte}` : ''})`
    : '';
  return `${error.message}${error.message.includes(error.place?.file ?? '\0') && !error.place?.line ? '' : at}${error.remedy ? ` ${error.remedy}` : ''}`;
}
