import type { Pbx } from './pbx.ts';

/** What takes every call of a context, whatever was dialled, to ipcountry first. */
const ASKS = /^\s*(?:_\.|_X\.|s)\s*,\s*1\s*,\s*(?:Gosub|Goto)\(\s*ipcountry-external\s*,/i;

/** Whether ipcountry screens the calls that begin in a context. */
export function screens(pbx: Pick<Pbx, 'conf'>, context: string): boolean {
  return pbx
    .conf('extensions.conf')
    .sections.filter(({ name, template }) => name === context && !template)
    .some(({ settings }) =>
      settings.some(({ name, value }) => name.toLowerCase() === 'exten' && ASKS.test(value)),
    );
}
