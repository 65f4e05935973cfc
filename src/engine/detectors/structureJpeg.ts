/** Detector `jpeg-structure`: markers, tables and what follows the picture. */
import { parseJpegMarkersAsync } from '../signals/structure/jpeg.ts';
import { jpegFindings, jpegTree } from '../signals/structure/jpegTree.ts';
import { sniffFormat } from '../signals/structure/sniff.ts';
import { withSource } from '../signals/structure/source.ts';
import { TreeBuilder } from '../signals/structure/tree.ts';
import type { Detector, DetectorContext, DetectorOutput } from '../types.ts';
import { measured, notAssessed, type Speaker, toAnomalies, toStructure } from './structureSupport.ts';

const speaker: Speaker = {
  id: 'jpeg-structure',
  version: '1.0.0',
  family: 'structure',
  method: 'docs/methods/jpeg-structure.md',
  parameters: {},
};

export const jpegStructureDetector: Detector = {
  id: speaker.id,
  version: speaker.version,
  family: speaker.family,
  mediaTypes: ['image'],
  needs: { frames: false, faces: false, pcm: false },
  start: (context) => ({ finish: () => examine(context) }),
};

async function examine({ exhibit, signal }: DetectorContext): Promise<DetectorOutput> {
  return await withSource(exhibit.path, async (source) => {
    if (sniffFormat(source) !== 'jpeg') {
      return {
        observations: [notAssessed(speaker, 'irregularities of JPEG structure', 'count', 'the file is no JPEG')],
      };
    }
    const jpeg = await parseJpegMarkersAsync(source, signal);
    const builder = new TreeBuilder();
    const tree = jpegTree(source, jpeg, builder);
    const findings = jpegFindings(source, jpeg);
    const standard = jpeg.huffman.length > 0 && jpeg.huffman.every((table) => table.standard);
    return {
      observations: [
        measured(speaker, 'irregularities of JPEG structure', findings.length, 'count', 'higher-more-manipulated', {
          signature: jpeg.signature,
          quantisation: jpeg.quantisation.map((table) => table.sha256),
        }),
        measured(speaker, 'bytes after the end of the picture', jpeg.trailer?.size ?? 0, 'bytes', 'none'),
        measured(speaker, 'standard Huffman tables', standard ? 1 : 0, 'yes or no', 'none'),
        measured(speaker, 'scans', jpeg.scans, 'count', 'none'),
      ],
      anomalies: toAnomalies(speaker, findings),
      structures: toStructure(speaker, 'jpeg-markers', 'JPEG markers', tree, builder),
    };
  });
}
