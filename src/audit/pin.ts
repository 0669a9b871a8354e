/** Fewer digits are tried by hand. */
const SHORTEST = 4;

/** What people choose, beside rows of digits and repeats. */
const COMMON = ['0852', '1004', '1122', '1212', '1313', '2468', '2580', '1379', '7410', '9876'];

/**
 * Why a PIN, which a caller types, is easily guessed.
 * @param own the mailbox or extension that it guards
 * @returns to be said of it ("is the mailbox's own number"), none of its digits; undefined where it is sound
 */
export function pinWeakness(pin: string, own: string): string | undefined {
  if (pin === '') return 'is empty, so that nobody is asked';
  if (pin === own) return "is the mailbox's own number";
  if (pin === [...own].reverse().join('')) return "is the mailbox's own number backwards";
  if (pin.length < SHORTEST) return `has ${pin.length} digits`;
  if (isRow(pin) || COMMON.includes(pin)) return 'is one that everybody tries';
  return undefined;
}

/** 1234, 8765, 1111, 1212: each digit is as far from the one before, or what came before comes again. */
function isRow(pin: string): boolean {
  const steps = new Set([...pin].slice(1).map((digit, i) => Number(digit) - Number(pin[i])));
  return steps.size === 1 || /^(\d{2,})\1+$/.test(pin);
}
