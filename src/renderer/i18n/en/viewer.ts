/** Words of the examination. */
export const viewer = { title: 'Examination' } as const;
