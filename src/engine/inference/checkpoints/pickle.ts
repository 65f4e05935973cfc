/**
 * A pickle reader that can build containers, numbers, strings and tensor descriptions, and nothing else.
 *
 * Pickle is a stack machine whose GLOBAL and REDUCE opcodes name and call anything importable (Python's
 * pickletools.py documents it). Here a global is looked up in pickle-globals.ts; whatever is not listed there,
 * and every opcode that could run code, ends the reading with `checkpoint.hostile` naming it. Nothing is ever called.
 */
import { damaged, findGlobal, hostile, rebuild, storageOf } from './pickle-globals.ts';
import { PickleDict, PickleGlobal, PickleList, PickleOpaque, PickleTuple, type PickleValue } from './pickle-values.ts';

const MAX_OPCODES = 8_000_000;
const MAX_STACK = 4_000_000;
const MAX_INTEGER_BYTES = 256;

const MARK = Symbol('mark');

const decoder = new TextDecoder('utf-8');
const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** Instructions that exist and are refused, by the names of pickletools. */
const OPCODE_NAMES: ReadonlyMap<number, string> = new Map([
  [0x69, 'INST'],
  [0x6f, 'OBJ'],
  [0x50, 'PERSID'],
  [0x82, 'EXT1'],
  [0x83, 'EXT2'],
  [0x84, 'EXT4'],
  [0x92, 'NEWOBJ_EX'],
  [0x53, 'STRING'],
  [0x96, 'BYTEARRAY8'],
  [0x97, 'NEXT_BUFFER'],
  [0x98, 'READONLY_BUFFER'],
]);

/** Reads one pickle and says where it ended, because legacy files hold several in a row. */
export function readPickle(bytes: Uint8Array, start = 0): { readonly value: PickleValue; readonly end: number } {
  return new Unpickler(bytes, start).run();
}

class Unpickler {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at: number;
  readonly #stack: (PickleValue | typeof MARK)[] = [];
  readonly #memo = new Map<number, PickleValue>();

  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = start;
  }

  run(): { readonly value: PickleValue; readonly end: number } {
    for (let count = 0; count < MAX_OPCODES; count++) {
      const opcode = this.#take(1)[0];
      if (opcode === 0x2e) return { value: this.#pop(), end: this.#at };
      const value = this.#step(opcode);
      if (value !== undefined) this.#stack.push(value);
      if (this.#stack.length > MAX_STACK) throw damaged('its stack grows without end.');
    }
    throw damaged('it has more instructions than any real checkpoint.');
  }

  #take(length: number): Uint8Array {
    if (length > this.#bytes.length - this.#at) throw damaged('it ends in the middle of a value.');
    const from = this.#at;
    this.#at += length;
    return this.#bytes.subarray(from, this.#at);
  }

  #advance(length: number): number {
    const from = this.#at;
    this.#take(length);
    return from;
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw damaged('a line has no end.');
    const line = decoder.decode(this.#bytes.subarray(this.#at, end));
    this.#at = end + 1;
    return line;
  }

  #pop(): PickleValue {
    const value = this.#stack.pop();
    if (value === undefined || value === MARK) throw damaged('its stack is empty.');
    return value;
  }

  #top(): PickleValue {
    const value = this.#stack.at(-1);
    if (value === undefined || value === MARK) throw damaged('its stack is empty.');
    return value;
  }

  #popMark(): PickleValue[] {
    const at = this.#stack.lastIndexOf(MARK);
    if (at < 0) throw damaged('a mark is missing.');
    const items: PickleValue[] = [];
    for (const item of this.#stack.splice(at).slice(1)) if (item !== MARK) items.push(item);
    return items;
  }

  #get(key: number): PickleValue {
    const value = this.#memo.get(key);
    if (value === undefined) throw damaged(`memo ${key} was never set.`);
    return value;
  }

  #u32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  #u64(): number {
    const value = this.#view.getBigUint64(this.#advance(8), true);
    if (value > BigInt(this.#bytes.length)) throw damaged('it states a length past its end.');
    return Number(value);
  }

  #integer(length: number): number | bigint {
    if (length > MAX_INTEGER_BYTES) throw damaged('it holds an integer of absurd length.');
    const raw = this.#take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(raw[i]);
    if (length > 0 && raw[length - 1] >= 0x80) value -= 1n << BigInt(8 * length);
    return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
  }

  #decimal(line: string): number {
    const text = line.replace(/L$/, '');
    if (!/^[-+]?\d{1,18}$/.test(text)) throw damaged('a decimal number is malformed.');
    return Number(text);
  }

  /** Carries out one instruction; answers the value to be pushed, or undefined. */
  #step(opcode: number): PickleValue | undefined {
    switch (opcode) {
      case 0x80: // PROTO
        if (this.#take(1)[0] > 5) throw damaged('its protocol is unknown.');
        return undefined;
      case 0x95: // FRAME
        this.#advance(8);
        return undefined;
      case 0x28: // MARK
        this.#stack.push(MARK);
        return undefined;
      case 0x30: // POP
        if (this.#stack.pop() === undefined) throw damaged('its stack is empty.');
        return undefined;
      case 0x31: // POP_MARK
        this.#popMark();
        return undefined;
      case 0x32: // DUP
        return this.#top();
      case 0x4e:
        return null;
      case 0x88:
        return true;
      case 0x89:
        return false;
      case 0x49: {
        // INT
        const line = this.#line();
        return line === '00' ? false : line === '01' ? true : this.#decimal(line);
      }
      case 0x4c: // LONG
        return this.#decimal(this.#line());
      case 0x4a:
        return this.#view.getInt32(this.#advance(4), true);
      case 0x4b:
        return this.#take(1)[0];
      case 0x4d:
        return this.#view.getUint16(this.#advance(2), true);
      case 0x8a:
        return this.#integer(this.#take(1)[0]);
      case 0x8b:
        return this.#integer(this.#u32());
      case 0x46: {
        // FLOAT
        const value = Number(this.#line());
        return value;
      }
      case 0x47:
        return this.#view.getFloat64(this.#advance(8), false);
      case 0x54: // BINSTRING
        return latin1(this.#take(this.#u32()));
      case 0x55: // SHORT_BINSTRING
        return latin1(this.#take(this.#take(1)[0]));
      case 0x58: // BINUNICODE
        return decoder.decode(this.#take(this.#u32()));
      case 0x8c:
        return decoder.decode(this.#take(this.#take(1)[0]));
      case 0x8d:
        return decoder.decode(this.#take(this.#u64()));
      case 0x56: // UNICODE
        return this.#line();
      case 0x42: // BINBYTES
        return this.#take(this.#u32());
      case 0x43:
        return this.#take(this.#take(1)[0]);
      case 0x8e:
        return this.#take(this.#u64());
      case 0x29:
        return new PickleTuple([]);
      case 0x74:
        return new PickleTuple(this.#popMark());
      case 0x85:
      case 0x86:
      case 0x87: {
        const items: PickleValue[] = [];
        for (let i = 0; i <= opcode - 0x85; i++) items.unshift(this.#pop());
        return new PickleTuple(items);
      }
      case 0x5d:
      case 0x8f: // EMPTY_LIST, EMPTY_SET
        return new PickleList();
      case 0x6c:
      case 0x91: {
        // LIST, FROZENSET
        const list = new PickleList();
        for (const value of this.#popMark()) list.items.push(value);
        return list;
      }
      case 0x61: {
        // APPEND
        const value = this.#pop();
        this.#list().items.push(value);
        return undefined;
      }
      case 0x65:
      case 0x90: {
        // APPENDS, ADDITEMS
        const values = this.#popMark();
        const list = this.#list();
        for (const value of values) list.items.push(value);
        return undefined;
      }
      case 0x7d:
        return new PickleDict();
      case 0x64: {
        // DICT
        const dict = new PickleDict();
        this.#setItems(dict, this.#popMark());
        return dict;
      }
      case 0x73: {
        // SETITEM
        const value = this.#pop();
        const key = this.#pop();
        this.#setItems(this.#dict(), [key, value]);
        return undefined;
      }
      case 0x75: {
        // SETITEMS
        const values = this.#popMark();
        this.#setItems(this.#dict(), values);
        return undefined;
      }
      case 0x67:
        return this.#get(this.#decimal(this.#line()));
      case 0x68:
        return this.#get(this.#take(1)[0]);
      case 0x6a:
        return this.#get(this.#u32());
      case 0x70:
        this.#memo.set(this.#decimal(this.#line()), this.#top());
        return undefined;
      case 0x71:
        this.#memo.set(this.#take(1)[0], this.#top());
        return undefined;
      case 0x72:
        this.#memo.set(this.#u32(), this.#top());
        return undefined;
      case 0x94:
        this.#memo.set(this.#memo.size, this.#top());
        return undefined;
      case 0x63: {
        // GLOBAL
        const module = this.#line();
        return findGlobal(module, this.#line());
      }
      case 0x93: {
        // STACK_GLOBAL
        const name = this.#pop();
        const module = this.#pop();
        if (typeof name !== 'string' || typeof module !== 'string') throw damaged('a global has no name.');
        return findGlobal(module, name);
      }
      case 0x51: // BINPERSID
        return storageOf(this.#pop());
      case 0x52:
      case 0x81: {
        // REDUCE, NEWOBJ
        const args = this.#pop();
        const callee = this.#pop();
        if (!(callee instanceof PickleGlobal)) throw hostile('a call of something that is not a name');
        if (!(args instanceof PickleTuple)) throw damaged('a call has no arguments.');
        return rebuild(callee, args.items);
      }
      case 0x62: {
        // BUILD
        // State of an OrderedDict (`_metadata`) or of a NumPy dtype: it holds no tensor of the network.
        this.#pop();
        const target = this.#top();
        if (!(target instanceof PickleDict || target instanceof PickleOpaque)) throw hostile('state on an object');
        return undefined;
      }
      default:
        throw hostile(`pickle instruction ${OPCODE_NAMES.get(opcode) ?? `0x${opcode.toString(16).padStart(2, '0')}`}`);
    }
  }

  #list(): PickleList {
    const list = this.#top();
    if (!(list instanceof PickleList)) throw damaged('a list is missing.');
    return list;
  }

  #dict(): PickleDict {
    const dict = this.#top();
    if (!(dict instanceof PickleDict)) throw damaged('a dictionary is missing.');
    return dict;
  }

  #setItems(dict: PickleDict, flat: readonly PickleValue[]): void {
    if (flat.length % 2 !== 0) throw damaged('a dictionary has a key without a value.');
    for (let i = 0; i < flat.length; i += 2) dict.entries.set(flat[i], flat[i + 1]);
  }
}
