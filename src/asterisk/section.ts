/** Where something stands: `sip_custom.conf:12`, the file named from the configuration folder. */
export interface Place {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** One `name = value` of a section, inherited ones among them. */
export interface Setting extends Place {
  /** As written; Asterisk's modules compare most names without regard to case. */
  readonly name: string;
  readonly value: string;
}

export interface Section extends Place {
  readonly name: string;
  /** `[name](!)`: only there to be inherited from. */
  readonly template: boolean;
  /** In Asterisk's order: what is inherited first, so that the last of a name is the one that counts. */
  readonly settings: readonly Setting[];
}

/** A section that still grows. */
export interface OpenSection extends Section {
  template: boolean;
  readonly settings: Setting[];
}

/**
 * Reads a section's head, `[name](options)`: `!`, `+`, `+type=endpoint`, names to inherit from. A new
 * section is put behind the others; with `+` it is the one that is added to.
 * @returns what is wrong, where Asterisk would read no further
 */
export function openSection(
  sections: OpenSection[],
  head: string,
  place: Place,
): OpenSection | string {
  const [, name, bracket, options, end] = /^\[([^\]]*)\](?:(\()([^)]*)(\)?))?/.exec(head) ?? [];
  if (name === undefined) return 'a section without closing bracket';
  if (bracket && !end) return `the options of [${name}] without closing bracket`;
  let opened: OpenSection = { ...place, name, template: false, settings: [] };
  let isNew = true;
  for (const option of options?.split(',') ?? []) {
    if (option === '!') opened.template = true;
    else if (option.startsWith('+')) {
      const before = sections.find((one) => isNamed(one, name) && passes(one, option.slice(1)));
      if (!before) return `[${name}] is to be added to, but there is none`;
      if (isNew) {
        before.settings.push(...opened.settings);
        before.template ||= opened.template;
      }
      opened = before;
      isNew = false;
    } else {
      const base = sections.find((one) => isNamed(one, option));
      if (!base) return `[${name}] inherits from [${option}], which does not stand before it`;
      opened.settings.push(...base.settings);
    }
  }
  if (isNew) sections.push(opened);
  return opened;
}

/** To Asterisk the empty name means any section (main/config.c, does_category_match). */
function isNamed(section: Section, name: string): boolean {
  if (name === '') return true;
  // The first look spares most of the work: there may be thousands.
  return section.name.length === name.length && section.name.toLowerCase() === name.toLowerCase();
}

/** Conditions behind `+`: `type=endpoint&context=from`, regular expressions both; `TEMPLATES=include`. */
function passes({ template, settings }: Section, conditions: string): boolean {
  let withTemplates = false;
  const all = conditions.split('&').filter((condition) => condition !== '');
  const met = all.every((condition) => {
    const [name = '', value] = condition.split('=').map((part) => part.trim());
    if (value === undefined) return false;
    if (name === 'TEMPLATES') {
      withTemplates = true;
      return /^include$/i.test(value) || (/^restrict$/i.test(value) && template);
    }
    const [names, values] = [expression(name), expression(value)];
    return settings.some((setting) => names.test(setting.name) && values.test(setting.value));
  });
  return met && (!template || withTemplates);
}

function expression(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch {
    return /(?!)/;
  }
}
