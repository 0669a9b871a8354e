import type { Config } from '../config.ts';
import { Fault } from '../errors.ts';
import { getMode, listRules, type Rule } from '../policy/index.ts';
import {
  type Facts,
  type Plan,
  type RowChange,
  readRecord,
  recordPath,
  ruleRow,
  writeRecord,
} from '../setup/index.ts';
import type { PeerList } from './peers.ts';
import { type Session, useSession } from './session.ts';
import type { Asked } from './setup-ask.ts';
import type { Prompts } from './setup-prompts.ts';
import { afterwards, type Stand, showStands, standNow } from './setup-report.ts';
import { planJson } from './setup-show.ts';

export interface Closing {
  readonly config: Config;
  readonly facts: Facts;
  readonly plan: Plan;
  readonly asked: Asked;
  readonly json: boolean;
  readonly changed: boolean;
  /** Undefined where nobody is to be asked. */
  readonly prompts: Prompts | undefined;
}

/** Shows how things stand and who would be let in; exit code 1 where something is not ok. */
export async function closeSetup(closing: Closing): Promise<void> {
  const { config, facts, plan, asked, json, changed, prompts } = closing;
  await useSession(config, json, async (session) => {
    const stands = [
      ...(changed ? await afterwards(plan, asked, config) : []),
      ...(await standNow(session, facts, plan)),
    ];
    const peers = await askPeers(session, stands);
    const data = {
      changed,
      dryRun: false,
      plan: await planJson(plan),
      stands,
      peers: peers?.rows ?? [],
    };
    session.print(data, () => {
      const parts = [
        showStands(inOrder(stands)),
        ...(peers ? [peers.text()] : []),
        next(session, peers, stands),
      ];
      return `${changed ? '' : 'nothing to change: all is as asked\n\n'}${parts.join('\n\n')}`;
    });
    const ko = peers?.rows.some(({ ok }) => ok === false) ?? false;
    const after = ko && prompts ? await offerRules(session, prompts) : peers;
    const isKo =
      after?.rows.some(({ ok }) => ok === false) || stands.some(({ ok }) => ok === false);
    if (isKo) process.exitCode = 1;
  });
}

const ORDER: readonly Stand['what'][] = [
  ...(['country', 'mail', 'server', 'dialplan', 'calls', 'manager', 'mode'] as const),
];

function inOrder(stands: readonly Stand[]): Stand[] {
  return [...stands].sort((a, b) => ORDER.indexOf(a.what) - ORDER.indexOf(b.what));
}

/** Without an account nobody can say who is connected. */
async function askPeers(session: Session, stands: Stand[]): Promise<PeerList | undefined> {
  const { listPeers } = await import('./peers.ts');
  try {
    const peers = await listPeers(session);
    stands.push({ what: 'manager', ok: true, words: `${session.config.ami.user} logs in` });
    return peers;
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    const none = cause.code === 'ami-secret';
    const words = none ? 'no account: nobody can tell who is registered' : cause.message;
    stands.push({ what: 'manager', ok: none ? null : false, words });
    return undefined;
  }
}

function next(session: Session, peers: PeerList | undefined, stands: readonly Stand[]): string {
  if (getMode(session.database()) === 'enforce') return '';
  const ko = peers?.rows.some(({ ok }) => ok === false);
  const silent = stands.some(({ what, ok }) => what === 'server' && ok === false);
  const lines = [
    ...(silent ? ["Start the server: 'ipcountry serve'."] : ['ipcountry refuses no call yet.']),
    ...(ko ? ["'ipcountry permit --peers' offers rules for those that are ko."] : []),
    "Look at 'ipcountry calls --strangers' for some days.",
    "When 'ipcountry check --peers' shows every line ok: 'ipcountry mode enforce'.",
    "To take all of this back: 'ipcountry setup --undo'.",
  ];
  return lines.join('\n');
}

/** @returns the peers as they then are */
async function offerRules(session: Session, prompts: Prompts): Promise<PeerList> {
  const { listPeers } = await import('./peers.ts');
  const { permitPeers } = await import('./permit-peers.ts');
  if (await prompts.yes('Look at rules for those that are ko?', true)) {
    const before = listRules(session.database());
    await permitPeers(session, { peers: true }).catch((cause: unknown) => {
      if (!(cause instanceof Fault)) throw cause;
      session.remark(cause.message);
    });
    remember(session, before);
  }
  return listPeers(session);
}

/** What was permitted beside belongs to the setup, and goes with it. */
function remember(session: Session, before: readonly Rule[]): void {
  const path = recordPath(session.config.databasePath);
  const record = readRecord(path);
  const known = new Map(before.map((rule) => [`${rule.list} ${rule.text}`, rule]));
  const made = listRules(session.database()).flatMap((rule): RowChange[] => {
    const old = known.get(`${rule.list} ${rule.text}`);
    const [was, is] = [old ? ruleRow(old) : null, ruleRow(rule)];
    if (rule.list === 'deny' || JSON.stringify(was) === JSON.stringify(is)) return [];
    return [{ table: rule.list, key: rule.text, before: was, after: is }];
  });
  if (record && made.length > 0) writeRecord(path, { ...record, rows: [...record.rows, ...made] });
}
