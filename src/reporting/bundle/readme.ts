/** The bundle's own README: how to check it without this program. */

/** @param title what the bundle is about, one line. */
export const readmeText = (title: string): string => `${title}

This folder is a bag by BagIt 1.0 (RFC 8493). Its contents lie in data/.

  data/report/        the signed report (PDF), its contents as data (JSON)
  data/results/       the result of every analysis, one JSON document each
  data/evidence.json  names, lengths and hashes of the exhibits
  data/evidence/      the exhibits themselves, where they were included
  data/packs/         manifests of the model packs that were used
  data/audit/         the audit log of the case, one entry per line
  data/case-uco.jsonld  the same facts for other tools (CASE/UCO)

HOW TO CHECK IT
With Vidimus:
  vidimus verify THIS_FOLDER --trust root.crt

Without Vidimus, in this folder, with openssl 3 and coreutils. root.crt is the root certificate of the laboratory.
Get it from the laboratory, not from here.

1. Every file is as it was listed:
  sha256sum --strict --check SHA256SUMS
  (no line may say FAILED; files that are not listed do not belong here, but for SHA256SUMS and its signatures
  and the two tagmanifest files)

2. The list was signed by the examiner (CMS):
  openssl cms -verify -binary -inform DER -in SHA256SUMS.p7s -content SHA256SUMS -CAfile root.crt -purpose any -out signed-list
  (the answer is "CMS Verification successful")

3. The list was signed by the workstation (Ed25519):
  openssl pkeyutl -verify -pubin -inkey keys/ed25519.pub.pem -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig

4. Whose keys these are:
  openssl x509 -in keys/signer.crt -noout -subject -issuer -dates -fingerprint -sha256
  openssl pkey -pubin -in keys/ed25519.pub.pem -outform DER | sha256sum
  Compare both with what the laboratory told you.

5. The report's own signature:
  pdfsig data/report/report.pdf

6. An exhibit you hold is the one that was examined:
  sha256sum EXHIBIT, and compare with data/evidence.json

7. The audit log is one chain: the SHA-256 of each line, without its line end, stands in the next line as "previous".
  tail -n 1 data/audit/audit.jsonl | tr -d '\\n' | sha256sum, and compare with data/audit/head.json
`;
