import * as v from 'valibot';
import type { Database } from '../database/index.ts';
import { Fault, fault, oneLine } from '../errors.ts';
import {
  checkedDomain,
  checkedExtension,
  checkedScanner,
  getMode,
  LISTS,
  listDomains,
  listExtensions,
  listRules,
  listScanners,
  parseRoute,
  parseSubject,
} from '../policy/index.ts';
import { mismatch, oneOf } from '../shape.ts';
import type { Mistake, Reading } from './content.ts';
import { brokenJsonLine } from './json-line.ts';

/** The document's version; it grows when an older ipcountry could no longer read it. */
const VERSION = 1;

/** Everything an administrator has entered, as one JSON document. Times are ISO 8601, UTC. */
export function exportDocument(database: Database) {
  const entry = ({ name, note }: { name: string; note: string }) => ({ name, note });
  const time = (milliseconds: number) => new Date(milliseconds).toISOString();
  return database.transaction(() => ({
    ipcountry: VERSION,
    mode: getMode(database),
    rules: listRules(database).map((rule) => ({
      list: rule.list,
      subject: rule.text,
      note: rule.note,
      origin: rule.origin,
      created: time(rule.createdAt),
      expires: rule.expiresAt === undefined ? null : time(rule.expiresAt),
    })),
    extensions: listExtensions(database).map((row) => ({
      name: row.name,
      route: row.route,
      note: row.note,
    })),
    domains: listDomains(database).map(entry),
    scanners: listScanners(database).map(entry),
  }))();
}

/** Text that a parser of ours reads; what the parser has to say becomes the mistake. */
function read<T>(parse: (text: string) => T) {
  return v.pipe(
    v.string(),
    v.rawTransform<string, T>(({ dataset, addIssue, NEVER }) => {
      try {
        return parse(dataset.value);
      } catch (cause) {
        if (!(cause instanceof Fault)) throw cause;
        addIssue({ message: cause.message });
        return NEVER;
      }
    }),
  );
}

/** An object without other keys, which tells each of them; valibot's own tells the first. */
const closed = <const T extends v.ObjectEntries>(entries: T) =>
  v.objectWithRest(entries, v.never('is no key here')) as unknown as v.StrictObjectSchema<
    T,
    undefined
  >;
const wordOf = <const T extends readonly string[]>(words: T) => v.picklist(words, oneOf(words));

const note = v.optional(
  v.pipe(v.string(), v.maxLength(1_000, 'is longer than 1000 characters')),
  '',
);
/** RFC 3339, as {@link exportDocument} writes it, or with an offset. */
const TIME = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;
const time = v.pipe(
  v.string(),
  v.check(isTime, 'expected a time, as in 2026-11-21T14:00:00Z'),
  v.transform((text) => Date.parse(text)),
);

function isTime(text: string): boolean {
  const day = TIME.exec(text)?.[1];
  if (day === undefined || Number.isNaN(Date.parse(text))) return false;
  const midnight = Date.parse(`${day}T00:00:00Z`); // Date reads 31 February as 3 March
  return new Date(midnight).toISOString().startsWith(day);
}

/** Shown beside each rule, so it must be what it looks like. */
const origin = v.pipe(
  v.string(),
  v.nonEmpty('is empty'),
  v.maxLength(100, 'is longer than 100 characters'),
  v.check((text) => oneLine(text) === text, 'holds characters that can not be seen'),
);

const rule = v.pipe(
  closed({
    list: wordOf(LISTS),
    subject: read(parseSubject),
    note,
    origin: v.optional(origin),
    created: v.optional(time),
    expires: v.nullish(time),
  }),
  v.transform((row) => ({
    list: row.list,
    subject: row.subject,
    note: row.note,
    origin: row.origin,
    createdAt: row.created,
    expiresAt: row.expires ?? undefined,
  })),
);

const document = closed({
  ipcountry: v.literal(VERSION),
  mode: v.optional(wordOf(['monitor', 'enforce'])),
  rules: v.optional(v.array(rule)),
  extensions: v.optional(
    v.array(closed({ name: read(checkedExtension), route: read(parseRoute), note })),
  ),
  domains: v.optional(v.array(closed({ name: read(checkedDomain), note }))),
  scanners: v.optional(v.array(closed({ name: read(checkedScanner), note }))),
});

/**
 * Reads what {@link exportDocument} gave, or a person wrote in its shape. A part that is left out
 * is left alone by the import.
 * @param file for messages
 * @throws Fault where the text is no JSON, or no such document at all
 */
export function readDocument(text: string, file: string): Reading {
  const line = brokenJsonLine(text);
  if (line !== undefined) throw fault('import-json', file, line);
  const data: unknown = JSON.parse(text);
  const version =
    typeof data === 'object' && data !== null && 'ipcountry' in data && data.ipcountry;
  if (typeof version !== 'number') throw fault('import-not', file);
  if (version !== VERSION) throw fault('import-version', file, version, VERSION);
  const result = v.safeParse(document, data, { message: mismatch });
  if (!result.success) return { mistakes: result.issues.map(mistakeOf) };
  const { mode, rules, extensions, domains, scanners } = result.output;
  return { content: { mode, lists: LISTS, rules, extensions, domains, scanners } };
}

function mistakeOf({ path, message }: v.BaseIssue<unknown>): Mistake {
  const where = (path ?? []).map(({ key }) =>
    typeof key === 'number' ? `[${key}]` : `.${String(key)}`,
  );
  return { where: where.join('').replace(/^\./, ''), what: message };
}
