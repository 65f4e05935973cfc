/** Calls of the application as promises: an answer, or an error that keeps its code and advice. */
import type { ApiArgs, ApiName, ApiResult } from '../contract/api.ts';
import type { Bridge } from '../contract/bridge.ts';
import { fromWire } from '../contract/errors.ts';

declare global {
  interface Window {
    readonly vidimus: Bridge;
  }
}

let counter = 0;

/** Calls the application. @throws VidimusError as the application answered */
export async function call<N extends ApiName>(name: N, args: ApiArgs<N>): Promise<ApiResult<N>> {
  counter += 1;
  const answer = await window.vidimus.call(name, args, `c${counter}`);
  if (!answer.ok) throw fromWire(answer.error);
  return answer.value;
}
