/** The contract seen from the calling side: the same typed functions over a MessagePort, a WebSocket or in one process. */
import { createORPCClient } from '@orpc/client';
import type { ClientLink } from '@orpc/client';
import type { ContractRouterClient } from '@orpc/contract';
import type { contract } from './contract.ts';

export type Api = ContractRouterClient<typeof contract>;

export function makeApi(link: ClientLink<Record<never, never>>): Api {
  return createORPCClient(link);
}
