/**
 * The whole application without a face: every call of the contract over cases, engines and the laboratory's files.
 * The desktop and the loopback server are two hosts of the same thing.
 */
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type * as z from 'zod';
import packageJson from '../../../package.json' with { type: 'json' };
import { type Api, type ApiArgs, type ApiName, type ApiResult, apiSchemas, isApiName } from '../../contract/api.ts';
import { CASE_API } from '../../contract/apiCases.ts';
import { EVIDENCE_API } from '../../contract/apiEvidence.ts';
import { type HostInfo, LAB_API } from '../../contract/apiLab.ts';
import { REPORT_API } from '../../contract/apiReports.ts';
import { VidimusError } from '../../contract/errors.ts';
import { isEngineMethod } from '../../engine/protocol.ts';
import { workspaceFolder } from '../cases/cases.ts';
import { installFolder, userFolder } from '../folders.ts';
import { historyPath } from '../monitor/history.ts';
import { monitored } from '../monitor/monitor.ts';
import { readOpinionSettings } from '../opinionSettings.ts';
import { engineCount } from '../queue.ts';
import { type EngineTransport, openWorkbench, type Workbench } from '../workbench.ts';
import type { CallContext, Handlers } from './calls.ts';
import { caseCalls } from './caseCalls.ts';
import { EvidenceRoom, type Shown } from './evidenceCalls.ts';
import { exhibitCalls } from './exhibitCalls.ts';
import { labCalls } from './labCalls.ts';
import { OpenCases } from './openCases.ts';
import { queueCalls } from './queueCalls.ts';
import { reportCalls } from './reportCalls.ts';
import { readSettings } from './settings.ts';

/** What a host brings: how engines are started, native dialogs where there are any, and where its log goes. */
export interface HostParts {
  readonly kind: HostInfo['kind'];
  readonly launch?: () => EngineTransport;
  readonly dialogs?: Handlers<Extract<keyof typeof LAB_API, `dialog.${string}`>>;
  readonly onLog: (line: string) => void;
}

export interface Application {
  /** A call whose name and arguments came over a wire; both are parsed, and so is the answer. */
  callUnchecked(name: string, args: unknown, context: CallContext): Promise<unknown>;
  call<N extends ApiName>(name: N, args: ApiArgs<N>, context?: Partial<CallContext>): Promise<ApiResult<N>>;
  /** The file behind an evidence address; null where there is none. */
  evidence(id: string, what: string): Promise<Shown | null>;
  /** Closes cases, puts running jobs back into their queues, and ends the engines. */
  close(): Promise<void>;
}

type OwnName = keyof typeof CASE_API | keyof typeof EVIDENCE_API | keyof typeof LAB_API | keyof typeof REPORT_API;

const ownNames = new Set<string>([CASE_API, EVIDENCE_API, LAB_API, REPORT_API].flatMap((api) => Object.keys(api)));
const isOwn = (name: ApiName): name is OwnName => ownNames.has(name);

const account = (): string => {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
};

const NO_DIALOGS: NonNullable<HostParts['dialogs']> = {
  'dialog.open': () => ({ supported: false, paths: [] }),
  'dialog.save': () => ({ supported: false, path: null }),
};

/** The workspace's demonstration case, made at the first start. */
export const DEMO_CASE = 'demo';

/** Opens the application. Engines and cases are opened when they are needed. */
export function openApplication({ kind, launch, dialogs = NO_DIALOGS, onLog }: HostParts): Application {
  const home = userFolder();
  const engine = { onLog, ...(launch === undefined ? {} : { launch }) };
  const watch = (workbench: Workbench): Workbench =>
    monitored(workbench, historyPath(home), (error) => onLog(error.message));
  const examining = watch(openWorkbench({ ...engine, engines: readSettings(home).concurrency ?? engineCount() }));
  // Looking at an exhibit must not wait until another one is examined.
  const viewing = openWorkbench({ ...engine, engines: 1 });
  const cases = new OpenCases(account());
  const room = new EvidenceRoom(cases, viewing);
  const workspace = workspaceFolder();
  const whole = caseCalls(cases, workspace, home);
  const handlers: Handlers<OwnName> = {
    ...whole,
    'case.close': async (args, context) => {
      await room.closeCase(args.case);
      return whole['case.close'](args, context);
    },
    ...exhibitCalls(cases),
    ...queueCalls(cases, examining, {
      concurrency: () => readSettings(home).concurrency,
      opinion: () => readOpinionSettings(home),
    }),
    ...room.calls(),
    ...labCalls(examining, installFolder(), home),
    ...reportCalls(cases, viewing, home),
    ...dialogs,
    'host.info': () => {
      const demo = join(workspace, DEMO_CASE);
      return {
        kind,
        version: packageJson.version,
        platform: process.platform,
        demoCase: existsSync(demo) ? demo : null,
      };
    },
  };
  const own = async <N extends OwnName>(name: N, raw: unknown, context: CallContext): Promise<unknown> =>
    apiSchemas[name].result.parse(await handlers[name](argumentsOf(name, raw), context));
  const callUnchecked: Application['callUnchecked'] = async (name, args, context) => {
    if (!isApiName(name)) throw new VidimusError('bug', `There is no call "${name}".`);
    if (isOwn(name)) return own(name, args, context);
    if (!isEngineMethod(name)) throw new VidimusError('bug', `The call "${name}" has no answer here.`);
    const workbench = name === 'analysis.run' ? examining : viewing;
    return workbench.callUnchecked(name, argumentsOf(name, args), context);
  };
  return {
    callUnchecked,
    call: async (name, args, context = {}) => {
      const { signal = new AbortController().signal, onProgress = () => undefined } = context;
      return apiSchemas[name].result.parse(await callUnchecked(name, args, { signal, onProgress }));
    },
    evidence: (id, what) => room.file(id, what),
    close: async () => {
      await cases.closeAll();
      await room.close();
      await Promise.all([examining.close(), viewing.close()]);
    },
  };
}

/** Arguments that do not fit are the caller's fault and are named. @throws VidimusError usage.invalid */
function argumentsOf<N extends ApiName>(name: N, raw: unknown): z.output<Api[N]['args']> {
  const parsed = apiSchemas[name].args.safeParse(raw);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new VidimusError('usage.invalid', `${name}: ${issue?.path.join('.')}: ${issue?.message ?? 'not valid'}`);
}
