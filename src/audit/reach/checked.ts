import type { Extension } from '../../asterisk/index.ts';

/**
 * What an extension's conditions look at before they let it go on: text that is matched with a regular
 * expression, or compared with what FILTER() leaves of it. That they do something sensible then is
 * believed.
 * @returns what stands in `${…}`, without offsets: `EXTEN`, `CALLERID(num)`
 */
export function checkedIn({ steps }: Pick<Extension, 'steps'>): ReadonlySet<string> {
  const checked = new Set<string>();
  /** Variable → what was filtered into it. */
  const filtered = new Map<string, string>();
  for (const { application, data } of steps) {
    const [, name, source] =
      /^_*(\w+)=\$\{FILTER\([^,]*,\$\{([^{}]*)\}\)\}$/.exec(data.trim()) ?? [];
    if (name && source) filtered.set(name, withoutOffset(source));
    if (!/^\s*(gotoif|execif|gosubif)\s*$/i.test(application)) continue;
    const [condition = ''] = data.split('?');
    for (const [, text] of condition.matchAll(/REGEX\(.*?\$\{([^{}]*)\}/g)) {
      checked.add(withoutOffset(text!));
    }
    const looked = [...condition.matchAll(/\$\{([^{}]*)\}/g)].map(([, text]) =>
      withoutOffset(text!),
    );
    for (const one of looked) {
      const original = filtered.get(one) ?? (condition.includes('FILTER(') ? one : undefined);
      if (original && looked.filter((other) => other === original || other === one).length > 1) {
        checked.add(original);
      }
    }
  }
  return checked;
}

export function withoutOffset(source: string): string {
  return source.replace(/:-?\d.*$/, '');
}
