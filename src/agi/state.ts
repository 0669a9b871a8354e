import type { Mode } from '../policy/index.ts';

/** What a running server says of itself, to whoever asks for `/status` instead of placing a call. */
export interface ServerState {
  readonly mode: Mode;
  /** Of the policy in force. */
  readonly revision: number;
  /** When it was started, milliseconds since 1970. */
  readonly started: number;
  /** Device and inode of the database's file: another one may stand under its name by now. */
  readonly database: string;
  /** Codes of what is wrong, our own words. */
  readonly problems: readonly string[];
}

/** Set in place of a call's variables. */
export const STATE_VARIABLE = 'IPCOUNTRY_STATUS';

export function stateValue({ mode, revision, started, database, problems }: ServerState): string {
  return [mode, revision, started, database, problems.join('+')].join(',');
}

const STATE = /^(monitor|enforce),(\d{1,15}),(\d{1,15}),([\d:]*),([a-z+-]*)$/;

/** @returns undefined where the text is none of ours */
export function parseState(text: string): ServerState | undefined {
  const [, mode, revision, started, database, problems] = STATE.exec(text) ?? [];
  if (mode === undefined) return undefined;
  return {
    mode: mode as Mode,
    revision: Number(revision),
    started: Number(started),
    database: database!,
    problems: problems!.split('+').filter(Boolean),
  };
}
