import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Dialplan, dialplanOfConf, dialplanOfShown } from '../asterisk/index.ts';
import { isLoaded } from './modules.ts';
import type { Pbx } from './pbx.ts';
import { type Ground, groundOf } from './reach/index.ts';

/** The dialplan of a PBX: as its Asterisk has it, or where that can't be asked, as its files make it. */
export interface KnownDialplan {
  readonly dialplan: Dialplan;
  readonly ground: Ground;
  /** What there may be more of, and why it is not known: a few words each. */
  readonly gaps: readonly string[];
}

/** By `ask`, which the copies of a PBX that each check is given have in common. */
const known = new WeakMap<Pbx['ask'], Promise<KnownDialplan & { readonly ofFiles: boolean }>>();

/** Read once, however many checks ask. */
export async function dialplanOf(pbx: Pbx): Promise<KnownDialplan> {
  const found = known.get(pbx.ask) ?? read(pbx);
  known.set(pbx.ask, found);
  // A check is told of files that can't be read when it asks for them itself: src/audit/run.ts.
  if ((await found).ofFiles) pbx.conf('extensions.conf');
  return found;
}

async function read(pbx: Pbx): Promise<KnownDialplan & { ofFiles: boolean }> {
  const shown = await pbx.ask('dialplan show');
  if (shown?.includes('[ Context ')) {
    const globals = (await pbx.ask('dialplan show globals')) ?? '';
    return { ...walkable(pbx, dialplanOfShown(shown, globals), []), ofFiles: false };
  }
  const dialplan = dialplanOfConf(pbx.conf('extensions.conf'));
  return { ...walkable(pbx, dialplan, await gapsOf(pbx)), ofFiles: true };
}

function walkable(pbx: Pbx, dialplan: Dialplan, gaps: readonly string[]): KnownDialplan {
  const comesBack =
    pbx.own.mode === 'monitor' || dialplan.globals.get('IPCOUNTRY_EXTERNAL_FAILURE') === 'allow';
  return {
    dialplan,
    gaps,
    ground: groundOf(dialplan, { isFreepbx: pbx.kind === 'freepbx', comesBack }),
  };
}

/** Other languages that a dialplan is written in, and the module that reads each. */
const OTHERS = { 'extensions.ael': 'pbx_ael', 'extensions.lua': 'pbx_lua' } as const;

async function gapsOf(pbx: Pbx): Promise<string[]> {
  const { found, refused, unreadable, remarks } = pbx.conf('extensions.conf');
  const gaps = unreadable.map((file) => `${file} can't be read`);
  if (!found && unreadable.length === 0) gaps.push('extensions.conf is not there');
  if (refused) gaps.push('Asterisk does not load extensions.conf as it stands');
  if (remarks.some((remark) => remark.includes('#exec'))) gaps.push('what #exec gives is not read');
  for (const [file, module] of Object.entries(OTHERS)) {
    if (existsSync(join(pbx.folder, file)) && (await isLoaded(pbx, module)))
      gaps.push(`${file} is not read`);
  }
  return gaps;
}
