import { fault } from '../errors.ts';
import { getMode, loadPolicy } from '../policy/index.ts';
import { rehearse } from '../rehearsal/index.ts';
import { callRecords } from './call-records.ts';
import { confirm } from './confirm.ts';
import { announce, type ModeOptions, setTo } from './mode.ts';
import { rehearsalJson, rehearsalText, type Shown } from './rehearsal-view.ts';
import type { Session } from './session.ts';
import { counted } from './terminal.ts';

const DAY = 86_400_000;
const DAYS = 7;
const MOST_DAYS = 3_650;

/**
 * Shows what enforce mode would have done to the last days' calls, asks, and sets it.
 * @throws Fault where nobody is there to ask and somebody who looks legitimate would be cut off,
 * the answer is no, or it would shut everyone out
 */
export async function enforce(session: Session, options: ModeOptions): Promise<void> {
  const { dryRun = false, yes = false } = options;
  const days = readDays(options.days);
  const before = getMode(session.database());
  if (before === 'enforce' && !dryRun) return announce(session, setTo(session, 'enforce', options));
  const shown = await lookBack(session, days);
  const { likely } = shown.rehearsal;
  if (dryRun) {
    session.print({ mode: before, changed: false, rehearsal: rehearsalJson(shown) }, () =>
      rehearsalText(shown),
    );
    if (likely.length > 0) process.exitCode = 1;
    return;
  }
  // What is asked about is always shown, even where only JSON is wanted.
  if (!yes || !session.json) process.stderr.write(`${rehearsalText(shown)}\n\n`);
  await agree(likely.length, yes);
  announce(session, setTo(session, 'enforce', options), { rehearsal: rehearsalJson(shown) });
}

function readDays(text: string | undefined): number {
  if (text === undefined) return DAYS;
  const days = /^[1-9]\d{0,3}$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY;
  if (days > MOST_DAYS) throw fault('days', text, MOST_DAYS);
  return days;
}

async function lookBack(session: Session, days: number): Promise<Shown> {
  const now = Date.now();
  const since = now - days * DAY;
  const { records, remarks } = await callRecords(session.config, since);
  const database = session.database();
  const rehearsal = await rehearse(database, {
    ...{ policy: loadPolicy(database), country: session.country(), now, since },
    ...(records && { records }),
  });
  return { days, since, rehearsal, records, remarks };
}

/** Scripts go on where nobody is to be asked about; a person is always asked. */
async function agree(likely: number, yes: boolean): Promise<void> {
  if (!yes && likely > 0 && !process.stdin.isTTY) throw fault('mode-likely', likely);
  if (!process.stdin.isTTY) return;
  const callers = `${counted(likely, 'caller')} that ${likely === 1 ? 'looks' : 'look'} legitimate`;
  await confirm(likely > 0 ? `this cuts off ${callers}` : 'this refuses strangers', yes);
}
