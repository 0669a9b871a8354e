import { CHAINS } from './iptables-match.ts';
import type { Plan } from './plan.ts';

/** Comment in front of the rules: how they are loaded, taken away, and what to know of their lists. */
export function header({ options }: Plan, family: 4 | 6): string {
  const program = family === 4 ? 'iptables' : 'ip6tables';
  const lines = [
    `ipcountry: rules for ${program}, behind the lists that 'render --format ipset' prints. To load`,
    'both, now, at boot, and whenever rules, countries or blocks have changed:',
    '  ipset restore -exist < LISTS',
    `  ${program}-restore --noflush < FILE`,
    `  ${program} -C INPUT -j ${CHAINS.main} || ${program} -I INPUT -j ${CHAINS.main}`,
    'Everything is in chains of its own; what they let pass is still judged by your other rules.',
    'To take it away:',
    `  ${program} -D INPUT -j ${CHAINS.main}`,
    `  for c in ${Object.values(CHAINS).join(' ')}; do ${program} -F $c && ${program} -X $c; done`,
    ...(options.domains || options.scanners || options.traps ? RECENT : []),
    ...(options.domains ? DOMAINS : []),
  ];
  return lines.map((line) => `# ${line}`.trimEnd()).join('\n');
}

const RECENT = [
  '',
  "Who is known, locked out or a scanner is in the kernel's memory (/proc/net/xt_recent/ipcountry-*):",
  'lost at reboot, and of only 100 sources in each list, those silent longest giving way. For 2000:',
  "  echo 'options xt_recent ip_list_tot=2000' > /etc/modprobe.d/ipcountry-recent.conf",
  'which counts from the next reboot, or after the rules are away and xt_recent was unloaded',
  '(modprobe -r xt_recent). To forget one source, or all:',
  '  echo -203.0.113.7 > /proc/net/xt_recent/ipcountry-scanner4',
  '  echo / > /proc/net/xt_recent/ipcountry-scanner4',
];

const DOMAINS = [
  '',
  'Phones and trunks, permitted or not, must name a domain of yours (sip:HOST, @HOST, or in the',
  'greeting of TLS) before they are heard on SIP ports. Trust those that call you by your address.',
];
