/** The mark: an eye inside a seal. */
export function Mark() {
  return (
    <svg width="22" height="22" viewBox="0 0 24 24" fill="none" stroke="var(--vidimus-accent-text)" aria-hidden="true">
      <circle cx="12" cy="12" r="10.5" strokeWidth="1.6" strokeDasharray="2.4 1.1" />
      <path d="M5.2 12c1.9-3 4.2-4.4 6.8-4.4s4.9 1.4 6.8 4.4c-1.9 3-4.2 4.4-6.8 4.4S7.1 15 5.2 12Z" strokeWidth="1.6" />
      <circle cx="12" cy="12" r="1.9" fill="var(--vidimus-accent-text)" stroke="none" />
    </svg>
  );
}
