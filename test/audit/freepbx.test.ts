import { describe, expect, it } from 'vitest';
import { checks as accounts } from '../../src/audit/checks/accounts.ts';
import { checks as dialplanCode } from '../../src/audit/checks/dialplan-code.ts';
import { checks as dialplanDisa } from '../../src/audit/checks/dialplan-disa.ts';
import { checks as dialplanGuests } from '../../src/audit/checks/dialplan-guests.ts';
import { checks as dialplanOutbound } from '../../src/audit/checks/dialplan-outbound.ts';
import { checks as dialplanText } from '../../src/audit/checks/dialplan-text.ts';
import { checks as dialplanTransfer } from '../../src/audit/checks/dialplan-transfer.ts';
import { checks as encryption } from '../../src/audit/checks/encryption.ts';
import { checks as guests } from '../../src/audit/checks/guests.ts';
import { checks as sipDomain } from '../../src/audit/checks/sip-domain.ts';
import { checks as sipSettings } from '../../src/audit/checks/sip-settings.ts';
import { checks as trunks } from '../../src/audit/checks/trunks.ts';
import { checks as unseen } from '../../src/audit/checks/unseen.ts';
import { checks as voicemail } from '../../src/audit/checks/voicemail.ts';
import { auditFiles } from '../support/audit.ts';

const CHECKS = [
  guests,
  sipSettings,
  accounts,
  sipDomain,
  trunks,
  encryption,
  voicemail,
  unseen,
  dialplanGuests,
  dialplanOutbound,
  dialplanText,
  dialplanDisa,
  dialplanCode,
  dialplanTransfer,
].flat();

/** What is found at a FreePBX with two extensions and a trunk, as its setup and GUI leave it. */
async function found(release: '16' | '17'): Promise<string[]> {
  const folder = new URL(`freepbx/${release}/`, import.meta.url).pathname;
  const pbx = auditFiles(folder, { kind: 'freepbx', own: { firewall: 'off' } });
  const lines: string[] = [];
  for (const check of CHECKS) {
    const result = await check.run(pbx);
    if ('unknown' in result) lines.push(`${check.id} unknown: ${result.unknown}`);
    else {
      for (const { where, found, severity = check.severity } of result) {
        lines.push(`${check.id} ${severity} ${where}: ${found}`);
      }
    }
  }
  return lines;
}

describe('FreePBX as installed has nothing but what is its own fault', () => {
  const both = [
    'SIP-100 low pjsip.endpoint.conf:115 [anonymous]: an endpoint for anonymous callers: calls from anybody begin in [from-sip-external], where FreePBX answers them only to say that the number is not in service',
    // Its trunks are told by their address, and, unless one says otherwise, by their name.
    'SIP-150 medium pjsip.endpoint.conf:94 [provider]: no auth: who says its name calls as it, in [from-pstn]',
    'TRUNK-100 medium extensions_additional.conf:12 [globals]: trunk 1 (PJSIP/provider): no limit',
  ];

  it('17', async () => {
    expect((await found('17')).sort()).toEqual(
      [
        ...both,
        'SIP-180 low pjsip.endpoint.conf: no permit and deny that keep strangers out: 1001, 1002',
        'CRYPT-100 low pjsip.endpoint.conf: no TLS for phones that register from anywhere: 1001, 1002',
      ].sort(),
    );
  });

  it('16, with an extension of chan_sip', async () => {
    expect((await found('16')).sort()).toEqual(
      [
        ...both,
        'SIP-100 low sip_general_additional.conf:17 [general]: allowguest is on: calls from anybody begin in [from-sip-external], where FreePBX answers them only to say that the number is not in service',
        'SIP-170 low sip_additional.conf: type=friend: 1003',
        'SIP-180 low pjsip.endpoint.conf, sip_additional.conf: no permit and deny that keep strangers out: 1001, 1002, 1003',
        'SIP-190 low sip.conf:5 [general]: no domain, and accounts that register from anywhere: 1003',
        'CRYPT-100 low pjsip.endpoint.conf, sip_additional.conf: no TLS for phones that register from anywhere: 1001, 1002, 1003',
      ].sort(),
    );
  });
});
