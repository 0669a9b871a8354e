import { type Section, type Setting, settingOf, truth } from '../asterisk/index.ts';
import { pjsipObjects, sipGeneral, type Technology } from './accounts/index.ts';
import { isLoaded } from './modules.ts';
import type { Pbx } from './pbx.ts';

/** A server for SIP over TLS. */
export interface TlsServer {
  readonly technology: Technology;
  /** Its section, and the name of that as it is shown. */
  readonly section: Section;
  readonly certificate: Setting | undefined;
  readonly key: Setting | undefined;
}

/** Those of the drivers that are loaded: PJSIP's transports with protocol=tls, chan_sip's tlsenable. */
export async function tlsServers(pbx: Pbx): Promise<TlsServer[]> {
  const servers: TlsServer[] = [];
  if (await isLoaded(pbx, 'res_pjsip')) {
    for (const section of pjsipObjects(pbx).ofType('transport')) {
      if (settingOf(section, 'protocol')?.value.toLowerCase() !== 'tls') continue;
      const certificate = settingOf(section, 'cert_file');
      // The key may stand in the certificate's file.
      const key = settingOf(section, 'priv_key_file') ?? certificate;
      servers.push({ technology: 'PJSIP', section, certificate, key });
    }
  }
  const section = (await isLoaded(pbx, 'chan_sip')) ? sipGeneral(pbx) : undefined;
  if (section && truth(settingOf(section, 'tlsenable')?.value) === true) {
    const certificate = settingOf(section, 'tlscertfile');
    const key = settingOf(section, 'tlsprivatekey') ?? certificate;
    servers.push({ technology: 'SIP', section, certificate, key });
  }
  return servers;
}
