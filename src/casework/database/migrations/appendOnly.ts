/** Triggers that refuse to change or remove rows of a table. */
export const appendOnly = (table: string): string => `
CREATE TRIGGER ${table}NoUpdate BEFORE UPDATE ON ${table} BEGIN SELECT raise(ABORT, '${table} is append-only'); END;
CREATE TRIGGER ${table}NoDelete BEFORE DELETE ON ${table} BEGIN SELECT raise(ABORT, '${table} is append-only'); END;`;
