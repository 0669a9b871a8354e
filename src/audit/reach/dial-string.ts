import { isCallers, isOpen, type Text } from './text.ts';

/** What one part of a dial string calls. */
export type Called =
  /** Another place of the dialplan. */
  | { readonly kind: 'local'; readonly extension: Text; readonly context: Text }
  /** A number of the caller's choice, through something that takes numbers: a trunk, a host. */
  | { readonly kind: 'number'; readonly through: Text }
  /** Whoever the dialplan says, or a device that the caller names. */
  | { readonly kind: 'device'; readonly name: Text };

/** Takes a dial string apart: `Local/1@a&PJSIP/${EXTEN}@trunk`. */
export function readDialString(text: Text): Called[] {
  return text.split('&').map((part) => called(part.trim()));
}

function called(text: Text): Called {
  const local = /^Local\/([^@]*)(?:@([^/]*))?/is.exec(text);
  if (local) return { kind: 'local', extension: local[1]!, context: local[2] ?? 'default' };
  const [technology = '', ...rest] = text.split('/');
  const parts = rest.flatMap((part) => part.split('@')).filter((part) => part !== '');
  const device = { kind: 'device', name: text } as const;
  if (!parts.some(isCallers)) return isCallers(technology) ? number(technology, parts) : device;
  // `PJSIP/${EXTEN}`: a device of that name, and no other.
  return parts.length > 1 || isOpen(technology) ? number(technology, parts) : device;
}

/** The trunk is what the caller does not write; where the caller writes all, it is any host. */
function number(technology: Text, parts: readonly Text[]): Called {
  // Without what follows a colon: a password, `IAX2/us:password@host`.
  const fixed = parts.filter((part) => !isCallers(part)).map((part) => part.replace(/:.*$/s, ''));
  return { kind: 'number', through: [technology, ...fixed].join('/') };
}
