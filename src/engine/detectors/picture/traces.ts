/** Noise map, interpolation traces, copy-move, spectrum, colour and texture. */
import { spectrumShape } from '../../signals/picture/azimuthal.ts';
import { colourTexture } from '../../signals/picture/colour-texture.ts';
import { copyMove, reduced } from '../../signals/picture/copy-move.ts';
import { greyOf } from '../../signals/picture/grey.ts';
import { noiseMap } from '../../signals/picture/noise-map.ts';
import { cfaTrace, resamplingTrace } from '../../signals/picture/periodicity.ts';
import { largestRegion, quantile, sampledQuantile } from '../../signals/picture/stats.ts';

import { heatMap, plot } from './png.ts';
import { boundedRegion, type Finding, inPicture, type PictureMethod, severity } from './support.ts';

const MOST_PIXELS = 12e6;
/**
 * Octaves, and share of the area. Texture and depth of field make regions of this size in 4 % of re-encoded
 * photographs, and nothing separates them from a splice: the anomaly is never more than low (docs/methods/rates.md).
 */
const NOISE = { ratio: 2, share: 0.15 } as const;

const noise: PictureMethod = {
  id: 'noise-map',
  version: '1.1.0',
  family: 'sensor-noise',
  page: 'noise-map',
  mediaTypes: ['image', 'video'],
  quantity: 'noise_level',
  unit: 'grey levels',
  parameters: { cellPixels: 32, estimator: 'median absolute diagonal Haar detail', outlierRatio: 2 ** NOISE.ratio },
  async analyse({ frame }) {
    const region = boundedRegion(frame, MOST_PIXELS);
    const map = noiseMap(greyOf(region.image));
    if (map.cells < 16) {
      const reason = 'fewer than 16 cells of 32 pixels are free of clipping';
      return { findings: [{ quantity: 'noise_level', value: null, reason, unit: 'grey levels', direction: 'none' }] };
    }
    const usable = map.ratio.values.filter((v) => Number.isFinite(v));
    const odd = largestRegion(map.ratio, (v) => Math.abs(v) >= NOISE.ratio);
    const share = odd === null ? 0 : odd.cells / map.cells;
    const { parameters } = region;
    return {
      findings: [
        { quantity: 'noise_level', value: map.level, unit: 'grey levels', direction: 'none', parameters },
        {
          quantity: 'noise_spread',
          value: quantile(usable, 0.9) - quantile(usable, 0.1),
          unit: 'octaves',
          direction: 'none',
          parameters,
        },
        {
          quantity: 'noise_outlier_share',
          value: share,
          unit: 'share of area',
          direction: 'higher-more-manipulated',
          threshold: NOISE.share,
          parameters,
        },
      ],
      anomalies: [
        share < NOISE.share || odd === null
          ? null
          : {
              type: 'noise-inconsistent',
              severity: 'low',
              description: `A connected ${(100 * share).toFixed(1)} % of the area has a noise level at least ${2 ** NOISE.ratio} times above or below what pixels of its brightness have elsewhere (threshold ${100 * NOISE.share} %). Depth of field, fine texture and local smoothing by the camera do this as well.`,
              where: { box: inPicture(region, odd) },
            },
      ],
      artifacts: () => [
        heatMap(
          {
            id: 'noise-map',
            title: 'Noise level against pixels of like brightness, octaves',
            parameters,
            where: { box: region.box },
          },
          map.ratio,
          -3,
          3,
        ),
      ],
    };
  },
};

const CFA_PRESENT = 20;

const cfa: PictureMethod = {
  id: 'cfa',
  version: '1.0.0',
  family: 'sensor-noise',
  page: 'cfa',
  mediaTypes: ['image'],
  quantity: 'cfa_peak',
  unit: 'ratio',
  parameters: { channel: 'green', cellPixels: 32 },
  async analyse({ frame }) {
    const region = boundedRegion(frame, MOST_PIXELS);
    const trace = cfaTrace(region.image);
    const { parameters } = region;
    const reason = 'a side is shorter than 64 pixels';
    const finding: Finding = {
      quantity: 'cfa_peak',
      value: trace === null ? null : trace.peak,
      reason,
      unit: 'ratio',
      direction: 'none',
      threshold: CFA_PRESENT,
      parameters,
    };
    if (trace === null) return { findings: [finding] };
    const sign = Math.sign(trace.map.values.reduce((s, v) => s + v, 0));
    const against = trace.map.values.filter((v) => v * sign < 0).length / Math.max(1, trace.map.values.length);
    const present = trace.peak >= CFA_PRESENT;
    return {
      findings: [
        finding,
        {
          quantity: 'cfa_phase_conflict',
          value: present ? against : null,
          reason: `no pattern of a colour filter array stands out (peak below ${CFA_PRESENT}), which compression and resizing bring about`,
          unit: 'share of area',
          direction: 'higher-more-manipulated',
          parameters,
        },
      ],
      artifacts: () => [
        heatMap(
          { id: 'cfa', title: 'Phase and strength of the green chessboard', parameters, where: { box: region.box } },
          trace.map,
          -1,
          1,
        ),
      ],
    };
  },
};

const RESAMPLING = { low: 6, medium: 10, high: 20 } as const;

const resampling: PictureMethod = {
  id: 'resampling',
  version: '1.0.0',
  family: 'frequency',
  page: 'resampling',
  mediaTypes: ['image', 'video'],
  quantity: 'resampling_strength',
  unit: 'ratio',
  parameters: { predictor: 'edges 1/2, corners -1/4', leftOut: 'multiples of 1/8 cycles per pixel', mostSide: 1024 },
  async analyse({ frame }) {
    const trace = resamplingTrace(greyOf(frame));
    if (trace === null) {
      const reason = 'a side is shorter than 128 pixels, or the picture has no texture';
      return { findings: [{ quantity: 'resampling_strength', value: null, reason, unit: 'ratio', direction: 'none' }] };
    }
    const level = severity(trace.strength, RESAMPLING.low, RESAMPLING.medium, RESAMPLING.high);
    const parameters = { fx: trace.fx, fy: trace.fy, side: trace.side };
    const f = Math.max(Math.abs(trace.fx), Math.abs(trace.fy));
    const columns = trace.side;
    const map = { columns, rows: columns, cell: 1, values: trace.spectrum.map((v) => Math.log(1 + v)) };
    return {
      findings: [
        {
          quantity: 'resampling_strength',
          value: trace.strength,
          unit: 'ratio',
          direction: 'higher-more-manipulated',
          threshold: RESAMPLING.low,
          parameters,
        },
      ],
      anomalies: [
        level === null
          ? null
          : {
              type: 'resampling',
              severity: level,
              description: `Pixels are predictable from their neighbours in a rhythm of ${f.toFixed(3)} cycles per pixel, ${trace.strength.toFixed(1)} times the background (threshold ${RESAMPLING.low}), as after resizing by ${(1 / (1 - f)).toFixed(2)} or ${(1 / (1 + f)).toFixed(2)}. Regular textures of the scene do this as well; resizing of a whole picture is common.`,
            },
      ],
      artifacts: () => [
        heatMap(
          { id: 'resampling', title: 'Spectrum of predictability', parameters },
          map,
          sampledQuantile(map.values, 0.5),
          sampledQuantile(map.values, 0.9999),
        ),
      ],
    };
  },
};

const COPY = { mostPixels: 1.5e6, low: 320, medium: 1024, high: 4096 } as const;

const copies: PictureMethod = {
  id: 'copy-move',
  version: '1.0.0',
  family: 'structure',
  page: 'copy-move',
  mediaTypes: ['image'],
  quantity: 'copied_area',
  unit: 'pixels of the reduced picture',
  parameters: { block: 16, leastShift: 40, correlation: 0.95, mostPixels: COPY.mostPixels },
  async analyse({ frame }) {
    const k = Math.ceil(Math.sqrt((frame.width * frame.height) / COPY.mostPixels));
    const found = copyMove(reduced(greyOf(frame), k));
    const level = severity(found.area, COPY.low, COPY.medium, COPY.high);
    const parameters = { reducedBy: k, shiftX: found.dx * k, shiftY: found.dy * k, candidates: found.candidates };
    const grown = (box: { x: number; y: number; width: number; height: number }) => ({
      x: box.x * k,
      y: box.y * k,
      width: box.width * k,
      height: box.height * k,
    });
    return {
      findings: [
        {
          quantity: 'copied_area',
          value: found.area,
          unit: 'pixels of the reduced picture',
          direction: 'higher-more-manipulated',
          threshold: COPY.low,
          parameters,
        },
      ],
      anomalies:
        level === null
          ? []
          : [found.first, found.second].map((box) =>
              box === null
                ? null
                : {
                    type: 'copy-move',
                    severity: level,
                    description: `This part appears twice, shifted by (${parameters.shiftX}, ${parameters.shiftY}) pixels and alike down to its texture (${found.area} pixels, threshold ${COPY.low}). Printed patterns and repeated scenery do this as well.`,
                    where: { box: grown(box) },
                  },
            ),
      artifacts: () => [heatMap({ id: 'copy-move', title: 'Parts that appear twice', parameters }, found.map, 0, 1)],
    };
  },
};

/** None of 180 re-encoded photographs reached 0.8 nat (docs/methods/rates.md). */
const PEAK = { low: 1, medium: 3, high: 5 } as const;
const TAIL = { low: 1.5, medium: 3, high: 5 } as const;

const spectrum: PictureMethod = {
  id: 'spectrum',
  version: '1.1.0',
  family: 'frequency',
  page: 'spectrum',
  mediaTypes: ['image', 'video'],
  quantity: 'spectrum_slope',
  unit: 'exponent',
  parameters: { window: 'Hann', mostSide: 1024, fittedFrom: 0.05, fittedTo: 0.35, tailFrom: 0.4 },
  async analyse({ frame }) {
    const shape = spectrumShape(greyOf(frame));
    if (shape === null) {
      const reason = 'a side is shorter than 128 pixels';
      return { findings: [{ quantity: 'spectrum_slope', value: null, reason, unit: 'exponent', direction: 'none' }] };
    }
    const parameters = { side: shape.side };
    const peak = severity(shape.peak, PEAK.low, PEAK.medium, PEAK.high);
    const tail = severity(shape.tail, TAIL.low, TAIL.medium, TAIL.high);
    const columns = shape.side;
    const map = { columns, rows: columns, cell: 1, values: shape.spectrum };
    return {
      findings: [
        { quantity: 'spectrum_slope', value: shape.slope, unit: 'exponent', direction: 'none', parameters },
        {
          quantity: 'spectrum_tail',
          value: shape.tail,
          unit: 'nat',
          direction: 'higher-more-manipulated',
          threshold: TAIL.low,
          parameters,
        },
        {
          quantity: 'upsampling_peak',
          value: shape.peak,
          unit: 'nat',
          direction: 'higher-more-manipulated',
          threshold: PEAK.low,
          parameters: { ...parameters, at: [...shape.peakAt] },
        },
      ],
      anomalies: [
        peak === null
          ? null
          : {
              type: 'upsampling-peak',
              severity: peak,
              description: `The spectrum has a narrow peak at (${shape.peakAt[0]}, ${shape.peakAt[1]}) cycles per pixel, ${shape.peak.toFixed(1)} nat above its surroundings (threshold ${PEAK.low}), where up-sampling layers and the interpolation of colour filters repeat the picture.`,
            },
        tail === null
          ? null
          : {
              type: 'spectrum-tail',
              severity: tail,
              description: `The highest frequencies hold ${shape.tail.toFixed(1)} nat more power than the course of the spectrum lets expect (threshold ${TAIL.low}). Noise and sharpening do this as well.`,
            },
      ],
      series: [
        {
          id: 'azimuthal-profile',
          detector: 'spectrum',
          quantity: `mean ln power at k / ${shape.side} cycles per pixel`,
          unit: 'nat',
          direction: 'none',
          axis: 'index',
          x: Array.from(shape.profile, (_, k) => k),
          y: [...shape.profile],
        },
      ],
      artifacts: () => [
        plot({ id: 'azimuthal-profile', title: 'Azimuthal mean of ln power', parameters }, shape.profile.subarray(1)),
        heatMap(
          { id: 'spectrum', title: 'ln power spectrum, zero frequency in the middle', parameters },
          map,
          sampledQuantile(map.values, 0.01),
          sampledQuantile(map.values, 0.9999),
        ),
      ],
    };
  },
};

const colour: PictureMethod = {
  id: 'colour-texture',
  version: '1.0.0',
  family: 'frequency',
  page: 'colour-texture',
  mediaTypes: ['image', 'video'],
  quantity: 'edge_density',
  unit: 'share of pixels',
  parameters: { sobelThreshold: 100, cellPixels: 8 },
  async analyse({ frame }) {
    const region = boundedRegion(frame, MOST_PIXELS);
    const c = colourTexture(region.image);
    const { parameters } = region;
    const plain = (quantity: string, value: number, unit: string): Finding => ({
      quantity,
      value,
      unit,
      direction: 'none',
      parameters,
    });
    return {
      findings: [
        ...(['r', 'g', 'b'] as const).flatMap((name, i) => [
          plain(`mean_${name}`, c.mean[i], 'grey levels'),
          plain(`std_${name}`, c.deviation[i], 'grey levels'),
        ]),
        ...(['rg', 'gb', 'rb'] as const).map((name, i) =>
          plain(`correlation_${name}`, c.correlation[i], 'correlation'),
        ),
        plain('saturation', c.saturation, 'ratio'),
        plain('grey_entropy', c.entropy, 'bit'),
        plain('edge_density', c.edgeDensity, 'share of pixels'),
        plain('texture_variance', c.textureMean, 'grey levels squared'),
      ],
      artifacts: () => [
        heatMap(
          { id: 'texture', title: 'Standard deviation in cells of 8 pixels', parameters, where: { box: region.box } },
          { ...c.texture, values: c.texture.values.map(Math.sqrt) },
          0,
          40,
        ),
      ],
    };
  },
};

export const traceMethods: readonly PictureMethod[] = [noise, cfa, resampling, copies, spectrum, colour];
