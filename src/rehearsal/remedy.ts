import { Fault } from '../errors.ts';
import { checkedDomain, checkedExtension } from '../policy/index.ts';
import type { LikelySource } from './source.ts';

/**
 * The command that lets a source in. What callers wrote goes into it only where it is a name that we
 * would take, and so nothing that a shell could act on.
 */
export function remedyFor({ reason, counted, domain, extension }: LikelySource): string {
  switch (reason) {
    case 'not-permitted':
    case 'country-unknown':
      return `ipcountry permit ${counted}`;
    case 'rate':
      return `ipcountry trust ${counted}`;
    case 'wrong-domain':
      return `ipcountry domain add ${name(domain, checkedDomain) ?? 'DOMAIN'}`;
    case 'unlisted': {
      const listed = name(extension, checkedExtension) ?? 'EXTENSION';
      return `ipcountry extension add '${listed}' --goto CONTEXT,EXTENSION,PRIORITY`;
    }
    default:
      return 'ipcountry dialplan check';
  }
}

function name(text: string, check: (text: string) => string): string | undefined {
  try {
    return text.startsWith('-') ? undefined : check(text); // no option of ours
  } catch (cause) {
    if (cause instanceof Fault) return undefined;
    throw cause;
  }
}
