/**
 * The two handles of a case database. They are branded: code that takes a {@link ReadableDb} cannot write, and only
 * the holder of the writer's lock is given a {@link WritableDb}. All rows are parsed by a schema when they are read.
 */
import type Database from 'better-sqlite3';
import * as z from 'zod';
import { caseError } from './errors.ts';

const readable: unique symbol = Symbol('readable');
const writable: unique symbol = Symbol('writable');

export type SqlValue = string | number | bigint | Uint8Array | null;
export type SqlRow = Readonly<Record<string, SqlValue>>;

export interface ReadableDb {
  readonly [readable]: true;
  /** Path of the database file, for messages. */
  readonly path: string;
  /** The first row, or null. */
  one<T>(schema: z.ZodType<T>, sql: string, ...params: readonly SqlValue[]): T | null;
  all<T>(schema: z.ZodType<T>, sql: string, ...params: readonly SqlValue[]): T[];
  /** Row by row; the database must not be written while it runs. */
  each<T>(schema: z.ZodType<T>, sql: string, ...params: readonly SqlValue[]): Iterable<T>;
  /** Writes a consistent copy of the whole database, under the same key, to a file that must not exist. */
  snapshot(path: string): void;
  close(): void;
}

export interface WritableDb extends ReadableDb {
  readonly [writable]: true;
  /** Runs `work` in one transaction (BEGIN IMMEDIATE); a throw rolls everything back. Nested calls join the outer one. */
  transaction<T>(work: () => T): T;
  /** Changes rows without an audit entry: for search, bulk and migration tables only. Returns the number of rows. */
  run(sql: string, ...params: readonly SqlValue[]): number;
  /** Runs several statements. */
  script(sql: string): void;
}

/** A row as SQLite gives it. */
export type Row = Record<string, string | number | Uint8Array | null>;

/** By hand and not by a schema of a record: verification reads every row of a case. */
function isRow(value: unknown): value is Row {
  if (typeof value !== 'object' || value === null) return false;
  for (const cell of Object.values(value)) {
    const kind = typeof cell;
    if (kind !== 'string' && kind !== 'number' && cell !== null && !(cell instanceof Uint8Array)) return false;
  }
  return true;
}
export const Row: z.ZodType<Row> = z.custom<Row>(isRow);

type Statement = Database.Statement<SqlValue[]>;

function statements(connection: Database.Database): (sql: string) => Statement {
  const known = new Map<string, Statement>();
  return (sql) => {
    let statement = known.get(sql);
    if (!statement) {
      statement = connection.prepare<SqlValue[]>(sql);
      known.set(sql, statement);
    }
    return statement;
  };
}

function reading(connection: Database.Database, path: string, prepare: (sql: string) => Statement): ReadableDb {
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (thrown) {
      throw caseError(thrown, path);
    }
  };
  return {
    [readable]: true,
    path,
    one: (schema, sql, ...params) =>
      guarded(() => {
        const row: unknown = prepare(sql).get(...params);
        return row === undefined ? null : schema.parse(row);
      }),
    all: (schema, sql, ...params) =>
      guarded(() =>
        prepare(sql)
          .all(...params)
          .map((row) => schema.parse(row)),
      ),
    *each(schema, sql, ...params) {
      // A statement of its own: an iterator occupies its statement until it is done.
      try {
        for (const row of connection.prepare<SqlValue[]>(sql).iterate(...params)) yield schema.parse(row);
      } catch (thrown) {
        throw caseError(thrown, path);
      }
    },
    snapshot: (target) => guarded(() => void connection.prepare<[string]>('VACUUM INTO ?').run(target)),
    close: () => connection.close(),
  };
}

/** A handle that can only read. */
export const readableHandle = (connection: Database.Database, path: string): ReadableDb =>
  reading(connection, path, statements(connection));

/** A handle that can write; the caller holds the writer's lock. */
export function writableHandle(connection: Database.Database, path: string): WritableDb {
  const prepare = statements(connection);
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (thrown) {
      throw caseError(thrown, path);
    }
  };
  return {
    ...reading(connection, path, prepare),
    [writable]: true,
    transaction: (work) =>
      guarded(() => {
        if (connection.inTransaction) return work();
        prepare('BEGIN IMMEDIATE').run();
        try {
          const value = work();
          prepare('COMMIT').run();
          return value;
        } catch (thrown) {
          // A full disk may already have rolled back.
          if (connection.inTransaction) prepare('ROLLBACK').run();
          throw thrown;
        }
      }),
    run: (sql, ...params) => guarded(() => prepare(sql).run(...params).changes),
    script: (sql) => guarded(() => void connection.exec(sql)),
  };
}
