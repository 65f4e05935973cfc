/** What every folder of models/architectures promises: a strict manifest and sound graphs that hold no weights. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ArchitectureManifest } from '../../src/contract/pack.ts';
import { readStructure } from '../golden/architectures-onnx.ts';
import { ROOT } from '../helpers/shared.ts';

const FOLDER = join(ROOT, 'models/architectures');

/** Structure alone is small: the largest graphs are transformers, trellises of HRNet and unrolled recurrences. */
const MAX_GRAPH_BYTES = 300_000;
/** The only large constants are sinc filters (82,000 bytes in RawNet2) and position numbers. */
const MAX_CONSTANT_BYTES = 131_072;

const REQUIRED = [
  'aasist',
  'aasist-l',
  'efficientnet-b4',
  'face-x-ray',
  'forensic-mlp',
  'lipforensics',
  'lrnet',
  'mel-resnet18',
  'meso4',
  'mesoinception4',
  'mtcnn',
  'rawgat-st',
  'rawnet2',
  'resnet50',
  'siglip-b16',
  'silero-vad',
  'temporal-3dcnn',
  'vit-b16',
  'wav2vec2-base',
  'xception',
  'yunet',
];

const read = (name: string) =>
  ArchitectureManifest.parse(JSON.parse(readFileSync(join(FOLDER, name, 'architecture.json'), 'utf8')));

describe('models/architectures', () => {
  it('holds every required architecture', () => {
    expect(readdirSync(FOLDER)).toEqual(expect.arrayContaining(REQUIRED));
  });

  for (const name of readdirSync(FOLDER)) {
    describe(name, () => {
      const manifest = read(name);

      it('has a manifest that names its folder and lists exactly its files', () => {
        expect(manifest.name).toBe(name);
        expect(readdirSync(join(FOLDER, name)).sort()).toEqual(
          ['architecture.json', ...manifest.graphs.map((g) => g.file)].sort(),
        );
        expect(new Set(manifest.graphs.map((g) => g.role)).size).toBe(manifest.graphs.length);
      });

      it('says what is fake, and only graphs with roles have checkpoints by role', () => {
        const { kind, fakeIndex, realIndex } = manifest.output;
        const detects = kind === 'boxes' || manifest.task === 'voice-activity';
        expect(detects || fakeIndex !== undefined || realIndex !== undefined).toBe(true);
        expect(fakeIndex === undefined || fakeIndex !== realIndex).toBe(true);
        const roles = manifest.graphs.map((g) => g.role);
        for (const known of manifest.known)
          if (manifest.graphs.length > 1) expect(roles).toContain(known.role);
          else expect(known.role).toBeUndefined();
      });

      it('has key rules that compile', () => {
        const { rename, ignore, transpose } = manifest.keys;
        const patterns = [...rename.map((r) => r.from), ...ignore, ...transpose.map((t) => t.match)];
        for (const pattern of patterns) expect(() => new RegExp(pattern)).not.toThrow();
        for (const { permutation } of transpose)
          expect([...permutation].sort((a, b) => a - b)).toEqual(permutation.map((_, i) => i));
      });

      for (const graph of manifest.graphs)
        it(`${graph.file} is the stated file, sound, and structure only`, () => {
          const bytes = readFileSync(join(FOLDER, name, graph.file));
          expect(bytes.length).toBe(graph.bytes);
          expect(createHash('sha256').update(bytes).digest('hex')).toBe(graph.sha256);
          expect(bytes.length).toBeLessThan(MAX_GRAPH_BYTES);
          // Paths of the machine that exported it, as stack traces in metadata would hold.
          expect(bytes.includes('.py')).toBe(false);

          const { opset, inputs, outputs, nodes, initialisers } = readStructure(bytes);
          expect(opset).toBe(manifest.opset);
          expect(inputs).toContain(manifest.input.tensor);
          expect(outputs).toContain(manifest.output.tensor);

          const produced = new Set(['', ...inputs, ...initialisers.map((t) => t.name)]);
          for (const node of nodes) {
            for (const input of node.inputs) expect(produced, `${node.type} wants ${input}`).toContain(input);
            for (const output of node.outputs) produced.add(output);
          }
          for (const output of outputs) expect(produced).toContain(output);

          const used = new Set(nodes.flatMap((n) => n.inputs));
          const stripped = initialisers.filter((t) => t.bytes === 0 && !t.dims.includes(0));
          expect(stripped.length).toBeGreaterThan(0);
          for (const tensor of initialisers) {
            expect(used, 'an initialiser nobody reads').toContain(tensor.name);
            expect(tensor.bytes).toBeLessThanOrEqual(MAX_CONSTANT_BYTES);
          }
          // Parameters are single precision and carry names of the checkpoint, not numbers of the exporter.
          for (const tensor of stripped) {
            expect(tensor.type).toBe(1);
            expect(tensor.name).not.toMatch(/^(?:t|val_|node_)?\d+$/);
          }
        });
    });
  }
});
