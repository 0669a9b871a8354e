import type { Facts } from '../setup/index.ts';
import { shown } from './terminal.ts';

/** What was found, before the first question. */
export function describeFacts({ asterisk }: Facts): string {
  const lines = [asterisk ? describeAsterisk(asterisk) : 'Asterisk is left out.'];
  lines.push('Nothing is changed before you have seen it and said yes.');
  return lines.join('\n');
}

function describeAsterisk(asterisk: NonNullable<Facts['asterisk']>): string {
  const { version, kind, drivers, folder } = asterisk;
  const what = kind === 'freepbx' ? ' with FreePBX' : '';
  const by = drivers.length > 0 ? `; calls come in by ${drivers.join(', ')}` : '';
  return `Asterisk ${shown(version)}${what} in ${shown(folder)}${by}.`;
}
