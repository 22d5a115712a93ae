/** `HOST ROOT`: a web host in a process of its own, for the test that kills it: tells its address, token included. */
import { openServices } from '../../src/main/open-services.ts';
import { startWebHost } from '../../src/main/web.ts';

const { url } = await startWebHost({ services: openServices(), port: 0, root: process.argv[2] });
process.send?.(url);
