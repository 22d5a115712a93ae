/** electron-builder's afterPack: switches off what of Electron the app does not use. */
import { flipFuses, FuseV1Options, FuseVersion } from '@electron/fuses';
import type { AfterPackContext } from 'electron-builder';
import { join } from 'node:path';

const extensions: Record<string, string> = { darwin: '.app', win32: '.exe' };

export default async function setFuses({ appOutDir, electronPlatformName, packager }: AfterPackContext): Promise<void> {
  // Linux names its program after the package, the others after the product.
  const name = electronPlatformName === 'linux' ? packager.appInfo.name : packager.appInfo.productFilename;
  await flipFuses(join(appOutDir, `${name}${extensions[electronPlatformName] ?? ''}`), {
    version: FuseVersion.V1,
    resetAdHocDarwinSignature: electronPlatformName === 'darwin',
    [FuseV1Options.RunAsNode]: false,
    [FuseV1Options.EnableCookieEncryption]: true,
    [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
    [FuseV1Options.EnableNodeCliInspectArguments]: false,
    [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
    [FuseV1Options.OnlyLoadAppFromAsar]: true,
    [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
  });
}
