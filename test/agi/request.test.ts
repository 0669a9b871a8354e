import { describe, expect, it } from 'vitest';
import { parseEnvironment } from '../../src/agi/environment.ts';
import { readRequest } from '../../src/agi/request.ts';
import type { Call } from '../../src/screening/index.ts';
import { type CallText, environment } from '../support/agi-peer.ts';
import { address } from '../support/policy.ts';

const request = (text: string) => readRequest(parseEnvironment(text));

function callOf(text: CallText | string): Call {
  const read = request(typeof text === 'string' ? text : environment(text));
  if (read.kind !== 'call') throw new Error(`no call: ${JSON.stringify(read)}`);
  return read.call;
}

const at = (text: string) => ({ kind: 'address', address: address(text) });
const bad = (text: string) => ({ kind: 'malformed', text });
const source = (value: string, more: Partial<CallText> = {}) =>
  callOf({ arguments: [['source', value]], ...more }).source;

describe('the entry', () => {
  it.each(['external', 'blacklist-check'])('%s', (entry) => {
    expect(callOf({ entry }).entry).toBe(entry);
  });

  it.each([
    '',
    'External',
    'external/',
    '/external',
    'external ',
    'blacklist',
    'admin',
    'constructor',
    '../external',
  ])('%j is no entry of ours', (entry) => {
    expect(request(environment({ entry }))).toEqual({ kind: 'refused', path: entry });
  });

  it.each(['', 'source=203.0.113.7'])('status is no call, whatever else is said', (more) => {
    const text = environment({ entry: 'status', arguments: [['source', more]] });
    expect(request(text)).toEqual({ kind: 'status' });
  });

  it('an environment without agi_network_script has none', () => {
    expect(request('agi_network: yes\n\n').kind).toBe('refused');
  });
});

describe('the source', () => {
  it.each([
    ['PJSIP', '81.2.69.142:5060', '81.2.69.142'],
    ['PJSIP', '[2001:db8::1]:5060', '2001:db8::1'],
    ['PJSIP', '[::ffff:81.2.69.142]:5060', '81.2.69.142'],
    ['SIP', '81.2.69.142', '81.2.69.142'],
    ['SIP', '2001:db8::1', '2001:db8::1'],
    ['IAX2', '81.2.69.142', '81.2.69.142'],
    ['DAHDI', '81.2.69.142', '81.2.69.142'],
  ])('%s gives %s', (type, text, parsed) => {
    expect(source(text, { type })).toEqual(at(parsed));
  });

  it.each(['DAHDI', 'Local', 'Console', 'Khomp'])('%s has none', (type) => {
    expect(source('', { type })).toEqual({ kind: 'none' });
    expect(callOf({ type, arguments: [] }).source).toEqual({ kind: 'none' });
  });

  it.each(['PJSIP', 'SIP', 'IAX2', 'pjsip', 'WebSocket'])(
    '%s has one always: an empty one is malformed',
    (type) => {
      expect(source('', { type })).toEqual(bad(''));
      expect(callOf({ type, arguments: [] }).source).toEqual(bad(''));
    },
  );

  it('an unknown technology is no proof that there is none', () => {
    expect(source('', { type: '' })).toEqual(bad(''));
    const text = environment({ type: 'DAHDI' }).replace('agi_type: DAHDI\n', '');
    expect(callOf(text).source).toEqual(bad(''));
  });

  it.each([
    '1.2.3',
    '081.2.69.142',
    ' 81.2.69.142',
    '81.2.69.142 ',
    '81.2.69.142:5060:1',
    '81.2.69.142:99999',
    'sip.provider.example',
    '81.2.69.142\n',
    '81.2.69.142,127.0.0.1',
    '81.2.69.142\0',
    '"81.2.69.142"',
    '(null)',
  ])('%j is malformed', (text) => {
    expect(source(text)).toEqual(bad(text));
  });

  it('a DAHDI channel with nonsense is malformed, not without a source', () => {
    expect(source('nonsense', { type: 'DAHDI' })).toEqual(bad('nonsense'));
  });
});

describe('arguments', () => {
  it('all of them', () => {
    const hostile = `"Evil, \\"Bob\\"" <sip:bob@198.51.100.7;x=1>;tag=1`;
    const call = callOf({
      arguments: [
        ['source', '81.2.69.142:5060'],
        ['sipuri', hostile],
        ['domain', 'sip.example.com'],
        ['extension', '*97'],
        ['number', '+441234'],
        ['name', 'Zoë\r\nHANGUP\n\nagi_arg_1: x'],
        ['agent', 'a:b,c=d&e%'],
      ],
    });
    expect(call).toEqual({
      entry: 'external',
      source: at('81.2.69.142'),
      technology: 'PJSIP',
      channel: 'PJSIP/anonymous-00000001',
      uniqueid: '1700000000.1',
      sipuri: hostile,
      domain: 'sip.example.com',
      extension: '*97',
      number: '+441234',
      name: 'Zoë\r\nHANGUP\n\nagi_arg_1: x',
      agent: 'a:b,c=d&e%',
    });
  });

  it('a missing one is empty', () => {
    expect(callOf({ arguments: [['source', '81.2.69.142']] })).toMatchObject({
      sipuri: '',
      domain: '',
      extension: '',
      number: '',
      name: '',
      agent: '',
    });
  });

  it('an unknown one is ignored, and one without = too', () => {
    const text = environment({
      arguments: [
        ['source', '81.2.69.142'],
        ['colour', 'blue'],
        ['Source', '1.2.3.4'],
        ['__proto__', 'x'],
      ],
    }).replace('colour=blue', 'colour');
    expect(callOf(text).source).toEqual(at('81.2.69.142'));
  });

  it.each(['source', 'domain', 'agent', 'colour'])('%s twice: malformed', (name) => {
    const call = callOf({
      arguments: [
        ['source', '81.2.69.142'],
        [name, 'a'],
        [name, 'a'],
      ],
    });
    expect(call.source.kind).toBe('malformed');
  });

  it('a value keeps its equals signs', () => {
    expect(callOf({ arguments: [['agent', 'a=b=c']] }).agent).toBe('a=b=c');
  });

  it.each([
    ['in the middle of an escape', 'name=Zo%C3%A9%C', 'Zoé%C'],
    ['in the middle of a letter', 'name=Zo%C3', 'Zo\ufffd'],
    ['behind the percent sign', 'name=Zo%', 'Zo%'],
    ['before anything', 'name=', ''],
  ])('cut by URIENCODE() %s', (_, argument, name) => {
    const text = environment({
      arguments: [
        ['source', '81.2.69.142'],
        ['name', 'X'],
      ],
    }).replace('name=X', argument);
    expect(callOf(text)).toMatchObject({ name, source: at('81.2.69.142') });
  });

  it('more than nine, and no further than the first gap', () => {
    const many = Array.from({ length: 12 }, (_, i) => [`unknown${i}`, 'x'] as const);
    expect(callOf({ arguments: [...many, ['source', '81.2.69.142']] }).source).toEqual(
      at('81.2.69.142'),
    );
    const gap = environment({ arguments: [['source', '81.2.69.142']] }).replace('arg_1', 'arg_2');
    expect(callOf(gap).source).toEqual(bad(''));
  });
});

describe('the seal', () => {
  const args = [['source', '81.2.69.142']] as const;
  const sealed = environment({ seal: '123456', arguments: args });

  it('a whole one', () => {
    expect(callOf(sealed).source).toEqual(at('81.2.69.142'));
  });

  it.each([
    ['missing among the arguments', sealed.replace('agi_arg_2: seal=123456\n', '')],
    ['another number', sealed.replace('arg_2: seal=123456', 'arg_2: seal=123457')],
    ['empty', sealed.replace('arg_2: seal=123456', 'arg_2: seal=')],
    ['cut', sealed.replace('arg_2: seal=123456', 'arg_2: seal=12345')],
    ['longer', sealed.replace('arg_2: seal=123456', 'arg_2: seal=1234567')],
    ['not the last argument', sealed.replace('seal=123456\n\n', 'seal=123456\nagi_arg_3: a=b\n\n')],
    ['in the URL without a number', sealed.replaceAll('seal=123456', 'seal=')],
    ['in the URL with something else', sealed.replace('?seal=123456\n', '?seal=123456&x=1\n')],
    ['another query', sealed.replace('?seal=123456\n', '?key=123456\n')],
  ])('%s: malformed', (_, text) => {
    expect(text).not.toBe(sealed);
    expect(callOf(text).source.kind).toBe('malformed');
  });

  it('is not asked for where the URL has none', () => {
    expect(callOf({ arguments: args }).source).toEqual(at('81.2.69.142'));
  });

  it('a DAHDI channel needs it too', () => {
    const text = environment({ seal: '1', type: 'DAHDI' }).replace('agi_arg_1: seal=1\n', '');
    expect(callOf(text).source.kind).toBe('malformed');
  });
});
