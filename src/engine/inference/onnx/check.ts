/** What a model must not contain before anything runs it. */
import { VidimusError } from '../../../contract/errors.ts';
import {
  isStripped,
  type OnnxGraph,
  type OnnxModel,
  type OnnxTensor,
  parseModel,
  parseNode,
  readAttribute,
} from './model.ts';
import { readFields } from './wire.ts';

const invalid = (sentence: string): VidimusError => new VidimusError('checkpoint.invalid', sentence);

const externalData = (tensor: OnnxTensor): VidimusError =>
  new VidimusError(
    'checkpoint.hostile',
    `The tensor "${tensor.name}" asks for data from another file; external data is refused.`,
    { advice: 'Save the model as one file (onnx.save with save_as_external_data=False) and try again.' },
  );

/** Every tensor of a graph: initialisers, constants in attributes and those of inner graphs. */
function* tensorsOf(graph: OnnxGraph, depth = 0): Generator<OnnxTensor> {
  if (depth > 16) throw invalid('The ONNX file nests graphs deeper than any real network.');
  yield* graph.initializers;
  for (const node of graph.nodes) {
    for (const attribute of node.attributes) {
      const value = readAttribute(attribute);
      if (value.t !== undefined) yield value.t;
      for (const inner of value.graphs) yield* tensorsOf(inner, depth + 1);
    }
  }
}

/**
 * Refuses models that reach outside their own file or carry sparse weights we could not check.
 * @throws VidimusError `checkpoint.hostile` naming the tensor.
 */
export function assertSelfContained(model: OnnxModel): void {
  if (model.graph.rest.some((f) => f.number === 15))
    throw invalid('The ONNX file holds sparse weights, which are not read.');
  for (const tensor of tensorsOf(model.graph)) {
    if (tensor.external) throw externalData(tensor);
  }
  // Functions may hide tensors the loop above cannot see.
  for (const field of model.rest) {
    if (field.number !== 25) continue;
    for (const tensor of functionTensors(field.bytes)) if (tensor.external) throw externalData(tensor);
  }
}

function* functionTensors(bytes: Uint8Array): Generator<OnnxTensor> {
  const nodes = readFields(bytes)
    .filter((f) => f.number === 7)
    .map((f) => parseNode(f.bytes));
  yield* tensorsOf({ name: '', nodes, initializers: [], inputs: [], outputs: [], values: [], rest: [] });
}

/**
 * Checks that a model needs nothing but itself and has its weights.
 * @throws VidimusError `checkpoint.hostile`, `checkpoint.invalid`, `pack.invalid`.
 */
export function checkModel(bytes: Uint8Array): OnnxModel {
  const model = parseModel(bytes);
  assertSelfContained(model);
  const empty = model.graph.initializers.find(isStripped);
  if (empty !== undefined) throw new VidimusError('pack.invalid', `The graph has no weights for "${empty.name}".`);
  return model;
}
