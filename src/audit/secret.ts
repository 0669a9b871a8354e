/** Less is found by trying: over the network within weeks, from one recorded log-in within hours. */
const SHORTEST = 10;
/** Digits alone are that few possibilities that it takes more of them. */
const SHORTEST_NUMBER = 16;
const FEWEST_DIFFERENT = 5;
/** What is left of a secret behind the account's name. */
const SHORTEST_REST = 6;

/** What lists of passwords begin with, and what examples of Asterisk and FreePBX have. */
const COMMON = [
  ...['password', 'passwd', 'passw0rd', 'pass', 'secret', 'mysecret', 'changeme', 'default'],
  ...['asterisk', 'freepbx', 'elastix', 'issabel', 'trixbox', 'amp', 'admin', 'administrator'],
  ...['manager', 'root', 'test', 'welcome', 'letmein', 'qwerty', 'abc', 'sip', 'voip', 'pbx'],
  ...['telefon', 'telephone', 'phone', 'company', 'unsecure', 'insecure', 'supersecret'],
];

/**
 * Why a secret is easily guessed.
 * @param names the account's own: section, user name, extension
 * @returns to be said of it ("has 4 characters"), none of its letters; undefined where it is sound
 */
export function weaknessOf(secret: string, names: readonly string[] = []): string | undefined {
  if (secret === '') return 'is empty';
  const text = secret.toLowerCase();
  const own = names.map((name) => name.toLowerCase()).filter(Boolean);
  if (own.includes(text)) return "is the account's own name";
  if (own.some((name) => name.length > 2 && isPadded(text, name))) {
    return "is the account's own name with little added";
  }
  if (COMMON.some((word) => isPadded(text, word))) return 'is a word that everybody tries';
  if (secret.length < SHORTEST) return `has ${secret.length} characters`;
  if (/^\d+$/.test(secret) && secret.length < SHORTEST_NUMBER) {
    return `has ${secret.length} digits and nothing else`;
  }
  const different = new Set(text).size;
  if (different < FEWEST_DIFFERENT) return `has only ${different} different characters`;
  return isRow(text) ? 'is a row of characters' : undefined;
}

function isPadded(text: string, word: string): boolean {
  return text.includes(word) && text.replaceAll(word, '').length < SHORTEST_REST;
}

/** 12345678901234567890, abcdefghijk, zyxwvuts: most characters follow the one before them. */
function isRow(text: string): boolean {
  const steps = [...text].slice(1).map((c, i) => c.charCodeAt(0) - text.charCodeAt(i));
  return steps.filter((step) => Math.abs(step) === 1).length > steps.length * 0.7;
}
