/** Words of a case and its exhibits. */
export const caseWords = {
  selectAll: 'Select all rows',
  selectRow: 'Select row {{row}}',
} as const;
