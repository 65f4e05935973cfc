#!/usr/bin/env node
/**
 * Checks the audit log of a case without the program that wrote it. Plain Node, no dependency.
 *
 *     node scripts/check-audit.mjs CASE_FOLDER | case.db | audit.jsonl [--head HASH]
 *
 * From a database it checks the chain and that every record has the hash its last entry gives it; from an exported
 * log (one canonical entry per line) the chain alone. `--head` is a head that was printed, time-stamped or exported
 * earlier: it must be the hash of one of the entries. An encrypted database cannot be read here: use the exported log.
 * A database needs node:sqlite (Node 22.5 or newer). Exit status: 0 sound, 5 not sound, 2 wrong usage.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const TABLES = [
  'caseFile',
  'examiner',
  'setting',
  'exhibit',
  'custodyEvent',
  'verification',
  'finding',
  'analysis',
  'analysisPack',
  'series',
  'artifact',
  'note',
  'tagging',
  'bookmark',
  'proposition',
  'opinion',
  'report',
  'job',
  'merge',
  'mergeConflict',
  'timeStamp',
];
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** RFC 8785: members sorted by UTF-16 code units, numbers and strings as ECMAScript writes them. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${members.join(',')}}`;
}

function rowHash(table, row) {
  const plain = {};
  for (const [column, value] of Object.entries(row)) {
    if (value === null) continue;
    plain[column] = value instanceof Uint8Array ? `sha256:${sha256(value)}` : value;
  }
  return sha256(canonical({ table, row: plain }));
}

function usage(message) {
  console.error(`${message}\nusage: node check-audit.mjs CASE_FOLDER | case.db | audit.jsonl [--head HASH]`);
  process.exit(2);
}

/** Checks `{ seq, entry, hash? }` rows in order; returns what the chain says of each record. */
function checkChain(rows, problems) {
  const records = new Map();
  const hashes = new Map();
  let previous = '0'.repeat(64);
  let expected = 1;
  let caseId = null;
  for (const row of rows) {
    const hash = sha256(row.entry);
    let entry = null;
    try {
      entry = JSON.parse(row.entry);
    } catch {
      problems.push(`edited: entry ${row.seq} is not JSON`);
    }
    const seq = row.seq ?? entry?.seq;
    if (row.hash !== undefined && row.hash !== hash)
      problems.push(`edited: entry ${seq} does not have its stored hash`);
    if (entry) {
      if (canonical(entry) !== row.entry) problems.push(`edited: entry ${seq} is not in canonical form`);
      if (entry.seq !== seq) problems.push(`reordered: entry ${seq} calls itself ${entry.seq}`);
      if (seq > expected) problems.push(`removed: entries ${expected} to ${seq - 1} are missing`);
      else if (seq < expected) problems.push(`reordered: entry ${seq} stands after entry ${expected - 1}`);
      else if (entry.previous !== previous)
        problems.push(
          hashes.has(entry.previous)
            ? `inserted: entry ${seq} follows entry ${hashes.get(entry.previous)}, not the one before it`
            : `edited: entry ${seq} follows an entry that is not in the log`,
        );
      caseId ??= entry.case;
      if (entry.case !== caseId) problems.push(`inserted: entry ${seq} belongs to another case`);
      for (const object of entry.objects ?? []) records.set(`${object.table}/${object.id}`, object.hash);
      expected = seq + 1;
    } else expected += 1;
    hashes.set(hash, seq);
    previous = hash;
  }
  if (hashes.size === 0) problems.push('removed: the log is empty');
  return { records, hashes, head: previous };
}

function checkRecords(database, records, problems) {
  const left = new Set([...records].filter(([, hash]) => hash !== null).map(([key]) => key));
  for (const table of TABLES) {
    for (const row of database.prepare(`SELECT * FROM ${table}`).iterate()) {
      const key = `${table}/${row.id}`;
      left.delete(key);
      const hash = records.get(key);
      if (!hash) problems.push(`record put in without an entry: ${key}`);
      else if (rowHash(table, row) !== hash) problems.push(`record changed without an entry: ${key}`);
    }
  }
  for (const key of left) problems.push(`record removed without an entry: ${key}`);
}

const args = process.argv.slice(2);
const at = args.indexOf('--head');
const wanted = at < 0 ? null : args.splice(at, 2)[1];
if (args.length !== 1 || (at >= 0 && !/^[0-9a-f]{64}$/.test(wanted ?? ''))) usage('One case or log is needed.');
let path = args[0];
if (!existsSync(path)) usage(`There is no ${path}.`);
if (statSync(path).isDirectory()) path = join(path, 'case.db');
const problems = [];
let found;
if (path.endsWith('.jsonl')) {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  found = checkChain(
    lines.map((entry) => ({ entry })),
    problems,
  );
} else {
  if (readFileSync(path).toString('latin1', 0, 15) !== 'SQLite format 3')
    usage('This database is encrypted or none; check an exported log (case export-log) instead.');
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(path, { readOnly: true });
  found = checkChain(database.prepare('SELECT seq, entry, hash FROM audit ORDER BY seq').iterate(), problems);
  checkRecords(database, found.records, problems);
  database.close();
}
if (wanted !== null && !found.hashes.has(wanted)) problems.push(`the head ${wanted} is not an entry of this log`);
for (const problem of problems) console.log(problem);
console.log(
  problems.length === 0
    ? `sound: ${found.hashes.size} entries, head ${found.head}`
    : `NOT sound: ${problems.length} problems in ${found.hashes.size} entries`,
);
process.exit(problems.length === 0 ? 0 : 5);
