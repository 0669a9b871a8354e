/** What Asterisk 22 sends for the call of this number, blank line and all. */
export function environment(number: number): string;

/** A reference's answer to each call. */
export const COMMAND: string;
