import type { errorWords as english } from '../en/errors.ts';
import type { Translation } from '../shape.ts';

export const errorWords: Translation<typeof english> = {
  cancelled: { title: 'Angehalten', advice: 'Starten Sie es neu, wenn es weitergehen soll.' },
  'usage.invalid': { title: 'So geht es nicht', advice: 'Prüfen Sie die Eingaben.' },
  'evidence.not-found': {
    title: 'Die Datei wurde nicht gefunden',
    advice: 'Prüfen Sie den Pfad; wurde der Datenträger abgezogen?',
  },
  'evidence.not-a-file': {
    title: 'Das ist keine gewöhnliche Datei',
    advice: 'Wählen Sie eine Datei, oder „Ordner aufnehmen“ für einen Ordner.',
  },
  'evidence.no-permission': {
    title: 'Die Datei darf nicht gelesen werden',
    advice: 'Bitten Sie um Leserechte, oder arbeiten Sie mit einer Kopie.',
  },
  'evidence.empty': { title: 'Die Datei ist leer', advice: 'Sichern Sie sie noch einmal von der Quelle.' },
  'evidence.unsupported': {
    title: 'Dieses Format kann nicht gelesen werden',
    advice: 'Die README nennt die Formate, die diese Fassung liest.',
  },
  'evidence.damaged': {
    title: 'Nichts ließ sich dekodieren',
    advice: 'Sichern Sie die Datei nach Möglichkeit neu; bewahren Sie die beschädigte auf.',
  },
  'evidence.changed': {
    title: 'Die Datei hat sich beim Lesen verändert',
    advice: 'Etwas schreibt in diese Datei. Arbeiten Sie mit einer geprüften Kopie.',
  },
  'evidence.too-large': {
    title: 'Das Bild überschreitet die Grenze',
    advice: 'Untersuchen Sie einen Ausschnitt, oder erhöhen Sie die Grenze im Plan.',
  },
  'evidence.no-content': {
    title: 'Es gibt nichts zu untersuchen',
    advice: 'Der Container enthält weder Bild noch Video noch Ton.',
  },
  'evidence.read-failed': {
    title: 'Der Datenträger meldet einen Lesefehler',
    advice: 'Sichern Sie ihn zuerst mit einem Rettungswerkzeug.',
  },
  'evidence.timeout': {
    title: 'Das Dekodieren dauerte zu lange',
    advice: 'Erhöhen Sie die Zeitgrenze im Plan, oder untersuchen Sie einen Teil.',
  },
  'pack.missing': { title: 'Ein Modellpaket fehlt', advice: 'Importieren Sie es in der Ansicht Modelle.' },
  'pack.damaged': {
    title: 'Ein Modellpaket wurde verändert',
    advice: 'Entfernen Sie es und importieren Sie es neu von seiner Quelle.',
  },
  'pack.invalid': {
    title: 'Dieses Modellpaket ist nicht lesbar',
    advice: 'Fragen Sie, wer es gemacht hat; diese Fassung liest sein Manifest nicht.',
  },
  'pack.exists': {
    title: 'Das Paket ist schon installiert',
    advice: 'Entfernen Sie zuerst das vorhandene, oder geben Sie dem neuen eine andere Kennung oder Version.',
  },
  'checkpoint.invalid': {
    title: 'Das ist kein lesbarer Checkpoint',
    advice: 'Vergleichen Sie die SHA-256 mit der Angabe der Herausgeber.',
  },
  'checkpoint.hostile': {
    title: 'Die Datei will Code ausführen',
    advice: 'Benutzen Sie sie nicht; melden Sie, woher sie kommt.',
  },
  'checkpoint.mismatch': {
    title: 'Der Checkpoint passt nicht',
    advice: 'Prüfen Sie, für welches Netz er trainiert wurde.',
  },
  'inference.failed': {
    title: 'Das Modell konnte nicht rechnen',
    advice: 'Wählen Sie CPU. Scheitert es auch dort, prüfen Sie das Paket.',
  },
  'integrity.mismatch': {
    title: 'Eine Prüfsumme stimmt nicht',
    advice: 'Bewahren Sie beide Fassungen auf und klären Sie, wer die Datei verändert hat.',
  },
  'case.not-found': {
    title: 'Hier liegt kein Fall',
    advice: 'Prüfen Sie den Pfad, oder wählen Sie einen Fall aus der Liste.',
  },
  'case.exists': {
    title: 'Hier liegt schon ein Fall',
    advice: 'Nennen Sie einen anderen Ordner. Ein Fall wird nie überschrieben.',
  },
  'case.damaged': {
    title: 'Der Fall ist beschädigt',
    advice: 'Arbeiten Sie nicht damit. Kopieren Sie den Ordner, wie er ist, und spielen Sie eine Sicherung ein.',
  },
  'case.newer': {
    title: 'Der Fall stammt von einer neueren Version',
    advice: 'Öffnen Sie ihn mit der Version von Vidimus, die ihn geschrieben hat, oder einer späteren.',
  },
  'case.foreign': {
    title: 'Das ist kein Fall von Vidimus',
    advice: 'Daran wurde nichts verändert. Wählen Sie einen anderen Ordner.',
  },
  'case.locked': {
    title: 'Der Fall ist anderswo geöffnet',
    advice: 'Schließen Sie ihn im anderen Fenster oder Programm; lesen können Sie inzwischen.',
  },
  'case.passphrase': {
    title: 'Das Kennwort fehlt oder ist falsch',
    advice: 'Geben Sie das Kennwort ein. Es lässt sich nicht wiederherstellen.',
  },
  'case.read-only': {
    title: 'In den Fall kann nicht geschrieben werden',
    advice: 'Kopieren Sie ihn auf einen beschreibbaren Datenträger, oder importieren Sie ihn in einen eigenen Fall.',
  },
  'case.disk-full': {
    title: 'Der Datenträger ist voll',
    advice: 'Schaffen Sie Platz und wiederholen Sie den Schritt; nichts Halbes wurde behalten.',
  },
  'case.chain': {
    title: 'Die Protokollkette ist gebrochen',
    advice: 'Lassen Sie den Fall, wie er ist, und vergleichen Sie ihn mit Sicherung, Export oder Zeitstempel.',
  },
  'case.signing-blocked': {
    title: 'Die Unterschrift ist gesperrt',
    advice: 'Gegen dieses Asservat steht eine bleibende Feststellung; siehe Beweismittelkette.',
  },
  'case.unknown': {
    title: 'Diesen Eintrag gibt es nicht',
    advice: 'Laden Sie die Ansicht neu; der Fall kann sich geändert haben.',
  },
  'case.rule': {
    title: 'In diesem Zustand des Falls nicht möglich',
    advice: 'Der Satz oben nennt die Regel, die dagegen steht.',
  },
  'case.package': {
    title: 'Das Paket wurde verändert oder ist unvollständig',
    advice: 'Bitten Sie den Absender, es noch einmal zu schicken.',
  },
  'case.timestamp': {
    title: 'Der Zeitstempel passt nicht',
    advice: 'Prüfen Sie, zu welcher Anfrage er gehört, und den Vertrauensanker des Labors.',
  },
  'evaluation.one-class': {
    title: 'Nur eine Sorte Dateien',
    advice: 'Eine Fehlerrate braucht beide. Legen Sie Dateien in die Ordner „real“ und „fake“.',
  },
  'evaluation.too-few': {
    title: 'Zu wenige Dateien',
    advice: 'Etwa 100 jeder Sorte erlauben „mäßige“ Stützung, 1.000 „starke“.',
  },
  'evaluation.constant': {
    title: 'Das Verfahren antwortet auf alles gleich',
    advice: 'An diesen Dateien kann es weder gemessen noch kalibriert werden.',
  },
  'evaluation.not-finite': { title: 'Ein Wert ist keine Zahl', advice: 'Prüfen Sie das Paket, das ihn geliefert hat.' },
  'evaluation.duplicate': {
    title: 'Dieselben Bytes liegen auf beiden Seiten',
    advice: 'Entfernen Sie eine der Kopien oder ändern Sie ihre Zuordnung.',
  },
  'evaluation.labels': {
    title: 'Die Zuordnung ist nicht lesbar',
    advice: 'Berichtigen Sie labels.csv (Spalten path, label, source, system) oder die Ordner.',
  },
  'calibration.useless': {
    title: 'Hohe Werte gehen hier nicht mit Manipulation einher',
    advice: 'Prüfen Sie die Zuordnung; benutzen Sie das Verfahren nicht für solche Dateien.',
  },
  'profile.invalid': {
    title: 'Das Laborprofil ist nicht brauchbar',
    advice: 'Entfernen Sie es und kalibrieren Sie neu in der Ansicht Validierung.',
  },
  'record.invalid': {
    title: 'Dem Nachweis ist nicht zu trauen',
    advice: 'Er wurde verändert, ist unvollständig oder mit einem anderen Schlüssel unterschrieben.',
  },
  'key.passphrase': {
    title: 'Die Passphrase öffnet den Schlüssel nicht',
    advice: 'Geben Sie sie noch einmal ein; sie kann nicht wiederhergestellt werden.',
  },
  'key.unsupported': {
    title: 'Dieser Schlüssel kann nicht verwendet werden',
    advice: 'Verwenden Sie einen RSA- (ab 2048 Bit) oder EC-Schlüssel in einer PKCS#12-Datei heutiger Machart.',
  },
  'key.damaged': {
    title: 'Die Schlüsseldatei ist nicht lesbar',
    advice: 'Nehmen Sie sie aus der Sicherung, oder lassen Sie ein neues Zertifikat ausstellen.',
  },
  'key.exists': {
    title: 'Hier liegt schon ein Schlüssel',
    advice: 'Nennen Sie einen anderen Ordner oder eine andere Datei. Schlüssel werden nie überschrieben.',
  },
  'certificate.expired': {
    title: 'Das Zertifikat ist abgelaufen',
    advice: 'Lassen Sie ein neues ausstellen; prüfen Sie die Uhr dieses Rechners.',
  },
  'certificate.not-yet-valid': {
    title: 'Das Zertifikat gilt noch nicht',
    advice: 'Prüfen Sie die Uhr dieses Rechners, oder warten Sie bis zu diesem Tag.',
  },
  'certificate.usage': {
    title: 'Das Zertifikat ist nicht für Signaturen bestimmt',
    advice: 'Verwenden Sie eines mit der Schlüsselverwendung digitalSignature oder nonRepudiation.',
  },
  'signature.document': {
    title: 'Dieses Dokument kann nicht signiert werden',
    advice: 'Erstellen Sie den Bericht neu; nur ein unversehrtes, unverschlüsseltes PDF kann signiert werden.',
  },
  'signature.timestamp': {
    title: 'Der Zeitstempel ist nicht brauchbar',
    advice: 'Prüfen Sie den Zeitstempelserver und zu welcher Anfrage seine Antwort gehört.',
  },
  'verify.unreadable': {
    title: 'Das kann nicht geprüft werden',
    advice:
      'Geben Sie einen signierten Bericht, ein Bündel, ein Ergebnis oder einen Validierungsnachweis von Vidimus an.',
  },
  'tool.missing': {
    title: 'Auf diesem Rechner fehlt ein Werkzeug',
    advice: 'Die Ansicht Modelle zeigt, was gefunden wurde und was fehlt.',
  },
  'output.failed': {
    title: 'Das Ergebnis ließ sich nicht schreiben',
    advice: 'Prüfen Sie freien Platz und Schreibrechte des Ordners.',
  },
  'engine.crashed': {
    title: 'Die Maschine ist unerwartet beendet worden',
    advice: 'Sie wurde neu gestartet. Geschieht es mit derselben Datei wieder, melden Sie es mit dem Protokoll.',
  },
  'engine.unresponsive': {
    title: 'Die Maschine antwortete nicht',
    advice: 'Sie wurde angehalten und neu gestartet. Versuchen Sie die Datei allein.',
  },
  bug: { title: 'Ein Fehler des Programms', advice: 'Bitte melden Sie ihn mit dem Protokoll dieses Laufs.' },
};
