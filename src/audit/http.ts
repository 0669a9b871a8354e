import { type Section, settingOf, truth } from '../asterisk/index.ts';
import { type Bind, bindOf } from './bind.ts';
import { placed } from './check.ts';
import type { Pbx } from './pbx.ts';

/** Asterisk's HTTP server, as http.conf has it: for ARI, AMI over HTTP and SIP over WebSocket. */
export interface Http {
  readonly general: Section;
  /** Without TLS; undefined where no `bindaddr` names an address. */
  readonly plain: Bind | undefined;
  readonly tls: Bind | undefined;
  readonly binds: readonly Bind[];
}

const PORT = 8088;
const TLS_PORT = 8089;

/** @returns undefined where it is off, as it is unless enabled */
export function httpOf(pbx: Pick<Pbx, 'conf'>): Http | undefined {
  const general = pbx
    .conf('http.conf')
    .sections.find(({ name, template }) => name.toLowerCase() === 'general' && !template);
  if (!general || truth(settingOf(general, 'enabled')?.value) !== true) return undefined;
  const address = settingOf(general, 'bindaddr');
  const port = Number(settingOf(general, 'bindport')?.value ?? PORT);
  const plain = address?.value
    ? bindOf(address.value, port, placed(address, general.name))
    : undefined;
  const tls = tlsBind(general, plain);
  return { general, plain, tls, binds: [plain ?? [], tls ?? []].flat() };
}

/** Without an address of its own it listens where the other does. */
function tlsBind(general: Section, plain: Bind | undefined): Bind | undefined {
  const enabled = settingOf(general, 'tlsenable');
  if (!enabled || truth(enabled.value) !== true) return undefined;
  const address = settingOf(general, 'tlsbindaddr');
  if (address?.value) return bindOf(address.value, TLS_PORT, placed(address, general.name));
  return plain && bindOf(plain.address, TLS_PORT, placed(enabled, general.name));
}
