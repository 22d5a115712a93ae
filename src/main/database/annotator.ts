/** Who labels, where nobody said: the name of the account. */
import { userInfo } from 'node:os';

export function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without an account has no name.
    return String(process.getuid?.() ?? 'unknown');
  }
}
