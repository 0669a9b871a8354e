import { oneLine } from '../errors.ts';
import type { AlertFacts } from '../journal/index.ts';
import type { AlertGroup, MailContents } from './contents.ts';
import type { WaitingMail } from './outbox.ts';
import {
  type Advice,
  advice,
  blockAdvice,
  blockReasonText,
  localTime,
  originText,
  reasonText,
} from './words.ts';

/** A mail as it is handed to the transport; no line of its header was written by a caller. */
export interface Letter {
  readonly messageId: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Networks that one mail shows; it tells how many more there are. */
export const MOST_GROUPS = 50;
/** Characters of one caller text that a mail shows. */
const LONGEST_CLAIM = 120;

interface Paragraph {
  readonly rows: readonly (readonly [label: string, value: string])[];
  readonly advice: readonly Advice[];
}

/**
 * @param host this host's name, to tell one PBX from another
 * @param mail its Message-ID comes from the row, so that a mail sent twice (killed between the
 * server's acceptance and the note of it) can be known as the same
 */
export function writeLetter(contents: MailContents, mail: WaitingMail, host: string): Letter {
  const blocks = contents.groups.map((group) => paragraphOf(group, mail.withheld));
  const subject = subjectOf(contents);
  const rest = contents.networks - contents.groups.length;
  const notes = [
    ...(rest > 0 ? [`… and ${rest} more networks: see 'ipcountry calls --strangers'.`] : []),
    ...(mail.withheld
      ? [
          "What the callers wrote is left out, as the mail server refused it: see 'ipcountry calls'.",
        ]
      : [
          'What a caller says to be is the caller’s own claim; the address is where packets came from.',
        ]),
  ];
  return {
    messageId: `<ipcountry-${mail.id}-${mail.createdAt}@${host}>`,
    subject,
    text: textOf(subject, host, blocks, notes),
    html: htmlOf(subject, host, blocks, notes),
  };
}

/** Short, and nothing of it a caller's. */
function subjectOf({ total, blocks, networks, groups }: MailContents): string {
  const { counted, facts } = groups[0]!;
  const code = /^[A-Z]{2}$/.test(facts.country) ? ` (${facts.country})` : '';
  const where = counted === '' ? 'an unknown address' : `${counted}${code}`;
  if (blocks > 0) {
    const rest = total - blocks;
    const shutOut = blocks === 1 ? `${where} blocked` : `${blocks} sources blocked`;
    return `ipcountry: ${shutOut}${rest === 0 ? '' : `, ${rest} call${rest === 1 ? '' : 's'} refused`}`;
  }
  if (total === 1) return `ipcountry: stranger from ${where} refused`;
  return networks === 1
    ? `ipcountry: ${total} calls from ${where} refused`
    : `ipcountry: ${total} strangers from ${networks} networks refused`;
}

function paragraphOf(group: AlertGroup, withheld: boolean): Paragraph {
  return group.kind === 'block' ? blockParagraph(group, withheld) : callParagraph(group, withheld);
}

function callParagraph(
  { counted, count, first, last, facts }: AlertGroup & { kind: 'call' },
  withheld: boolean,
): Paragraph {
  return {
    rows: [
      ['from', `${placeText(counted, facts.source)}, ${originText(facts)}`],
      ...(withheld ? [] : claimsOf(facts)),
      ['because', reasonText(facts)],
      ['when', localTime(last)],
      ...(count > 1 ? [['calls', `${count}, the first ${localTime(first)}`] as const] : []),
    ],
    advice: advice(counted, facts),
  };
}

function blockParagraph(
  { counted, facts }: AlertGroup & { kind: 'block' },
  withheld: boolean,
): Paragraph {
  const { at, seconds } = facts;
  const claims: (readonly [string, string])[] = [
    ...(facts.endpoint === '' ? [] : [['as', claim(facts.endpoint)] as const]),
    ...(facts.evidence === '' ? [] : [['seen', claim(facts.evidence)] as const]),
  ];
  return {
    rows: [
      [
        'blocked',
        `${placeText(counted, facts.source)}, ${originText({ ...facts, operator: null })}`,
      ],
      ...(withheld ? [] : claims),
      ['because', blockReasonText(facts.reason)],
      ['when', localTime(at)],
      ['until', seconds === null ? 'it is lifted' : localTime(at + seconds * 1_000)],
    ],
    advice: blockAdvice(counted, facts.reason),
  };
}

function placeText(counted: string, source: string): string {
  const network = counted === '' || counted === source ? '' : ` in ${counted}`;
  return (source === '' ? 'no address' : claim(source)) + network;
}

function claimsOf(facts: AlertFacts): (readonly [string, string])[] {
  const identity = [
    facts.name === '' ? '' : `“${claim(facts.name)}”`,
    facts.number === '' ? '' : `number ${claim(facts.number)}`,
    claim(facts.sipuri),
  ].filter((part) => part !== '');
  const domain = facts.domain === '' ? '' : ` at ${claim(facts.domain)}`;
  return [
    ['says to be', identity.join(', ') || 'nobody'],
    ['dialled', `${claim(facts.extension) || 'nothing'}${domain}`],
    ...(facts.agent === '' ? [] : [['with', claim(facts.agent)] as const]),
  ];
}

/** A caller's text: cut, hidden characters made visible. */
function claim(text: string): string {
  const characters = Array.from(text); // not in the middle of a surrogate pair
  const cut = characters.slice(0, LONGEST_CLAIM).join('');
  return oneLine(cut) + (characters.length > LONGEST_CLAIM ? '…' : '');
}

function textOf(
  subject: string,
  host: string,
  blocks: readonly Paragraph[],
  notes: string[],
): string {
  const lines = [`${subject.replace('ipcountry: ', '')} on ${host}`];
  for (const { rows, advice } of blocks) {
    lines.push('', ...rows.map(([label, value]) => `  ${label.padEnd(10)}  ${value}`));
    lines.push(...advice.map(({ purpose, command }) => `  to ${purpose}:  ${command}`));
  }
  return [...lines, '', ...notes, ''].join('\n');
}

function htmlOf(
  subject: string,
  host: string,
  blocks: readonly Paragraph[],
  notes: string[],
): string {
  const row = ([label, value]: readonly [string, string]) =>
    `<tr><th align="left">${escapeHtml(label)}</th><td>${escapeHtml(value)}</td></tr>`;
  const tip = ({ purpose, command }: Advice) =>
    `<tr><th align="left">to ${escapeHtml(purpose)}</th><td><code>${escapeHtml(command)}</code></td></tr>`;
  const tables = blocks.map(
    (block) =>
      `<table cellpadding="3">${block.rows.map(row).join('')}${block.advice.map(tip).join('')}</table>`,
  );
  return [
    '<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>',
    `<p>${escapeHtml(subject.replace('ipcountry: ', ''))} on ${escapeHtml(host)}</p>`,
    tables.join('<hr>'),
    ...notes.map((note) => `<p><small>${escapeHtml(note)}</small></p>`),
    '</body></html>',
  ].join('\n');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => ENTITIES[c]!);
}
