import { z } from 'zod';
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
  return z.string().transform((text, context) => {
    try {
      return parse(text);
    } catch (cause) {
      if (!(cause instanceof Fault)) throw cause;
      context.addIssue({ code: 'custom', message: cause.message });
      return z.NEVER;
    }
  });
}

const note = z.string().max(1_000).default('');
const time = z.iso
  .datetime({ offset: true, error: 'expected a time, as in 2026-11-21T14:00:00Z' })
  .transform((text) => Date.parse(text));
/** Shown beside each rule, so it must be what it looks like. */
const origin = z
  .string()
  .min(1)
  .max(100)
  .refine((text) => oneLine(text) === text, 'holds characters that can not be seen');

const rule = z
  .strictObject({
    list: z.enum(LISTS),
    subject: read(parseSubject),
    note,
    origin: origin.optional(),
    created: time.optional(),
    expires: time.nullish(),
  })
  .transform((row) => ({
    list: row.list,
    subject: row.subject,
    note: row.note,
    origin: row.origin,
    createdAt: row.created,
    expiresAt: row.expires ?? undefined,
  }));

const document = z.strictObject({
  ipcountry: z.literal(VERSION),
  mode: z.enum(['monitor', 'enforce']).optional(),
  rules: z.array(rule).optional(),
  extensions: z
    .array(z.strictObject({ name: read(checkedExtension), route: read(parseRoute), note }))
    .optional(),
  domains: z.array(z.strictObject({ name: read(checkedDomain), note })).optional(),
  scanners: z.array(z.strictObject({ name: read(checkedScanner), note })).optional(),
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
  const result = document.safeParse(data);
  if (!result.success) return { mistakes: result.error.issues.flatMap(mistakesOf) };
  const { mode, rules, extensions, domains, scanners } = result.data;
  return { content: { mode, lists: LISTS, rules, extensions, domains, scanners } };
}

function mistakesOf(issue: z.core.$ZodIssue): Mistake[] {
  const where = issue.path.map((part) =>
    typeof part === 'number' ? `[${part}]` : `.${String(part)}`,
  );
  const path = where.join('').replace(/^\./, '');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      where: `${path}.${key}`.replace(/^\./, ''),
      what: 'is no key here',
    }));
  }
  return [{ where: path, what: issue.message.replace(/^Invalid (input|option): /, '') }];
}
