import { settingOf, settingsOf, truth } from '../asterisk/index.ts';
import { directoryOf } from './directory.ts';
import type { Pbx } from './pbx.ts';

/**
 * Whether a module is loaded: as the running Asterisk says, else as modules.conf would have it
 * (main/loader.c, load_modules). What is not installed is not loaded, whatever stands there.
 * @param module `chan_sip`, without `.so`
 */
export async function isLoaded(pbx: Pbx, module: string): Promise<boolean> {
  const shown = await pbx.ask(`module show like ${module}.so`);
  // Each module's line ends in its state and how well it is supported: `Running  core`.
  if (shown?.includes('modules loaded')) {
    return shown
      .split('\n')
      .some((line) => line.startsWith(`${module}.so`) && !line.includes('Not Running'));
  }
  return isInstalled(pbx, module) && isWanted(pbx, module);
}

function isWanted(pbx: Pbx, module: string): boolean {
  const conf = pbx.conf('modules.conf');
  const modules = conf.sections.find(({ name, template }) => name === 'modules' && !template);
  if (!modules) return true;
  const names = (...settings: string[]) =>
    settingsOf(modules, ...settings).some(({ value }) => value.replace(/\.so$/i, '') === module);
  if (names('noload')) return false;
  return (
    truth(settingOf(modules, 'autoload')?.value) === true ||
    names('load', 'require', 'preload', 'preload-require')
  );
}

/** Where distributions and FreePBX put modules, beside what asterisk.conf says. */
const FOLDERS = [
  '/usr/lib/asterisk/modules',
  '/usr/lib64/asterisk/modules',
  '/usr/lib/x86_64-linux-gnu/asterisk/modules',
  '/usr/lib/aarch64-linux-gnu/asterisk/modules',
];

/** True too where nobody can tell. */
function isInstalled(pbx: Pbx, module: string): boolean {
  const folders = [directoryOf(pbx, 'astmoddir', FOLDERS[0]!), ...FOLDERS];
  const files = folders.map((folder) => pbx.host?.list(folder) ?? []);
  const modules = files.find((names) => names.some((name) => name.endsWith('.so')));
  return modules?.includes(`${module}.so`) ?? true;
}
