/** The detectors that look at files rather than at pictures and sound: families `structure` and `provenance`. */
import type { Detector } from '../types.ts';
import { containerStructureDetector } from './structureContainer.ts';
import { contentCredentials } from './structureCredentials.ts';
import { gopDetector } from './structureGop.ts';
import { jpegStructureDetector } from './structureJpeg.ts';
import { metadataDetector } from './structureMetadata.ts';

/**
 * All detectors of structure and provenance. The trust list for Content Credentials is the PEM file that
 * VIDIMUS_TRUST_LIST names, read when an analysis starts; none is built in.
 */
export const structureDetectors: readonly Detector[] = [
  metadataDetector,
  jpegStructureDetector,
  containerStructureDetector,
  gopDetector,
  contentCredentials(() => process.env['VIDIMUS_TRUST_LIST'] ?? null),
];
