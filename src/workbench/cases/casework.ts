/** The parts of casework that hosts may use; they import it from here and never reach below the workbench. */

export { exportLog } from '../../casework/audit/exportLog.ts';
export { importToken, listStamps, readAnchors, requestForHead } from '../../casework/audit/timestamp.ts';
export {
  createCase,
  openCaseForReading,
  type ReadableCase,
  setCaseState,
  type WritableCase,
} from '../../casework/case.ts';
export { measure, takeIn } from '../../casework/evidence/intake.ts';
export { type Checked, listVerifications, recordChecks, verifyExhibit } from '../../casework/evidence/verify.ts';
export { backupCase, restoreCase } from '../../casework/exchange/backup.ts';
export { exportCase } from '../../casework/exchange/export.ts';
export { importPackage, openPackage } from '../../casework/exchange/import.ts';
export { listAnalyses, listPacks, readResult, readSeries } from '../../casework/records/analyses.ts';
export {
  addCustody,
  countExhibits,
  findExhibit,
  listCustody,
  listExhibits,
  updateExhibit,
} from '../../casework/records/exhibits.ts';
export { listFindings } from '../../casework/records/findings.ts';
export { cancelJob, setSetting } from '../../casework/records/jobs.ts';
export {
  addBookmark,
  addNote,
  listBookmarks,
  listNotes,
  listTags,
  setTag,
  tagsOf,
} from '../../casework/records/marks.ts';
export {
  fixPropositions,
  issueReport,
  listPropositions,
  listReports,
  opinionsFor,
  signOpinion,
  writeOpinion,
} from '../../casework/records/opinions.ts';
export { addExaminer, listExaminers } from '../../casework/records/people.ts';
export { search } from '../../casework/records/search.ts';
export { verifyCase } from '../../casework/verifyCase.ts';
