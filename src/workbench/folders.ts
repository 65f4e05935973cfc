/** Where this installation keeps what it ships and what belongs to the user. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Folder of the installation: the repository, or the application's resources (VIDIMUS_RESOURCES). */
export function installFolder(): string {
  return process.env['VIDIMUS_RESOURCES'] ?? resolve(import.meta.dirname, '../..');
}

/** Folder for the user's own packs, settings and cases; VIDIMUS_HOME overrides the system's custom. */
export function userFolder(): string {
  const own = process.env['VIDIMUS_HOME'];
  if (own) return resolve(own);
  const home = homedir();
  switch (process.platform) {
    case 'win32':
      return join(process.env['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'Vidimus');
    case 'darwin':
      return join(home, 'Library', 'Application Support', 'Vidimus');
    default:
      return join(process.env['XDG_DATA_HOME'] ?? join(home, '.local', 'share'), 'vidimus');
  }
}

/**
 * glibc keeps freed blocks of up to 32 MB for reuse, in several arenas per core: with frames of many sizes in many
 * threads that is over 100 MB. So large blocks go straight back to the system. Other C libraries ignore the names.
 */
const LEAN = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '1048576' };

/** Environment that tells the engine process where packs lie, and how to keep its memory small. */
export function engineEnvironment(): Record<string, string> {
  return {
    ...LEAN,
    VIDIMUS_BUILTIN_MODELS: join(installFolder(), 'models'),
    VIDIMUS_USER_MODELS: join(userFolder(), 'models'),
    VIDIMUS_PROFILES: join(userFolder(), 'profiles'),
  };
}
