/** One line of a metric. */
export interface Series {
  /** `ipcountry_verdict_seconds_bucket` */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface MetricFamily {
  readonly type: string;
  readonly help: string;
  readonly series: readonly Series[];
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"';
const SERIES = new RegExp(`^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)\\})? (\\S+)$`);
const VALUE = /^[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf|NaN)$/;
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: [''],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
};

/**
 * Reads Prometheus' text format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats), strictly:
 * each family once, with HELP and TYPE in front and nothing of another one between; no series twice;
 * the names that `promtool check metrics` wants; histograms whose buckets add up.
 * @throws Error that names the line
 */
export function readExposition(text: string): Map<string, MetricFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, { type: string; help: string; series: Series[] }>();
  let current: { name: string; type: string; help: string; series: Series[] } | undefined;
  const seen = new Set<string>();
  for (const [i, line] of text.split('\n').entries()) {
    const refuse = (why: string): never => {
      throw new Error(`line ${i + 1}: ${why}: ${line}`);
    };
    if (line === '') continue;
    if (line.startsWith('# HELP ')) {
      const [, name, help] = new RegExp(`^# HELP (${NAME}) (.+)$`).exec(line) ?? refuse('no HELP');
      if (families.has(name!)) refuse('a family twice');
      if (/\\(?![\\n])/.test(help!)) refuse('an escape that is none');
      current = { name: name!, type: '', help: help!, series: [] };
      families.set(name!, current);
    } else if (line.startsWith('# TYPE ')) {
      const [, name, type] =
        new RegExp(`^# TYPE (${NAME}) (\\w+)$`).exec(line) ?? refuse('no TYPE');
      if (!current || current.name !== name || current.type !== '') refuse('TYPE out of place');
      if (!(type! in SUFFIXES)) refuse('an unknown type');
      if ((type === 'counter') !== name!.endsWith('_total')) refuse('a name that does not fit');
      current!.type = type!;
    } else if (line.startsWith('#')) refuse('a comment of no kind');
    else {
      const [, name, labels = '', value] = SERIES.exec(line) ?? refuse('no series');
      if (!current || current.type === '') refuse('a series without its TYPE');
      if (!SUFFIXES[current!.type]!.some((end) => name === current!.name + end)) {
        refuse('a series of another family');
      }
      if (!VALUE.test(value!)) refuse('a value that is none');
      const series = { name: name!, labels: readLabels(labels), value: numberOf(value!) };
      const key = name + JSON.stringify(Object.entries(series.labels).sort());
      if (seen.has(key)) refuse('a series twice');
      seen.add(key);
      if (current!.type !== 'gauge' && !(series.value >= 0)) refuse('a count that is none');
      current!.series.push(series);
    }
  }
  for (const [name, family] of families) {
    if (family.type === '') throw new Error(`${name} has no TYPE`);
    if (family.type === 'histogram') checkHistogram(name, family.series);
  }
  return families;
}

/** The value of one series. @throws Error where it isn't there */
export function figure(
  families: ReadonlyMap<string, MetricFamily>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const family = families.get(name) ?? families.get(name.replace(/_(bucket|sum|count)$/, ''));
  const wanted = Object.entries(labels);
  const found = family?.series.filter(
    (series) =>
      series.name === name &&
      Object.keys(series.labels).length === wanted.length &&
      wanted.every(([label, value]) => series.labels[label] === value),
  );
  if (found?.length !== 1) throw new Error(`no ${name} ${JSON.stringify(labels)}`);
  return found[0]!.value;
}

function readLabels(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g)];
  const labels = Object.fromEntries(
    pairs.map(([, name, value]) => [
      name!,
      value!.replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c)),
    ]),
  );
  if (Object.keys(labels).length !== pairs.length) throw new Error(`a label twice: ${text}`);
  return labels;
}

function numberOf(text: string): number {
  return Number(text.replace('Inf', 'Infinity'));
}

function checkHistogram(name: string, series: readonly Series[]): void {
  const buckets = series.filter((one) => one.name === `${name}_bucket`);
  const bounds = buckets.map(({ labels }) => numberOf(labels['le'] ?? 'NaN'));
  const counts = buckets.map(({ value }) => value);
  const ascending = (values: readonly number[], strictly: boolean) =>
    values.every(
      (value, i) => i === 0 || (strictly ? value > values[i - 1]! : value >= values[i - 1]!),
    );
  const [sum, count] = ['_sum', '_count'].map((end) =>
    series.find((one) => one.name === name + end),
  );
  if (!ascending(bounds, true) || !ascending(counts, false) || bounds.at(-1) !== Infinity) {
    throw new Error(`${name}: buckets do not ascend to +Inf`);
  }
  if (!sum || count?.value !== counts.at(-1)) throw new Error(`${name}: buckets do not add up`);
}
