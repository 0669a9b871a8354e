import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A key and a certificate that it has signed itself, both PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** Good for two days, made by openssl. @param altName `IP:127.0.0.1`, `DNS:pbx.example` */
export function selfSigned(altName: string): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'ipcountry-certificate-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  const subject = ['-subj', '/CN=test', '-addext', `subjectAltName=${altName}`];
  const request = ['req', '-x509', '-nodes', '-days', '2', ...curve, ...subject];
  try {
    execFileSync('openssl', [...request, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
