import type { Check, Finding, Severity } from '../audit/check.ts';
import type { Difference } from '../audit/difference.ts';
import type { OpenPbx } from '../audit/open-pbx.ts';
import type { Outcome } from '../audit/run.ts';
import { counted, localTime, paint, shown } from './terminal.ts';

/** What an audit found out. */
export interface Report {
  readonly pbx: Pick<OpenPbx, 'folder' | 'kind' | 'remarks' | 'silence'>;
  readonly outcomes: readonly Outcome[];
  readonly skipped: readonly Check[];
  /** To the last run; undefined where none is known. */
  readonly difference: Difference | undefined;
}

const SEVERITIES = ['high', 'medium', 'low'] as const;
const COLOURS = { high: 'red', medium: 'yellow', low: 'cyan' } as const;

/** Places of one check that are shown where --details does not ask for all. */
const FEW = 5;

/** Columns of a line: as many as the terminal has, if it says so, and as read well. */
const WIDTH = { least: 40, most: 100 } as const;
const INDENT = 8;

export function describeAudit(report: Report, details: boolean): string {
  const { pbx, outcomes, difference } = report;
  const found = outcomes.filter(({ findings }) => findings.length > 0).sort(byWeight);
  const paragraphs = found.map((outcome) =>
    describeOutcome(outcome, details ? Number.POSITIVE_INFINITY : FEW, difference),
  );
  paragraphs.push(unknownOnes(outcomes), remarksOf(pbx), skippedOnes(report.skipped));
  if (difference) paragraphs.push(changes(difference, outcomes));
  paragraphs.push([summary(report)]);
  return paragraphs
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

/** What weighs most comes first; else the order of the ids. */
function byWeight(a: Outcome, b: Outcome): number {
  return SEVERITIES.indexOf(heaviest(a)) - SEVERITIES.indexOf(heaviest(b));
}

function heaviest({ check, findings }: Outcome): Severity {
  const weights = findings.map((finding) => severityOf(finding, check));
  return SEVERITIES.find((severity) => weights.includes(severity)) ?? check.severity;
}

export function severityOf(finding: Finding, check: Check): Severity {
  return finding.severity ?? check.severity;
}

function describeOutcome(
  outcome: Outcome,
  most: number,
  difference: Difference | undefined,
): string[] {
  const { check, findings } = outcome;
  const weight = heaviest(outcome);
  const lines = findings
    .toSorted(
      (a, b) => SEVERITIES.indexOf(severityOf(a, check)) - SEVERITIES.indexOf(severityOf(b, check)),
    )
    .map((finding) => {
      const own = severityOf(finding, check);
      const marks = [
        ...(own === weight ? [] : [own]),
        ...(difference?.fresh.has(finding) ? ['new'] : []),
      ];
      const mark = marks.length > 0 ? paint('dim', ` (${marks.join(', ')})`) : '';
      return `${' '.repeat(INDENT)}${shown(finding.where)}: ${shown(finding.found)}${mark}`;
    });
  const more = lines.length - most;
  return [
    `${paint(COLOURS[weight], weight.toUpperCase().padEnd(INDENT))}${paint('bold', check.id)} ${check.title}`,
    ...(more > 0 ? lines.slice(0, most) : lines),
    ...(more > 0 ? [`${' '.repeat(INDENT)}and ${more} more (--details)`] : []),
    ...explained('why', check.why),
    ...explained('mend', check.mend),
  ];
}

function explained(word: string, text: string): string[] {
  const columns = process.stdout.columns || WIDTH.most;
  const width = Math.min(Math.max(columns, WIDTH.least), WIDTH.most) - INDENT;
  const lines = text.split(/\s+/).reduce<string[]>((done, next) => {
    const line = done.at(-1);
    if (line === undefined || line.length + next.length >= width) done.push(next);
    else done[done.length - 1] = `${line} ${next}`;
    return done;
  }, []);
  return lines.map(
    (line, i) => `${paint('dim', (i === 0 ? `  ${word}` : '').padEnd(INDENT))}${line}`,
  );
}

function unknownOnes(outcomes: readonly Outcome[]): string[] {
  const lines = outcomes
    .filter(({ unknown }) => unknown !== undefined)
    .map(({ check, unknown }) => `  ${check.id} ${check.title}: ${shown(unknown ?? '')}`);
  return lines.length > 0 ? [paint('bold', 'Not known, or not all'), ...lines] : [];
}

function remarksOf(pbx: Report['pbx']): string[] {
  const lines = [...pbx.remarks(), ...[pbx.silence() ?? []].flat()];
  if (lines.length === 0) return [];
  const denied = lines.some((line) => line.endsWith('(EACCES)'))
    ? ', for want of rights: try sudo'
    : '';
  return [`${paint('bold', 'Not read')}${denied}`, ...lines.map((line) => `  ${shown(line)}`)];
}

function skippedOnes(skipped: readonly Check[]): string[] {
  if (skipped.length === 0) return [];
  return [`${paint('bold', 'Skipped')} ${skipped.map(({ id }) => id).join(', ')}`];
}

function changes({ since, fresh, gone }: Difference, outcomes: readonly Outcome[]): string[] {
  const titles = new Map(outcomes.map(({ check }) => [check.id, check.title]));
  return [
    `${paint('bold', `Since the last run, ${localTime(since)}`)}: ${fresh.size} new, ${gone.length} mended`,
    ...gone.map(
      ({ id, where }) => `  ${paint('green', 'mended')} ${id} ${titles.get(id)}: ${shown(where)}`,
    ),
  ];
}

function summary({ pbx, outcomes, skipped }: Report): string {
  const weights = outcomes.flatMap(({ check, findings }) =>
    findings.map((finding) => severityOf(finding, check)),
  );
  const tripped = outcomes.filter(({ findings }) => findings.length > 0).length;
  const unknown = outcomes.filter((outcome) => outcome.unknown !== undefined).length;
  const rest = `${unknown} not known${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`;
  if (tripped === 0) {
    return `${paint('green', 'ok')}: ${counted(outcomes.length, 'check')} found nothing in ${shown(pbx.folder)}; ${rest}`;
  }
  const parts = SEVERITIES.map((severity) => {
    const count = weights.filter((weight) => weight === severity).length;
    return count > 0 ? [paint(COLOURS[severity], `${count} ${severity}`)] : [];
  });
  return `${counted(weights.length, 'finding')} (${parts.flat().join(', ')}) by ${tripped} of ${counted(outcomes.length, 'check')} in ${shown(pbx.folder)}; ${rest}`;
}
