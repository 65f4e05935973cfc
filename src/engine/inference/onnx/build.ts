/** Making nodes, tensors and values from scratch: for quantised variants, probes and tests. */
import { bytesOf, type DType } from '../dtype.ts';
import {
  ONNX_TYPES,
  type OnnxAttribute,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
} from './model.ts';
import { bytesField, floatField, intField, type RawField, stringField, writeFields } from './wire.ts';

type AttributeInput = number | bigint | string | readonly number[] | { readonly float: number };

function makeAttribute(name: string, value: AttributeInput): OnnxAttribute {
  const fields: RawField[] = [stringField(1, name)];
  if (typeof value === 'string') fields.push(stringField(4, value), intField(20, 3));
  else if (typeof value === 'number' || typeof value === 'bigint') fields.push(intField(3, value), intField(20, 2));
  else if ('float' in value) fields.push(floatField(2, value.float), intField(20, 1));
  else fields.push(...value.map((v) => intField(8, v)), intField(20, 7));
  return { name, bytes: writeFields(fields) };
}

/** A node of the default domain. */
export function makeNode(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, AttributeInput>> = {},
): OnnxNode {
  return {
    name: `${opType}:${outputs[0] ?? ''}`,
    opType,
    domain: '',
    inputs,
    outputs,
    attributes: Object.entries(attributes).map(([name, value]) => makeAttribute(name, value)),
    rest: [],
  };
}

/** An initialiser; `data` null makes a stripped one. Typed arrays must match the element type. */
export function makeTensor(
  name: string,
  dtype: DType,
  dims: readonly number[],
  data: ArrayBufferView | null,
): OnnxTensor {
  return {
    name,
    dims,
    type: ONNX_TYPES[dtype],
    data: data === null ? null : bytesOf(data),
    external: false,
    rest: [],
  };
}

/** An input or output; a string is a free dimension, null leaves the shape to inference. */
export function makeValue(name: string, dtype: DType, shape: readonly (number | string)[] | null): OnnxValue {
  const dims = (shape ?? []).map((dim) =>
    bytesField(1, writeFields([typeof dim === 'number' ? intField(1, dim) : stringField(2, dim)])),
  );
  const shapeField = shape === null ? [] : [bytesField(2, writeFields(dims))];
  const tensorType = writeFields([intField(1, ONNX_TYPES[dtype]), ...shapeField]);
  const bytes = writeFields([stringField(1, name), bytesField(2, writeFields([bytesField(1, tensorType)]))]);
  return { name, type: ONNX_TYPES[dtype], shape, bytes };
}

/** A model of IR version 8 around the given parts. */
export function makeModel(
  parts: {
    readonly nodes: readonly OnnxNode[];
    readonly initializers: readonly OnnxTensor[];
    readonly inputs: readonly OnnxValue[];
    readonly outputs: readonly OnnxValue[];
  },
  opset = 17,
): OnnxModel {
  return {
    irVersion: 8,
    opsets: [{ domain: '', version: opset }],
    graph: { name: 'graph', ...parts, values: [], rest: [] },
    rest: [stringField(2, 'vidimus')],
  };
}
