/** Monitoring on the command line: an analysis leaves an event; debug mode tells of tensors; results stay clean. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MonitorReport } from '../../src/contract/monitor.ts';
import { brightnessPack, picture } from '../helpers/brightness.ts';
import { cli, freshFolder } from '../helpers/cli.ts';

describe('vidimus monitor', () => {
  it('counts what analyze did, per stage and detector, and debug mode records tensors', async () => {
    const home = freshFolder();
    await brightnessPack(home);
    const path = join(freshFolder(), 'a.png');
    await picture(path, 120, 1);
    const missing = join(freshFolder(), 'none.png');
    const args = ['analyze', path, missing, '--pack', 'brightness', '--json'];
    const ran = await cli(['--log-level', 'debug', ...args], home);
    expect(
      ran.stdout
        .trim()
        .split('\n')
        .map((line) => typeof JSON.parse(line)),
    ).toEqual(['object', 'object']);
    expect(ran.stderr).toMatch(/tensors.*brightness@1\.0\.0.*"?notFinite\\?"?:0/);
    const told = await cli(['monitor', '--json'], home);
    const report = MonitorReport.parse(JSON.parse(told.stdout));
    expect(report.rows[0]).toMatchObject({ name: 'analysis', count: 2, failures: 1 });
    expect(report.rows.find((r) => r.name === 'image-forgery/brightness')).toMatchObject({
      kind: 'detector',
      count: 1,
    });
    expect(report.errors).toEqual({ 'evidence.not-found': 1 });
    expect(report.alerts.map((a) => a.kind)).toContain('errors');
    const csv = await cli(['monitor', '--csv'], home);
    expect(csv.stdout).toContain('"image-forgery/brightness",detector,1,0,');
    const text = await cli(['monitor'], home);
    expect(text.stdout).toContain('ALERT analysis failed 1 of 2 times');
  });
});
