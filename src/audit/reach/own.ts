import type { Step } from '../../asterisk/index.ts';
import type { Location } from './location.ts';
import type { Routes } from './routes.ts';

/** What becomes of a call that is given into hands of which more is known than their lines say. */
export type Handed =
  /** ipcountry or FreePBX gives it back; `answers` where it may be somebody's phone that rings. */
  | { readonly to: 'back'; readonly screened: boolean; readonly answers: boolean }
  /** It ends, or goes where the administrator's own list of extensions says. */
  | { readonly to: 'end'; readonly screened: boolean }
  /** FreePBX's way out through a trunk. */
  | { readonly to: 'trunk' };

export interface Known {
  readonly isFreepbx: boolean;
  /**
   * Whether a call that ipcountry has screened as one from outside may come back to the dialplan: in
   * monitor mode all do, and unscreened ones where the dialplan says so.
   */
  readonly comesBack: boolean;
}

/** What ipcountry's subroutines are to their callers; its other contexts keep the call. */
const OURS: Readonly<Record<string, 'screens' | 'helps'>> = {
  'ipcountry-external': 'screens',
  'ipcountry-blacklist-check': 'screens',
  'ipcountry-inbound': 'screens',
  'ipcountry-ask': 'helps',
  'ipcountry-clean': 'helps',
};
const FREEPBX_TRUNKS = /^macro-dialout-(trunk|dundi|enum)$/;
const FREEPBX_END = 'macro-hangupcall';
const FREEPBX_PHONES = /^macro-(exten-vm|dial|dial-one|simple-dial|vm)$/;

/** @returns undefined where the dialplan's lines are to be followed */
export function handedTo(
  { context, extension }: Location,
  as: 'goto' | 'call',
  routes: Routes,
  { isFreepbx, comesBack }: Known,
): Handed | undefined {
  if (context === undefined || !routes.has(context)) return undefined;
  if (context.startsWith('ipcountry-')) {
    if (context === 'ipcountry-freepbx-pass') return undefined;
    const is = OURS[context];
    const screened = is === 'screens';
    if (!is || (context === 'ipcountry-external' && !comesBack)) return { to: 'end', screened };
    return { to: 'back', screened, answers: false };
  }
  if (!isFreepbx || as === 'goto') return undefined;
  if (FREEPBX_TRUNKS.test(context)) return { to: 'trunk' };
  if (context === FREEPBX_END) return { to: 'end', screened: false };
  // Its subroutines call whom the database says, and numbers that extensions forward to.
  const [found] = routes.find(context, extension ?? 's', 1);
  if (!found || !isFreepbxs(found.extension.steps[0]!)) return undefined;
  return { to: 'back', screened: false, answers: FREEPBX_PHONES.test(context) };
}

/** Whether FreePBX wrote a line: what it does wrong is not the administrator's to mend. */
export function isFreepbxs({ from }: Step): boolean {
  return /^extensions(_additional)?\.conf:/.test(from);
}
