/** Why a request was not answered, or its answer not taken. */
export const FAILURES = [
  'not-allowed', // the peer may not ask (agi.allow)
  'connection-limit', // agi.connections are open already
  'late', // not whole at the deadline
  'unacknowledged', // the answer was not acknowledged at the deadline
  'too-long',
  'unknown-entry', // another path than the dialplan's
  'refused-reply', // Asterisk could not act on the answer
  'forged', // a caller wrote parts of the request
  'internal-error',
] as const;

export type Failure = (typeof FAILURES)[number];
