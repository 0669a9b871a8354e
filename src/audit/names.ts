const SHOWN = 5;

/** `1001, 1002, 1003, 1004, 1005 and 495 more`: who is meant, in one line. */
export function someOf(names: readonly string[]): string {
  const more = names.length - SHOWN;
  // That one is left out takes more room than its name.
  if (more <= 1) return names.join(', ');
  return `${names.slice(0, SHOWN).join(', ')} and ${more} more`;
}
