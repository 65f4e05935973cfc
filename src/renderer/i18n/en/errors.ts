/** Errors by code: what happened, and what the examiner can do about it at this workstation. */
export const errorWords = {
  cancelled: { title: 'Stopped', advice: 'Start it again when you want it to go on.' },
  'usage.invalid': { title: 'That cannot be done like this', advice: 'Check what was entered.' },
  'evidence.not-found': { title: 'The file was not found', advice: 'Check the path; was the medium unplugged?' },
  'evidence.not-a-file': {
    title: 'This is not a regular file',
    advice: 'Choose a file, or use "Add folder" for a folder.',
  },
  'evidence.no-permission': {
    title: 'The file may not be read',
    advice: 'Ask for read permission on the file, or work on a copy.',
  },
  'evidence.empty': { title: 'The file holds no bytes', advice: 'Acquire it again from the source.' },
  'evidence.unsupported': {
    title: 'This format cannot be read',
    advice: 'The README lists the formats that this build reads.',
  },
  'evidence.damaged': {
    title: 'Nothing could be decoded',
    advice: 'Try to acquire the file again; keep the damaged copy.',
  },
  'evidence.changed': {
    title: 'The file changed while it was read',
    advice: 'Something writes to this file. Work on a verified copy.',
  },
  'evidence.too-large': {
    title: 'The picture is above the stated limit',
    advice: 'Examine a crop, or raise the limit in the plan.',
  },
  'evidence.no-content': {
    title: 'There is nothing to examine',
    advice: 'The container holds no picture, video or sound.',
  },
  'evidence.read-failed': { title: 'The medium gave a read error', advice: 'Image it with a recovery tool first.' },
  'evidence.timeout': {
    title: 'Decoding took longer than the limit',
    advice: 'Raise the time limit in the plan, or examine a part.',
  },
  'pack.missing': { title: 'A model pack is missing', advice: 'Import the pack on the screen Models.' },
  'pack.damaged': {
    title: 'A model pack was changed on disk',
    advice: 'Remove it and import it again from its source.',
  },
  'pack.invalid': {
    title: 'This model pack cannot be read',
    advice: 'Ask whoever made the pack; its manifest is not one this version reads.',
  },
  'pack.exists': {
    title: 'The pack is installed already',
    advice: 'Remove the installed one first, or give the new one another id or version.',
  },
  'checkpoint.invalid': {
    title: 'This is not a readable checkpoint',
    advice: 'Compare its SHA-256 with the publisher’s.',
  },
  'checkpoint.hostile': { title: 'The file asks to run code', advice: 'Do not use it; report where it came from.' },
  'checkpoint.mismatch': { title: 'The checkpoint does not fit', advice: 'Check which network it was trained for.' },
  'inference.failed': {
    title: 'The model could not be run',
    advice: 'Choose the provider CPU. If it fails there too, verify the pack.',
  },
  'integrity.mismatch': {
    title: 'A hash does not match',
    advice: 'Keep both versions and find out who changed the file.',
  },
  'case.not-found': {
    title: 'There is no case in this place',
    advice: 'Check the path, or choose a case from the list.',
  },
  'case.exists': {
    title: 'A case lies there already',
    advice: 'Name another folder. An existing case is never overwritten.',
  },
  'case.damaged': {
    title: 'The case is damaged',
    advice: 'Do not work on it. Copy the folder as it is, then restore a backup.',
  },
  'case.newer': {
    title: 'The case is of a newer version',
    advice: 'Open it with the version of Vidimus that wrote it, or a later one.',
  },
  'case.foreign': {
    title: 'This is not a case of Vidimus',
    advice: 'Nothing was changed in it. Choose another folder.',
  },
  'case.locked': {
    title: 'The case is open somewhere else',
    advice: 'Close it in the other window or program; reading is possible meanwhile.',
  },
  'case.passphrase': {
    title: 'The pass phrase is missing or wrong',
    advice: 'Enter the pass phrase. It cannot be recovered.',
  },
  'case.read-only': {
    title: 'The case cannot be written',
    advice: 'Copy the case to a writable medium, or import it into a case of yours.',
  },
  'case.disk-full': {
    title: 'The disk is full',
    advice: 'Free some space and do it again; nothing half-done was kept.',
  },
  'case.chain': {
    title: 'The audit log is broken',
    advice: 'Keep the case as it is and compare it with its last backup, export or time stamp.',
  },
  'case.signing-blocked': {
    title: 'Signing is blocked',
    advice: 'A lasting finding stands against this exhibit; see its custody.',
  },
  'case.unknown': {
    title: 'There is no such record',
    advice: 'Reload the screen; somebody may have changed the case.',
  },
  'case.rule': {
    title: 'Not possible in this state of the case',
    advice: 'The sentence above says which rule stands against it.',
  },
  'case.package': { title: 'The package was changed or is incomplete', advice: 'Ask the sender for it again.' },
  'case.timestamp': {
    title: 'The time stamp does not fit',
    advice: 'Check which request the token answers, and the laboratory’s trust anchor.',
  },
  'evaluation.one-class': {
    title: 'Only one kind of file',
    advice: 'An error rate needs both kinds. Add files to the folders "real" and "fake".',
  },
  'evaluation.too-few': {
    title: 'Too few files',
    advice: 'About 100 of each kind allow "moderate" support, 1,000 "strong".',
  },
  'evaluation.constant': {
    title: 'The method answers the same to everything',
    advice: 'It cannot be measured or calibrated on these files.',
  },
  'evaluation.not-finite': { title: 'A score is not a number', advice: 'Verify the pack that gave it.' },
  'evaluation.duplicate': { title: 'The same bytes lie on both sides', advice: 'Remove or relabel one of the copies.' },
  'evaluation.labels': {
    title: 'The labels cannot be read',
    advice: 'Correct labels.csv (columns path, label, source, system) or the folders.',
  },
  'calibration.useless': {
    title: 'Scores do not go with manipulation here',
    advice: 'Check the labels; do not use the method on such files.',
  },
  'profile.invalid': {
    title: 'The laboratory profile cannot be used',
    advice: 'Remove the profile and calibrate again on the screen Validation.',
  },
  'record.invalid': {
    title: 'The record cannot be trusted',
    advice: 'It was changed, is incomplete, or was signed with another key.',
  },
  'key.passphrase': {
    title: 'The pass phrase does not open the key',
    advice: 'Type it again; it cannot be recovered.',
  },
  'key.unsupported': {
    title: 'This key cannot be used',
    advice: 'Use an RSA (from 2048 bits) or EC key in a PKCS#12 file of current make.',
  },
  'key.damaged': {
    title: 'The key file cannot be read',
    advice: 'Take it from its backup, or have a new certificate issued.',
  },
  'key.exists': {
    title: 'There is a key already',
    advice: 'Name another folder or file. Keys are never overwritten.',
  },
  'certificate.expired': {
    title: 'The certificate has expired',
    advice: 'Have a new one issued; check the clock of this computer.',
  },
  'certificate.not-yet-valid': {
    title: 'The certificate is not valid yet',
    advice: 'Check the clock of this computer, or wait until that day.',
  },
  'certificate.usage': {
    title: 'The certificate is not meant for signatures',
    advice: 'Use one with key usage digitalSignature or nonRepudiation.',
  },
  'signature.document': {
    title: 'This document cannot be signed',
    advice: 'Make the report again; only an intact, unencrypted PDF can be signed.',
  },
  'signature.timestamp': {
    title: 'The time stamp cannot be used',
    advice: 'Check the time stamp server, and which request its answer belongs to.',
  },
  'verify.unreadable': {
    title: 'This cannot be checked',
    advice: 'Give a signed report, a bundle, a result or a validation record of Vidimus.',
  },
  'tool.missing': {
    title: 'A tool is missing on this machine',
    advice: 'The screen Models lists what was found and what is missing.',
  },
  'output.failed': {
    title: 'The result could not be written',
    advice: 'Check free space and write permission of the folder.',
  },
  'engine.crashed': {
    title: 'The engine ended unexpectedly',
    advice: 'It was started again. If the same file does it twice, report it with the log.',
  },
  'engine.unresponsive': {
    title: 'The engine did not answer',
    advice: 'It was stopped and started again. Try the file alone.',
  },
  bug: { title: 'A fault of the program', advice: 'Please report it with the log of this run.' },
} as const;
