import { applyContent, type Content, type Counts, type Part } from '../exchange/index.ts';
import type { List } from '../policy/index.ts';
import { changePolicy, describeOutlook, type Outlook } from './change.ts';
import { progressBar } from './progress.ts';
import { resolveNow } from './resolve.ts';
import type { Session } from './session.ts';
import { paint } from './terminal.ts';

/** How to import, as commander gives it. */
export interface ImportOptions {
  readonly replace?: boolean;
  readonly dryRun?: boolean;
  readonly force?: boolean;
}

interface About {
  /** The one list that it is for. */
  readonly list?: List | undefined;
  /** What was found there, as data and for people. */
  readonly found?: object;
  readonly shows?: string;
}

/** Makes the change, or rehearses it, and says what it did. */
export async function importContent(
  session: Session,
  content: Content,
  options: ImportOptions,
  { list, found, shows }: About,
): Promise<void> {
  const { replace = false, dryRun = false, force = false } = options;
  const bar = progressBar('import');
  let counts: Partial<Record<Part, Counts>> = {};
  const work = () =>
    changePolicy(
      session,
      (database, now) => {
        counts = applyContent(database, content, { replace, now, progress: bar.update });
      },
      { insist: force, ...(list && { list }) },
    );
  let outlook: Outlook;
  try {
    outlook = dryRun ? rehearse(session, work) : work();
  } finally {
    bar.end();
  }
  const { mode } = content;
  session.print({ ...(found && { found }), ...counts, mode: mode ?? null, dryRun, outlook }, () =>
    [
      ...(shows ? [shows] : []),
      ...(dryRun ? ['nothing was changed; the import would give:'] : []),
      ...Object.entries(counts).flatMap(([part, count]) => describeCounts(part, count)),
      ...(mode ? [`mode: ${paint('bold', mode)}`] : []),
      `${list ?? 'permit'} then has ${describeOutlook(outlook)}`,
    ].join('\n'),
  );
  if (!dryRun) await tellNames(session, content);
}

/** Does the work and takes it back. */
function rehearse<T>(session: Session, work: () => T): T {
  const database = session.database();
  database.exec('BEGIN IMMEDIATE');
  try {
    return work(); // its own transaction becomes a savepoint in ours
  } finally {
    if (database.inTransaction) database.exec('ROLLBACK');
  }
}

function describeCounts(part: string, { added, already, removed }: Counts): string[] {
  if (added + already + removed === 0) return [];
  const words = [`${added} added`];
  if (already > 0) words.push(`${already} there already`);
  if (removed > 0) words.push(`${removed} removed`);
  return [`${part}: ${words.join(', ')}`];
}

async function tellNames(session: Session, content: Content): Promise<void> {
  const subjects = (content.rules ?? []).map((rule) => rule.subject);
  const silent = [...(await resolveNow(session, subjects))].filter(([, found]) => !found.length);
  for (const [host] of silent) {
    session.remark(`note: ${host} does not resolve now; until it does, the rule matches nothing`);
  }
}
