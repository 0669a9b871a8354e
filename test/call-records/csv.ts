/** One call as cdr_csv.c's build_csv_record writes it. */
export interface CdrLine {
  readonly dcontext?: string;
  readonly clid?: string;
  readonly channel?: string;
  readonly lastapp?: string;
  readonly lastdata?: string;
  /** `2026-11-21 14:03:22`, as it stands in the file. */
  readonly start: string;
  readonly end?: string;
  readonly billsec?: number;
  readonly disposition?: string;
  /** Left out where undefined, as without `loguniqueid`. */
  readonly uniqueid?: string;
  readonly userfield?: string;
}

/** Every quote is doubled and nothing else is escaped: line ends stay what they are. */
const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

export function cdrLine(line: CdrLine): string {
  const { start, end = start, billsec = 0 } = line;
  const disposition = line.disposition ?? (billsec > 0 ? 'ANSWERED' : 'NO ANSWER');
  const columns = [
    quoted(''),
    quoted('100'),
    quoted('s'),
    quoted(line.dcontext ?? 'from-internal'),
    quoted(line.clid ?? '"Bob" <100>'),
    quoted(line.channel ?? 'PJSIP/anonymous-00000001'),
    quoted(''),
    quoted(line.lastapp ?? 'Dial'),
    quoted(line.lastdata ?? 'PJSIP/951'),
    quoted(start),
    billsec > 0 ? quoted(start) : '',
    quoted(end),
    `${billsec}`,
    `${billsec}`,
    quoted(disposition),
    quoted('DOCUMENTATION'),
  ];
  if (line.uniqueid !== undefined) columns.push(quoted(line.uniqueid));
  if (line.userfield !== undefined) columns.push(quoted(line.userfield));
  return `${columns.join(',')}\n`;
}

/** `2026-11-21 14:03:22` in UTC, as with `usegmtime=yes`. */
export function utc(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ');
}
