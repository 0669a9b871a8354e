import { settingOf, truth } from '../../asterisk/index.ts';
import { type Check, type Finding, placed, unknown } from '../check.ts';
import { dialplanOf } from '../dialplan-of.ts';
import { placeOf } from '../ways.ts';

const dangerously: Check = {
  id: 'DIAL-230',
  severity: 'high',
  title: 'Functions that run programs are open to the manager interface',
  why: 'With live_dangerously a manager account that may only read variables runs any program: it asks for the variable SHELL(…).',
  mend: 'In asterisk.conf, [options]: live_dangerously=no, then a restart.',
  run(pbx) {
    return pbx
      .conf('asterisk.conf')
      .sections.filter(({ name, template }) => name === 'options' && !template)
      .flatMap((section) => {
        const setting = settingOf(section, 'live_dangerously');
        return setting && truth(setting.value) === true
          ? [{ where: placed(setting, 'options'), found: `live_dangerously=${setting.value}` }]
          : [];
      });
  },
};

const execFull: Check = {
  id: 'DIAL-240',
  severity: 'medium',
  title: 'AGI programs run dialplan functions in what they pass on',
  why: 'With AGIEXECFULL, EXEC of an AGI program fills in variables and functions once more: a name with SHELL(…) in it, as a caller may have it, is run.',
  mend: 'Take AGIEXECFULL out, and let the AGI program ask for variables with GET VARIABLE.',
  async run(pbx) {
    const { dialplan, gaps } = await dialplanOf(pbx);
    const findings: Finding[] = [];
    if (truth(dialplan.globals.get('AGIEXECFULL')) === true) {
      findings.push({ where: '[globals] AGIEXECFULL', found: 'is on for every call' });
    }
    for (const { name: context, extensions } of dialplan.contexts.values()) {
      for (const extension of extensions) {
        for (const step of extension.steps) {
          const [, value] = /(?<![A-Za-z0-9])AGIEXECFULL\s*=\s*([^,)]*)/.exec(step.data) ?? [];
          if (value === undefined || truth(value) === false || value.trim() === '') continue;
          findings.push({
            where: placeOf({ found: { context, extension }, step }),
            found: 'sets AGIEXECFULL',
          });
        }
      }
    }
    const [gap] = gaps;
    return findings.length > 0 || gap === undefined ? findings : unknown(gap);
  },
};

export const checks: readonly Check[] = [dangerously, execFull];
