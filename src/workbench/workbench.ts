/**
 * The application without a face: the contract's calls over a pool of engine processes. Hosts (command line, server,
 * desktop) bring the way to launch an engine; everything else is the same for all of them.
 */
import { VidimusError } from '../contract/errors.ts';
import { EngineClient, type EngineTransport, type RequestOptions } from '../engine/client.ts';
import { forkEngine } from '../engine/fork.ts';
import {
  type EngineArgs,
  type EngineMethod,
  type EngineResult,
  engineSchemas,
  isEngineMethod,
} from '../engine/protocol.ts';
import { engineEnvironment } from './folders.ts';

export interface WorkbenchOptions {
  /** Starts an engine process; a forked Node child where nothing else is given. */
  readonly launch?: () => EngineTransport;
  /** Engine processes that may work at once; each runs one job. */
  readonly engines?: number;
  /** Receives the engines' log lines and restarts. */
  readonly onLog?: (line: string) => void;
}

export interface Workbench {
  /** Any call of the contract. Progress and cancel travel with it. */
  call<M extends EngineMethod>(name: M, args: EngineArgs<M>, options?: RequestOptions): Promise<EngineResult<M>>;
  /** The same for a name and arguments that came over a wire; both are parsed before anything runs. */
  callUnchecked(name: string, args: unknown, options?: RequestOptions): Promise<unknown>;
  /** Process ids of the running engines, for monitoring. */
  readonly enginePids: () => number[];
  close(): Promise<void>;
}

/** Opens a workbench. Engines start with the first call that needs them. */
export function openWorkbench(options: WorkbenchOptions = {}): Workbench {
  const onLog = options.onLog ?? (() => undefined);
  const launch = options.launch ?? (() => forkEngine(engineEnvironment(), onLog));
  const size = Math.max(1, options.engines ?? 1);
  const idle: EngineClient[] = [];
  const all: EngineClient[] = [];
  const waiting: ((client: EngineClient) => void)[] = [];

  const take = (): Promise<EngineClient> => {
    const free = idle.pop();
    if (free) return Promise.resolve(free);
    if (all.length < size) {
      const client = new EngineClient({ launch, onRestart: (reason) => onLog(`engine restarted: ${reason}`) });
      all.push(client);
      return Promise.resolve(client);
    }
    return new Promise((resolve) => waiting.push(resolve));
  };
  const give = (client: EngineClient): void => {
    const next = waiting.shift();
    if (next) next(client);
    else idle.push(client);
  };

  const call: Workbench['call'] = async (name, args, requestOptions) => {
    const client = await take();
    try {
      return await client.request(name, args, requestOptions);
    } finally {
      give(client);
    }
  };
  const parsedCall = <M extends EngineMethod>(name: M, args: unknown, requestOptions?: RequestOptions) =>
    call(name, engineSchemas[name].args.parse(args), requestOptions);

  return {
    call,
    callUnchecked: async (name, args, requestOptions) => {
      if (!isEngineMethod(name)) throw new VidimusError('bug', `There is no call "${name}".`);
      return parsedCall(name, args, requestOptions);
    },
    enginePids: () => all.flatMap((client) => client.pid ?? []),
    close: async () => {
      await Promise.all(all.map((client) => client.close()));
    },
  };
}

export type { EngineTransport } from '../engine/client.ts';
